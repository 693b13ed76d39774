from promptflow.contracts.multimedia import Image
from promptflow.core import tool


@tool
def look(first: Image, others: list, written: Image) -> list:
    images = [first, *others, written]
    return [str(item) if isinstance(item, Image) else item for item in images]
