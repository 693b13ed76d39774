from promptflow.core import tool


@tool
def plain(text: str):
    return text + "3"
