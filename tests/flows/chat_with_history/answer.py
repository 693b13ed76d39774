from promptflow.core import tool


@tool
def answer(prompt: str):
    return f"{prompt.count('user:')} turns"
