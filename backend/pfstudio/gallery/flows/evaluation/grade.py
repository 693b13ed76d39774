from promptflow.core import tool


@tool
def grade(groundtruth: str, prediction: str) -> str:
    """Grade one line. Upper and lower case count as the same."""
    return "Correct" if groundtruth.strip().lower() == prediction.strip().lower() else "Incorrect"
