"""`flows.save` and `flows.infer_signature`: a function or class becomes a flow folder, or tells its ports."""

from __future__ import annotations

import inspect
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.engine.flex_entry import import_entry, signature_of
from pfstudio.engine.flex_signature import infer_signature as signature_of_callable
from pfstudio.engine.workspace import Workspace
from pfstudio.errors import UserErrorException
from pfstudio.flow.entry_errors import InvalidFlexFlowEntry, SignatureMismatchError
from pfstudio.flow.entry_signature import PORT_KINDS, EntrySignature
from pfstudio.flow.flex import flex_of_entry, is_entry
from pfstudio.sdk.entries import entry_of

FLOW_FILE = "flow.flex.yaml"
_SAMPLE_FILE = "sample.json"
_PROMPTY_INIT = {
    "configuration": {"type": "object"},
    "parameters": {"type": "object"},
    "api": {"type": "string", "default": "chat"},
    "response": {"type": "string", "default": "first"},
}


@dataclass(frozen=True, slots=True)
class _Source:
    """What is saved: the entry's text, its code's folder, the one file of it that counts (or all), its signature."""

    entry: str
    folder: Path
    only: str | None
    signature: EntrySignature


def infer_signature(entry: Any, *, include_primitive_output: bool = False, **_: Any) -> dict[str, Any]:
    """What an entry takes and gives, as a flow file has it: `inputs`, `outputs`, `init`.

    Raises:
        UserErrorException: it is neither a function, a class, a flex flow nor a prompty, or a type cannot be a port's.
    """
    from pfstudio.sdk.flow_function import FlexFlow
    from pfstudio.sdk.prompty import Prompty

    if isinstance(entry, Prompty):
        return _prompty_signature(entry, include_primitive_output=include_primitive_output)
    if isinstance(entry, FlexFlow):
        return _imported(entry.entry, entry.code).to_fields(with_output=include_primitive_output)
    if inspect.isclass(entry) or inspect.isfunction(entry):
        return signature_of_callable(entry).to_fields(with_output=include_primitive_output)
    raise UserErrorException(f"Invalid entry {type(entry).__name__}, only support callable object or prompty.")


def _prompty_signature(prompty: Any, *, include_primitive_output: bool) -> dict[str, Any]:
    outputs = {name: dict(fields) for name, fields in prompty.output_fields().items()}
    if not outputs and include_primitive_output:
        outputs = {"output": {"type": "string"}}
    fields = {"inputs": prompty.input_fields(), "outputs": outputs, "init": _PROMPTY_INIT}
    return {kind: {name: dict(item) for name, item in ports.items()} for kind, ports in fields.items() if ports}


def save_flow(
    entry: str | Callable[..., Any],
    code: str | Path | None = None,
    path: str | Path | None = None,
    *,
    python_requirements_txt: str | Path | None = None,
    image: str | None = None,
    signature: Mapping[str, Any] | None = None,
    sample: Mapping[str, Any] | str | Path | None = None,
    **_: Any,
) -> Path:
    """Write the flow folder of an entry: its code is copied to `path`, or gets its flow file where it is. Returns it.

    Raises:
        UserErrorException: there is no such entry, or the folder cannot be made of what is given.
    """
    source = _source(entry, code)
    data: dict[str, Any] = {**_merged(source.signature, signature or {}), "entry": source.entry}
    environment = {"python_requirements_txt": _requirements(python_requirements_txt, source.folder), "image": image}
    if any(environment.values()):
        data["environment"] = {key: value for key, value in environment.items() if value}
    shown = _checked_sample(sample, data.get("inputs", {})) if sample else None
    target = _copied(source, Path(path)) if path else source.folder
    if python_requirements_txt:
        shutil.copy(python_requirements_txt, target / Path(python_requirements_txt).name)
    if shown is not None:
        (target / _SAMPLE_FILE).write_text(json.dumps(shown, indent=4), encoding="utf-8")
        data["sample"] = f"${{file:{_SAMPLE_FILE}}}"
    (target / FLOW_FILE).write_text(as_yaml(data), encoding="utf-8")
    return target


def as_yaml(data: Mapping[str, Any]) -> str:
    """The text of a flow file."""
    import yaml

    return str(yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True))


def _source(entry: str | Callable[..., Any], code: str | Path | None) -> _Source:
    if not isinstance(entry, str):
        if code is not None:
            raise UserErrorException(
                "Code path will be the parent of entry source and can't be customized when entry is a callable."
            )
        if not (inspect.isclass(entry) or inspect.isfunction(entry)):
            raise UserErrorException("Entry must be a function or a class.")
        text, folder = entry_of(entry)
        return _Source(text, folder, None, signature_of(entry))
    folder = Path(code) if code is not None else Path.cwd()
    if not folder.exists():
        raise UserErrorException(f"Specified code {folder} does not exist.")
    only = None
    if folder.is_file():
        folder, only, entry = folder.parent, folder.name, f"{folder.stem}:{entry}"
    if not is_entry(entry):
        raise InvalidFlexFlowEntry(f"Entry {entry} is not a valid entry for flow.")
    folder = folder.resolve()
    return _Source(entry, folder, only, _imported(entry, folder))


def _imported(entry: str, folder: Path) -> EntrySignature:
    with Workspace(folder, {}):
        return signature_of(import_entry(flex_of_entry(entry), folder))


def _merged(inferred: EntrySignature, given: Mapping[str, Any]) -> dict[str, Any]:
    known = inferred.to_fields()
    for kind in PORT_KINDS:
        if kind not in given:
            continue
        if kind not in known:
            raise SignatureMismatchError.of_kind(kind)
        if set(known[kind]) != set(given[kind]):
            raise SignatureMismatchError.of_ports(kind, given[kind], known[kind])
        known[kind] = dict(given[kind])
    return known


def _requirements(given: str | Path | None, folder: Path) -> str | None:
    if given is None:
        return "requirements.txt" if (folder / "requirements.txt").is_file() else None
    name = Path(given).name
    if (folder / name).exists():
        raise UserErrorException(f"Specified requirements file {name} already exists in code, please rename it.")
    return name


def _checked_sample(sample: Mapping[str, Any] | str | Path, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    value = sample if isinstance(sample, Mapping) else json.loads(Path(sample).read_text(encoding="utf-8-sig"))
    shown = value.get("inputs", {}) if isinstance(value, Mapping) else None
    if not isinstance(shown, Mapping):
        raise UserErrorException("Sample must be a dict.")
    if set(shown) != set(inputs):
        raise UserErrorException(f"Sample keys {', '.join(shown)} do not match the inputs {', '.join(inputs)}.")
    return dict(value)


def _copied(source: _Source, target: Path) -> Path:
    if target.exists() and any(target.iterdir()):
        raise UserErrorException(f"Target path {target.as_posix()} exists and is not empty.")
    if source.only is not None:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source.folder / source.only, target / source.only)
        return target
    shutil.copytree(source.folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return target
