from promptflow.core import tool


@tool
def grade_line(groundtruth: str, prediction: str) -> dict:
    """Both categories, written alike, and the grade."""
    expected, given = groundtruth.strip().lower(), prediction.strip().lower()
    return {"expected": expected, "given": given, "grade": "Correct" if expected == given else "Incorrect"}
