from pfstudio.tools.decorator import tool


@tool
def say(text: str) -> str:
    return text
