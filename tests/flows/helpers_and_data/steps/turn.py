from helper import turned
from promptflow import tool


@tool
def turn(text: str):
    return turned(text)
