import sys

from promptflow.core import tool


@tool
def say(text: str):
    print("out", text)
    print("err", text, file=sys.stderr)
    return text + text
