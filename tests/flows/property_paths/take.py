from promptflow.core import tool


@tool
def take(a, b, c):
    return [a, b, sorted(c)]
