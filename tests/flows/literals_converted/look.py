from enum import Enum

from promptflow.core import tool


class Color(str, Enum):
    RED = "red"


@tool
def look(
    whole: int,
    real: float,
    flag: bool,
    text: str,
    items: list,
    thing: dict,
    free,
    empty: str = "default",
    nothing: int = 0,
    color: Color = Color.RED,
):
    return [repr(value) for value in (whole, real, flag, text, items, thing, free, empty, nothing, color.value)]
