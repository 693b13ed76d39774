from promptflow.core import tool
from share import share_of


@tool
def divide(number: int):
    return share_of(number)
