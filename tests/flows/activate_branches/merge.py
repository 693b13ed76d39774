from promptflow.core import tool


@tool
def merge(a="no a", b="no b"):
    return [a, b]
