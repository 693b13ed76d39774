"""`run.yaml`: a run written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Final

from pfstudio.errors import NotFoundError, UserErrorException
from pfstudio.flow.yaml_reader import YamlMap, plain, read_yaml
from pfstudio.sdk.runs.entity import Run

_KEYS: Final = frozenset(
    {
        "$schema", "name", "display_name", "description", "tags", "flow", "data", "run", "column_mapping", "variant",
        "connections", "environment_variables", "init", "properties", "resources", "identity", "runtime",
        "environment", "resume_from", "code",
    }
)  # fmt: skip
_MAPPINGS: Final = ("tags", "column_mapping", "connections")


class RunFileNotFoundError(NotFoundError):
    def __init__(self, path: object) -> None:
        super().__init__(f"No such file or directory: {path}")


class RunFileError(UserErrorException):
    """The file is there but describes no run."""


def load_run(
    source: str | Path | IO[str],
    params_override: Iterable[Mapping[str, Any]] | None = None,
    **_: Any,
) -> Run:
    """The run that a YAML file describes. Paths in it are relative to the file; `params_override` wins.

    Raises:
        RunFileNotFoundError: there is no such file.
        RunFileError: it is no YAML mapping, or a value has the wrong kind; with its line.
    """
    content, file, base = _content(source)
    document = read_yaml(content, file)
    if not isinstance(document, YamlMap):
        raise RunFileError("A run file holds a mapping of keys to values.", file=file, line=1)
    for key in _MAPPINGS:
        if document.get(key) is not None and not isinstance(document[key], dict):
            raise RunFileError(f"'{key}' takes a mapping.", file=file, line=document.line_of(key))
    values: dict[str, Any] = plain(document)
    for override in params_override or ():
        for key, value in override.items():
            _place(values, key, value)
    return run_of(values, base)


def run_of(values: Mapping[str, Any], base: Path) -> Run:
    """The run that some values describe; relative paths count from `base`."""
    known = {key: value for key, value in values.items() if key in _KEYS}
    known["flow"] = _path(known.get("flow"), base, is_flow=True)
    known["data"] = _path(known.get("data"), base)
    for key in ("init", "environment_variables"):
        if isinstance(known.get(key), str):
            known[key] = str(base / known[key])
    fields = (
        "flow", "name", "data", "variant", "run", "column_mapping", "display_name", "description", "tags",
        "environment_variables", "connections", "init", "resume_from", "code",
    )  # fmt: skip
    run = Run(**{key: known.get(key) for key in fields})
    if isinstance(run.init, str):
        from pfstudio.sdk.test_inputs import read_inputs

        run.init = read_inputs(run.init)
    if run.flow is not None:
        run._flow_name = Path(str(run.flow)).name
    return run


def unknown_keys(source: str | Path) -> list[str]:
    """Top-level keys of a file that mean nothing; they are ignored."""
    content, file, _ = _content(source)
    document = read_yaml(content, file)
    return [str(key) for key in document if key not in _KEYS] if isinstance(document, dict) else []


def _content(source: str | Path | IO[str]) -> tuple[bytes, str, Path]:
    if not isinstance(source, str | Path):
        name = getattr(source, "name", None)
        base = Path(name).absolute().parent if isinstance(name, str) else Path.cwd()
        return source.read().encode("utf-8"), name or "run.yaml", base
    path = Path(source)
    try:
        return path.read_bytes(), str(source), path.absolute().parent
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise RunFileNotFoundError(source) from error


def _path(value: Any, base: Path, *, is_flow: bool = False) -> Any:
    if not isinstance(value, str) or not value:
        return value
    if "://" in value or value.startswith("azureml:"):
        raise RunFileError(f"'{value}' is in the cloud; a run takes files of this machine.")
    path = base / value
    if is_flow and ":" in value and not path.exists():
        return value  # `module:entry`.
    return str(path.resolve())


def _place(values: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key; of a key that holds a mapping, the last part."""
    *parents, last = key.split(".") if key.partition(".")[0] in ("tags", "column_mapping", "connections") else [key]
    inner = values
    for part in parents:
        inner = inner.setdefault(part, {}) if isinstance(inner.get(part, {}), dict) else {}
    inner[last] = value
