import re
from collections import Counter

from promptflow.core import tool


@tool
def compare(expected: str, answer: str) -> dict:
    """How many words two answers have in common (F1), and whether they are the same words in the same order."""
    wanted, given = words(expected), words(answer)
    common = sum((Counter(wanted) & Counter(given)).values())
    f1 = 2 * common / (len(wanted) + len(given)) if common else 0.0
    return {"f1": round(f1, 4), "exact": wanted == given}


def words(text: str) -> list:
    """The words in lower case, without articles."""
    return [word for word in re.findall(r"\w+", text.lower()) if word not in ("a", "an", "the")]
