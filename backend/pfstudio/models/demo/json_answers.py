"""JSON answers of the demo model: the keys a prompt or a schema asks for, filled from the material."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pfstudio.models.demo.choices import agreement, is_yes_no, pick_choice, pick_score, pick_yes_no
from pfstudio.models.demo.extraction import extract, kind_of, kinds_in
from pfstudio.models.demo.prompts import Prompt, choices_in, listed, parts_of
from pfstudio.models.demo.texts import best_sentence, leading_sentences, most_frequent, sentences, terms

_CHOICE_KEY: Final = re.compile(r"categor|label|class|topic|intent|type|team|sentiment|priority|verdict|decision")
_SCORE_KEY: Final = re.compile(r"score|rating|grade|confidence|stars|probability|relevance")
_REASON_KEY: Final = re.compile(r"reason|explanation|rationale|why|comment|justification|thought")
_SUMMARY_KEY: Final = re.compile(r"summary|title|subject|headline|abstract|gist")
_KEY_LIST: Final = re.compile(r"\b(?:keys?|fields?|properties|attributes)\b[^:\n]{0,30}?:?\s+([^\n]+)", re.IGNORECASE)

TextAnswer = Callable[[Prompt], str]


def wants_json(prompt: Prompt, response_format: object) -> bool:
    """Whether the answer is to be JSON, by the request's own word or by the prompt's."""
    kind = response_format.get("type") if isinstance(response_format, Mapping) else response_format
    return kind in ("json_object", "json_schema") or prompt.says(r"\bJSON\b")


def answer_json(prompt: Prompt, response_format: object, text_answer: TextAnswer) -> str:
    """The JSON text. Its shape is the schema's, else that of the last example in the prompt, else its list of keys."""
    schema = _schema_of(response_format)
    if schema:
        value: Any = fill_schema(schema, prompt, "")
    elif prompt.says(r"\bJSON (?:array|list)\b"):
        value = _items(prompt)
    else:
        shape = _example_in(prompt) or dict.fromkeys(_named_keys(prompt))
        value = {key: _value(str(key), example, prompt) for key, example in shape.items()}
        value = value or {"answer": text_answer(prompt)}
    return json.dumps(value, ensure_ascii=False)


def fill_schema(schema: Mapping[str, Any], prompt: Prompt, name: str) -> Any:
    """A value of a JSON schema, taken from the material as far as its names allow."""
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        texts = [str(option) for option in schema["enum"]]
        return schema["enum"][texts.index(_pick(prompt, texts))]
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        return {key: fill_schema(part, prompt, key) for key, part in properties.items() if isinstance(part, Mapping)}
    if kind == "array":
        return _list_value(name or str(schema.get("description", "")), prompt)
    examples: dict[Any, Any] = {"integer": 0, "number": 0.5, "boolean": False}
    return _value(name or str(schema.get("description", "")), examples.get(kind, ""), prompt)


def _schema_of(response_format: object) -> Mapping[str, Any] | None:
    if not isinstance(response_format, Mapping):
        return None
    wrapper = response_format.get("json_schema")
    schema = wrapper.get("schema") if isinstance(wrapper, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def _example_in(prompt: Prompt) -> dict[Any, Any] | None:
    """The last object with keys that the prompt shows."""
    for text in (prompt.last, prompt.system):
        for begin in [found.start() for found in re.finditer(r"\{", text)][::-1]:
            shown = _object_at(text, begin)
            if shown and text.count("{", 0, begin) == text.count("}", 0, begin):
                return shown
    return None


def _object_at(text: str, begin: int) -> dict[Any, Any] | None:
    depth = 0
    for index in range(begin, min(len(text), begin + 4000)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            literal = text[begin : index + 1]
            break
    else:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            shown = read(literal)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return shown if isinstance(shown, dict) else None
    keys = re.findall(r"[\"'](\w[\w ]*)[\"']\s*:", literal)
    return dict.fromkeys(keys) or None


def _named_keys(prompt: Prompt) -> list[str]:
    found = _KEY_LIST.search(prompt.frame)
    return [re.sub(r"\W+", "_", key).strip("_") for key in listed(found[1])] if found else []


def _value(key: str, example: Any, prompt: Prompt) -> Any:
    """What belongs to a key. The example's type is kept."""
    if isinstance(example, Mapping):
        return {inner: _value(str(inner), shown, prompt) for inner, shown in example.items()}
    if isinstance(example, list):
        return _list_value(key, prompt)
    choices = _choices_for(key, example, prompt)
    if isinstance(example, bool):
        return agreement(prompt) >= 0.5
    if isinstance(example, int | float):
        return _number(key, prompt, whole=isinstance(example, int))
    if len(choices) >= 2:
        return _pick(prompt, choices)
    return _text_value(key.lower(), prompt)


def _text_value(key: str, prompt: Prompt) -> Any:
    material = prompt.material
    if _SCORE_KEY.search(key) and prompt.scale:
        return _number(key, prompt, whole=prompt.scale[1] > 1)
    if _REASON_KEY.search(key):
        return leading_sentences(material, most_words=20)
    if _SUMMARY_KEY.search(key):
        return leading_sentences(material)
    labeled = [part.text for part in parts_of(material) if key.replace("_", " ") in part.label]
    if labeled:
        return labeled[-1].splitlines()[0]
    kind = kind_of(key)
    if kind and (found := extract(kind, material)):
        return found[0]
    return best_sentence(key.replace("_", " "), sentences(material)) or ("" if kind else leading_sentences(material))


def _choices_for(key: str, example: Any, prompt: Prompt) -> list[str]:
    if isinstance(example, str) and ("|" in example or "/" in example) and len(listed(example)) >= 2:
        return listed(example)
    spoken = key.replace("_", " ").lower()
    lines = [line for line in prompt.frame.splitlines() if spoken in line.lower() and "{" not in line]
    for line in lines:
        after = line[line.lower().index(spoken) :]
        if options := choices_in(after):
            return options
    return prompt.choices if _CHOICE_KEY.search(key.lower()) else []


def _pick(prompt: Prompt, choices: list[str]) -> str:
    return pick_yes_no(prompt, choices) if is_yes_no(choices) else pick_choice(prompt, choices)


def _number(key: str, prompt: Prompt, *, whole: bool) -> int | float:
    if _SCORE_KEY.search(key.lower()):
        low, high = prompt.scale or (0.0, 1.0)
        score = float(pick_score(prompt, low, high))
        return round(score) if whole and high > 1 else score
    kind = kind_of(key) or "number"
    found = extract(kind, prompt.material) or extract("number", prompt.material)
    digits = re.sub(r"[^\d.\-]", "", found[0].replace(",", "")).strip(".") if found else ""
    try:
        number = float(digits)
    except ValueError:
        return 0
    return int(number) if whole or number.is_integer() else number


def _list_value(key: str, prompt: Prompt) -> list[str]:
    kind = kind_of(key)
    if kind:
        return extract(kind, prompt.material)
    if re.search(r"keyword|tag|topic", key):
        return most_frequent(prompt.material, 5)
    wanted = set(terms(key))
    matching = [sentence for sentence in sentences(prompt.material) if wanted & set(terms(sentence))]
    return matching or sentences(prompt.material)[:3]


def _items(prompt: Prompt) -> list[Any]:
    shape = _example_in(prompt)
    if shape:
        return [{key: _value(str(key), example, prompt) for key, example in shape.items()}]
    return [item for kind in kinds_in(prompt.frame) for item in extract(kind, prompt.material)] or _list_value(
        "", prompt
    )
