from promptflow.core import tool
from words.names import NAME


@tool
def greet():
    with open("greeting.txt", encoding="utf-8") as file:
        return file.read().strip() + " " + NAME
