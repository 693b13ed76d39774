from promptflow.core import tool


@tool
def make():
    return {"x": {"y": 1}, "items": ["one", "two"], "k k": None}
