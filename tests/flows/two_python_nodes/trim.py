from promptflow.core import tool


@tool
def trim(text: str) -> str:
    return text.strip()
