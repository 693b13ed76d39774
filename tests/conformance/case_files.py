"""Case files: what to run, written compactly. `README.md` beside this file describes the format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ACTIONS = ("test", "call", "invoke", "run", "pf", "python")
SHARED = ("flow", "files", "connections", "model", "environment", "data", "with", "show", "real")
OWN = ("id", "rule", "spec", "trap", "vectors", *ACTIONS, *SHARED)
TOOL = "from promptflow.core import ToolProvider, log_metric, tool\n\n\n"


@dataclass(frozen=True)
class Case:
    """One flow and one act on it. `differs` says what we answer where we deliberately do not answer the same."""

    topic: str
    name: str
    rule: str
    action: str
    act: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    connections: tuple[Mapping[str, Any], ...] = ()
    model: tuple[Any, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    real: bool = False
    spec: str = ""
    trap: str = ""
    differs: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        return f"{self.topic}/{self.name}"

    @property
    def fingerprint(self) -> str:
        """Changes with everything that can change the original's answer."""
        files = {path: content.hex() for path, content in self.files.items()}
        parts = [self.action, self.act, self.options, files, self.connections, self.model, self.environment, self.show]
        return hashlib.sha256(json.dumps([*parts, self.real], default=str).encode()).hexdigest()[:16]

    def job(self, folder: Path, server: str) -> dict[str, Any]:
        """What the driver needs, with the model server's address filled in."""
        job = {
            "id": self.id,
            "folder": str(folder),
            "action": self.action,
            "act": self.act,
            "options": dict(self.options),
            "connections": list(self.connections),
            "environment": dict(self.environment),
            "show": list(self.show),
            "real": self.real,
        }
        filled: dict[str, Any] = json.loads(_filled(json.dumps(job), folder, server))
        return filled

    def lay_out(self, folder: Path, server: str) -> None:
        """Write the files: paths are relative to `flow/`, so `../data.jsonl` stands beside it."""
        (folder / "flow").mkdir(parents=True)
        for path, content in self.files.items():
            file = folder / "flow" / path
            file = Path(folder, *file.relative_to(folder).parts[2:]) if path.startswith("../") else file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_filled(content.decode("latin-1"), folder, server).encode("latin-1"))


def _filled(text: str, folder: Path, server: str) -> str:
    for name, value in (("{server}", server), ("{case}", str(folder)), ("{slug}", folder.name)):
        text = text.replace(name, value)
    return text


def topics() -> list[str]:
    return sorted(file.stem for file in (HERE / "cases").glob("*.yaml"))


def read_topic(topic: str) -> list[Case]:
    document = yaml.safe_load((HERE / "cases" / f"{topic}.yaml").read_text(encoding="utf-8"))
    shared = {key: document[key] for key in SHARED if key in document}
    cases = [case for entry in document["cases"] for case in _cases(topic, shared, entry)]
    cases = [replace(case, differs=differences().get(case.id)) for case in cases]
    names = [case.name for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"{topic}.yaml: these cases are there twice: {sorted(twice)}.")
    return cases


@cache
def differences() -> dict[str, dict[str, Any]]:
    """Where we deliberately answer otherwise, by the case's id: our `answer`, and `why`."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "differences.yaml").read_text(encoding="utf-8"))
    return entries


def rewordings() -> list[dict[str, str]]:
    """Sentences that we end in other words, each with its reason: `original`, `ours`, `why`."""
    entries: list[dict[str, str]] = yaml.safe_load((HERE / "rewordings.yaml").read_text(encoding="utf-8"))
    return entries


def reworded(answer: Any, entries: Sequence[Mapping[str, str]]) -> Any:
    """The original's answer in our words."""
    if isinstance(answer, dict):
        return {key: reworded(value, entries) for key, value in answer.items()}
    if isinstance(answer, list):
        return [reworded(item, entries) for item in answer]
    if isinstance(answer, str):
        for entry in entries:
            answer = answer.replace(entry["original"], entry["ours"])
    return answer


