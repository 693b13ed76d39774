import math
import re

from promptflow.core import tool


@tool
def find_passages(passages: list, question: str, top_k: int = 3) -> list:
    """The passages that fit the question best, by BM25: rare words count more, long passages less."""
    documents = [words(passage["heading"] + " " + passage["text"]) for passage in passages]
    average = sum(map(len, documents)) / max(len(documents), 1)
    asked = sorted(set(words(question)))
    rarity = {
        word: math.log(1 + len(documents) / (0.5 + sum(word in document for document in documents))) for word in asked
    }

    def score(document: list) -> float:
        length = 0.25 + 0.75 * len(document) / average
        return sum(rarity[word] * 2.2 * n / (n + 1.2 * length) for word in asked if (n := document.count(word)))

    order = sorted(range(len(passages)), key=lambda index: (-score(documents[index]), index))
    return [passages[index] for index in order[:top_k] if score(documents[index]) > 0]


def words(text: str) -> list:
    """The words in lower case, without the endings that make `bicycles` another word than `bicycle`."""
    return [re.sub(r"(ing|ed|es|s)$", "", word) for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 2]
