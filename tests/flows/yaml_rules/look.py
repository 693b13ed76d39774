from promptflow.core import tool


@tool
def look(word, number, thing):
    return repr([word, number, thing])
