import json

from promptflow.core import tool


@tool
def tidy_entities(answer: str, entity_types: list) -> dict:
    """The kinds that were asked for, each a list without repetitions. What the model adds is left out."""
    try:
        found = json.loads(answer[answer.find("{") : answer.rfind("}") + 1])
    except ValueError:
        print(f"The model gave no JSON: {answer!r}")
        found = {}
    return {kind: list(dict.fromkeys(as_list(found.get(kind)))) for kind in entity_types}


def as_list(value) -> list:
    if value is None or value == "":
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
