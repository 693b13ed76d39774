"""Tool calls of the demo model: the tool whose description fits, with arguments read out of what was said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pfstudio.kit.json_values import JsonValue
from pfstudio.models.demo.json_answers import fill_schema
from pfstudio.models.demo.prompts import Prompt
from pfstudio.models.demo.texts import terms


def wanted_call(asked: Mapping[str, Any], prompt: Prompt) -> tuple[str, str] | None:
    """Name and arguments (JSON) of the function to call; None where the answer is to be text."""
    last = asked["messages"][-1]
    functions = offered_functions(asked)
    choice = asked.get("tool_choice") or asked.get("function_call") or "auto"
    if not functions or choice == "none" or last.get("role") in ("tool", "function"):
        return None
    function = _chosen(functions, choice) or _fitting(functions, prompt.last, must=choice == "required")
    if function is None:
        return None
    arguments = fill_schema(function.get("parameters") or {"type": "object"}, Prompt([("user", prompt.last)]), "")
    return str(function["name"]), json.dumps(_trimmed(arguments), ensure_ascii=False)


def offered_functions(asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The functions the request describes, in `tools` or in the older `functions`."""
    tools = asked.get("tools")
    if isinstance(tools, list) and tools:
        return [tool["function"] for tool in tools if isinstance(tool, Mapping) and "function" in tool]
    functions = asked.get("functions")
    return [function for function in functions if isinstance(function, Mapping)] if isinstance(functions, list) else []


def _chosen(functions: Sequence[Mapping[str, Any]], choice: Any) -> Mapping[str, Any] | None:
    named = choice.get("function", choice).get("name") if isinstance(choice, Mapping) else None
    return next((function for function in functions if function["name"] == named), None)


def _fitting(functions: Sequence[Mapping[str, Any]], text: str, *, must: bool) -> Mapping[str, Any] | None:
    said = set(terms(text))
    scored = [(len(said & set(terms(_described(function)))), -index) for index, function in enumerate(functions)]
    best, index = max(scored)
    return functions[-index] if best > 0 or must else None


def _described(function: Mapping[str, Any]) -> str:
    parameters = function.get("parameters") or {}
    names = " ".join(parameters.get("properties") or {}) if isinstance(parameters, Mapping) else ""
    return f"{function['name']} {function.get('description', '')} {names}".replace("_", " ")


def _trimmed(value: JsonValue) -> JsonValue:
    """Sentences taken as arguments without their last full stop or question mark."""
    if isinstance(value, Mapping):
        return {key: _trimmed(item) for key, item in value.items()}
    return value.rstrip(" .?!") if isinstance(value, str) else value
