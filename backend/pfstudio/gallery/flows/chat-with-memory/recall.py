import re

from promptflow.core import tool

MOST = 5
ABOUT_ONESELF = re.compile(r"\b(i|i'm|my|mine|we|our)\b", re.IGNORECASE)


@tool
def recall(older: list, question: str) -> list:
    """What the user told about themselves earlier, what fits the question first."""
    asked = set(re.findall(r"\w{3,}", question.lower()))
    told = []
    for turn in older:
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", str(turn["inputs"]["question"])):
            if sentence and not sentence.endswith("?") and ABOUT_ONESELF.search(sentence):
                told.append(" ".join(sentence.split()))
    unique = list(dict.fromkeys(told))
    unique.sort(key=lambda sentence: -len(asked & set(re.findall(r"\w{3,}", sentence.lower()))))
    return unique[:MOST]