def open_cases() -> set[str]:
    """Cases whose part of the program is still being built; empty when all is done."""
    file = HERE / "open_cases.txt"
    return set(file.read_text(encoding="utf-8").split()) if file.is_file() else set()


def _cases(topic: str, shared: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[Case]:
    unknown = set(entry) - set(OWN)
    actions = [action for action in ACTIONS if action in entry]
    if unknown or len(actions) != 1:
        raise ValueError(f"{topic}.yaml, case {entry.get('id')}: keys {sorted(unknown)}, actions {actions}.")
    action = actions[0]
    if "vectors" not in entry:
        yield _case(topic, shared, entry, action, entry[action], entry["id"])
        return
    for suffix, value in entry["vectors"].items():
        act = value if entry[action] is None else _fill(entry[action], value)
        yield _case(topic, shared, entry, action, act, f"{entry['id']}:{suffix}")


def _fill(template: Any, value: Any) -> Any:
    """The template with the one text `VALUE` replaced; inside a longer text by the value's text."""
    if template == "VALUE":
        return value
    if isinstance(template, str):
        return template.replace("VALUE", str(value))
    if isinstance(template, dict):
        return {key: _fill(item, value) for key, item in template.items()}
    return [_fill(item, value) for item in template] if isinstance(template, list) else template


def _case(topic: str, shared: Mapping[str, Any], entry: Mapping[str, Any], action: str, act: Any, name: str) -> Case:
    merged = {**shared, **entry}
    contents = {**(shared.get("files") or {}), **(entry.get("files") or {})}
    if merged.get("flow") is not None:
        contents.setdefault("flow.dag.yaml", merged["flow"])
    if merged.get("data") is not None:
        contents["../data.jsonl"] = merged["data"]
    return Case(
        topic=topic,
        name=name,
        rule=entry["rule"],
        action=action,
        act=act,
        options=merged.get("with") or {},
        files={path: _content(path, content) for path, content in contents.items() if content is not None},
        connections=tuple(merged.get("connections") or ()),
        model=tuple(merged.get("model") or ()),
        environment=merged.get("environment") or {},
        show=tuple(merged.get("show") or ()),
        real=bool(merged.get("real")),
        spec=str(entry.get("spec", "")),
        trap=str(entry.get("trap", "")),
    )


def _content(path: str, content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, list) and path.endswith(".jsonl"):
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content).encode()
    if path.endswith((".yaml", ".yml")) and isinstance(content, dict):
        whole = _whole_flow(content) if path.endswith("flow.dag.yaml") else content
        return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=1000).encode()
    if not isinstance(content, str):
        return json.dumps(content, indent=1, ensure_ascii=False).encode()
    if path.endswith(".py") and content.startswith("@tool"):
        content = TOOL + content
    return content.encode()


def _whole_flow(flow: Mapping[str, Any]) -> dict[str, Any]:
    """The flow with the short forms of inputs, outputs and nodes written out."""
    whole = dict(flow)
    whole["inputs"] = {
        name: {"type": given} if isinstance(given, str) else given for name, given in (flow.get("inputs") or {}).items()
    }
    whole["outputs"] = {
        name: {"type": "string", "reference": given} if isinstance(given, str) else given
        for name, given in (flow.get("outputs") or {}).items()
    }
    nodes = flow.get("nodes") or []
    if isinstance(nodes, dict):
        nodes = [_whole_node(name, node or {}) for name, node in nodes.items()]
    whole["nodes"] = nodes
    return whole


def _whole_node(name: str, node: Mapping[str, Any]) -> dict[str, Any]:
    kind = node.get("type", "python")
    path = f"{name}.py" if kind == "python" else f"{name}.jinja2"
    return {"name": name, "type": kind, "source": {"type": "code", "path": path}, **node}
