from promptflow.core import tool


@tool
def pieces(text: str):
    print("making", text)
    for letter in text:
        yield letter + "."
