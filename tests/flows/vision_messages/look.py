from promptflow.contracts.multimedia import Image, Text
from promptflow.core import tool


@tool
def look(question: list) -> list:
    kinds = {Image: "image", Text: "text", dict: "dict"}
    return [[kinds[type(part)], str(part)] for part in question]
