"""`pf reuse …`: the answers of models that runs have kept, and that `--reuse` answers from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from pfstudio.cli import arguments, output
from pfstudio.errors import NotFoundError

if TYPE_CHECKING:
    from pfstudio.models.reuse import AnswerStore

_EXAMPLES = """\
examples:
  pf reuse show
  pf reuse list --contains "capital of"
  pf reuse show --key 3f9a
  pf reuse clear
"""
_SHOWN = 200


class UnknownKeyError(NotFoundError):
    def __init__(self, key: str) -> None:
        super().__init__(f"No kept answer, or more than one, has a key that begins with '{key}'. See `pf reuse list`.")


def add_commands(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "reuse", "Show and delete kept answers of models.")
    parser = arguments.add_command(group, "pf.reuse.show", "Show how much is kept, or one answer whole.", show)
    parser.epilog = _EXAMPLES
    parser.add_argument("--key", help="The beginning of an answer's key.")
    parser = arguments.add_command(group, "pf.reuse.list", "List what is kept, newest first.", list_kept)
    parser.epilog = _EXAMPLES
    parser.add_argument("-r", "--max-results", type=int, default=50, metavar="N", help="At most so many; default: 50.")
    parser.add_argument("--model", help="Only calls of this model.")
    parser.add_argument("--contains", metavar="TEXT", help="Only those in which this text was asked or answered.")
    parser = arguments.add_command(group, "pf.reuse.clear", "Delete what is kept, or one answer.", clear)
    parser.epilog = _EXAMPLES
    parser.add_argument("--key", help="The beginning of an answer's key.")


def show(args: argparse.Namespace) -> None:
    store = _store()
    if args.key:
        output.print_json(store.value(_whole_key(store, args.key)), ascii_only=False)
        return
    from dataclasses import asdict

    output.print_json({**asdict(store.summary()), "folder": str(store.folder)})


def list_kept(args: argparse.Namespace) -> None:
    found = (value for value in _store().values() if _matches(value, args.model, args.contains))
    output.print_json([_shown(value) for value in islice(found, max(args.max_results, 0))], ascii_only=False)


def clear(args: argparse.Namespace) -> None:
    store = _store()
    if args.key:
        key = _whole_key(store, args.key)
        store.delete(key)
        output.print_json({"deleted": 1, "key": key})
        return
    there_were = store.clear()
    output.print_json({"deleted": there_were.calls + there_were.nodes, "bytes": there_were.bytes})


def _store() -> AnswerStore:
    from pfstudio.models.reuse import AnswerStore
    from pfstudio.sdk.model_calls import answers_folder

    return AnswerStore(answers_folder())


def _whole_key(store: AnswerStore, beginning: str) -> str:
    found = [key for key, _ in store.entries() if key.startswith(beginning)]
    if len(found) != 1:
        raise UnknownKeyError(beginning)
    return found[0]


def _matches(value: Mapping[str, Any], model: str | None, text: str | None) -> bool:
    if model is not None and _model(value) != model:
        return False
    return text is None or any(text in part for part in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    """Every text anywhere in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _model(value: Mapping[str, Any]) -> str:
    body = value.get("body")
    return str(body.get("model") or "") if isinstance(body, Mapping) else ""


def _shown(value: Mapping[str, Any]) -> dict[str, Any]:
    from datetime import datetime

    made = datetime.fromtimestamp(float(value.get("created") or 0)).astimezone().isoformat(timespec="seconds")
    entry: dict[str, Any] = {"key": value["key"], "created": made}
    if "node" in value:
        return {**entry, "node": value["node"], "output": _short(value.get("output"))}
    answered = value.get("answer", value.get("stream", value.get("text", "")))
    return {
        **entry,
        "url": value.get("url"),
        "model": _model(value),
        "tokens": value.get("tokens"),
        "asked": _short(_asked(value.get("body"))),
        "answered": _short(answered),
    }


def _asked(body: Any) -> Any:
    if not isinstance(body, Mapping):
        return body
    return body.get("messages") or body.get("prompt") or body.get("input") or body


def _short(value: Any) -> str:
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
