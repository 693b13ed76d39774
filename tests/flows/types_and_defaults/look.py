from promptflow.core import tool


@tool
def look(**values):
    return {name: [type(value).__name__, value] for name, value in values.items()}
