"""`flows.validate`: everything that is wrong with a flow, in the original's shape. Runs nothing and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import ValidationException
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.kinds import flow_kind
from pfstudio.flow.loader import find_flow_file
from pfstudio.flow.validation import Problem, check_flow
from pfstudio.flow.yaml_reader import Place, YamlList, YamlMap, plain, read_yaml
from pfstudio.sdk.missing_modules import missing_modules
from pfstudio.sdk.missing_tools import missing_tools


@dataclass(frozen=True)
class FlowValidation:
    """What was found. `repr()` is JSON, as `pf flow validate` prints it."""

    file: Path
    problems: tuple[Problem, ...]
    document: Any = None

    @property
    def passed(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)

    @property
    def error_messages(self) -> dict[str, str]:
        """Messages by the place in the YAML."""
        messages: dict[str, str] = {}
        for entry in self._entries("error"):
            path = entry["path"]
            messages[path] = f"{messages[path]}; {entry['message']}" if path in messages else entry["message"]
        return messages

    def to_dict(self) -> dict[str, Any]:
        result: dict[str, Any] = {"result": "Succeeded" if self.passed else "Failed"}
        for key, severity in (("errors", "error"), ("warnings", "warning")):
            if entries := list(self._entries(severity)):
                result[key] = entries
        return result

    def __repr__(self) -> str:
        import json

        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, default=str)

    def _entries(self, severity: str) -> Iterator[dict[str, Any]]:
        for problem in self.problems:
            if problem.severity == severity:
                keys, value = self._place(problem)
                path = ".".join(str(key) for key in keys) or "*"
                entry = {"message": problem.message, "path": path, "value": plain(value), "yaml_path": path}
                location = (self.file.parent / problem.file).as_posix()
                yield {**entry, "location": f"{location}#line {problem.line}"}

    def _place(self, problem: Problem) -> tuple[list[Any], Any]:
        """The keys that lead to what the problem is about, and its value."""
        if problem.file == self.file.name:
            return _narrowed(*_keys_at(self.document, problem.line), problem.message)
        nodes = self.document.get("nodes") if isinstance(self.document, dict) else None
        for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
            source = node.get("source") if isinstance(node, dict) else None
            if isinstance(source, dict) and source.get("path") == problem.file:
                return ["nodes", number, "source", "path"], problem.file
        return [], None


def validate_flow(flow: str | Path, *, raise_error: bool = False) -> FlowValidation:
    """Check a flow of any kind.

    Raises:
        FlowPathError: there is no flow.
        ValidationException: with `raise_error`, there are errors: all by place, with the first one's file and line.
    """
    file = find_flow_file(Path(flow)).absolute()
    files = FolderFiles(file.parent)
    result = FlowValidation(file, tuple(_problems(files, file.name)), _document(file))
    errors = [problem for problem in result.problems if problem.severity == "error"]
    if raise_error and errors:
        message = f"Schema validation failed: {result.error_messages}"
        raise ValidationException(message, file=errors[0].file, line=errors[0].line)
    return result


def _problems(files: FolderFiles, name: str) -> Iterator[Problem]:
    try:
        kind = flow_kind(files, name)
    except PromptflowException as error:
        yield _problem(error, name)
        return
    if kind == "dag":
        checked = check_flow(files, name)
        yield from checked.problems
        if checked.flow is not None:
            yield from missing_modules(checked.flow, files.root)
            yield from missing_tools(checked.flow)
        return
    from pfstudio.flow.entry_validation import check_flex, check_prompty

    yield from check_flex(files, name) if kind == "flex" else check_prompty(files, name)


def _problem(error: PromptflowException, file: str) -> Problem:
    return Problem(error.file or file, error.line or 1, getattr(error, "column", 1), "error", error.code, error.message)


def _document(file: Path) -> Any:
    if file.suffix == ".prompty":
        return None
    try:
        return read_yaml(file.read_bytes(), file.name)
    except (PromptflowException, OSError):
        return None


def _keys_at(value: Any, line: int) -> tuple[list[Any], Any]:
    """The keys to the first value that begins on the line; else to the innermost one that encloses it."""
    if isinstance(value, YamlMap):
        places = [(key, value.key_places[key]) for key in value]
    elif isinstance(value, YamlList):
        places = [*enumerate(value.places)]
    else:
        return [], value
    chosen = _last_before(places, line)
    if chosen is None:
        return [], value
    inner = value[chosen]
    starts = dict(places)[chosen].line
    if starts == line and not _continues(inner, line):
        return [chosen], inner
    keys, found = _keys_at(inner, line)
    return [chosen, *keys], found


def _narrowed(keys: list[Any], value: Any, message: str) -> tuple[list[Any], Any]:
    """One level deeper where the message names the value of exactly one entry."""
    if not isinstance(value, YamlMap):
        return keys, value
    named = [key for key, item in value.items() if isinstance(item, str | int) and f"'{item}'" in message]
    if len(named) != 1:
        inner = value.get("source")
        return (
            _narrowed([*keys, "source"], inner, message) if isinstance(inner, YamlMap) and not named else (keys, value)
        )
    return [*keys, named[0]], value[named[0]]


def _last_before(places: list[tuple[Any, Place]], line: int) -> Any:
    on_line = [key for key, place in places if place.line == line]
    if on_line:
        return on_line[0]
    before = [key for key, place in places if place.line < line]
    return before[-1] if before else None


def _continues(value: Any, line: int) -> bool:
    """Whether a container has an entry of its own on that line, as the first key of a list item has."""
    if isinstance(value, YamlMap):
        return False
    return isinstance(value, YamlList) and any(place.line == line for place in value.places)
