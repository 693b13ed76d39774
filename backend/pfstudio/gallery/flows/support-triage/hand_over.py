from promptflow.core import tool


@tool
def hand_over(request: str) -> str:
    return "Thank you for writing to us. A colleague will answer you within a day."
