"""Words, sentences and likeness of texts: all the demo model knows of language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])[\"'”’)]*\s+|\n+")
_SMALL_WORDS: Final = frozenset(
    _WORD.findall("""
    a about after all also am an and any are as at be because been before being but by can could did do does doing
    for from had has have having he her here hers him his how i if in into is it its just me more most my no nor not of
    on once only or other our out over own please same she should so some such than that the their them then there
    these they this those to too under until up very was we were what when where which while who whom why will with
    would you your tell give know""")
)
_ENDINGS: Final = ("ations", "ation", "ingly", "ness", "ings", "ing", "edly", "ies", "ied", "es", "ed", "ly", "s", "e")
_PERSONS: Final = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "am": "are", "we": "you", "our": "your", "i'm": "you are",
    "you": "I", "your": "my", "yours": "mine",
}  # fmt: skip


def words(text: str) -> list[str]:
    """The words in lower case, in order."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def stem(word: str) -> str:
    """The word without its ending, so that forms of one word meet."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def terms(text: str) -> list[str]:
    """The stems that carry meaning, in order."""
    return [stem(word) for word in words(text) if word not in _SMALL_WORDS]


def sentences(text: str) -> list[str]:
    """The sentences, each trimmed; a line end also ends one."""
    return [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence.strip()]


def share_of(part: str, whole: str) -> float:
    """How much of one text's terms the other has too, from 0 to 1."""
    wanted = set(terms(part))
    return len(wanted & set(terms(whole))) / len(wanted) if wanted else 0.0


def likeness(one: str, other: str) -> float:
    """How alike two texts are by their words: 1 for equal ones, 0 for ones without a common word."""
    first, second = Counter(words(one)), Counter(words(other))
    common = sum((first & second).values())
    return 2 * common / (sum(first.values()) + sum(second.values())) if common else 0.0


def best_sentence(question: str, candidates: Sequence[str]) -> str | None:
    """The sentence that shares the most, and the rarest, terms with the question; None where none shares any."""
    wanted = set(terms(question))
    sets = [set(terms(candidate)) for candidate in candidates]
    seen = Counter(term for found in sets for term in found)
    scored = [
        (sum(log(1 + len(sets) / seen[term]) for term in sorted(wanted & found)), -index)
        for index, found in enumerate(sets)
    ]
    if not scored or max(scored)[0] <= 0:
        return None
    return candidates[-max(scored)[1]]


def leading_sentences(text: str, *, most_words: int = 40) -> str:
    """The first sentence, and more while they fit."""
    kept: list[str] = []
    for sentence in sentences(text):
        if kept and len(words(" ".join([*kept, sentence]))) > most_words:
            break
        kept.append(sentence)
    return " ".join(kept)


def turn_person(sentence: str) -> str:
    """A statement about its speaker as one said to the speaker: `My name is Ada.`, `Your name is Ada.`"""
    turned = _WORD.sub(lambda found: _PERSONS.get(found[0].lower().replace("’", "'"), found[0]), sentence)
    return turned[:1].upper() + turned[1:]


def most_frequent(text: str, count: int) -> list[str]:
    """The words that are said most, longer ones first where they are said as often."""
    found = Counter(word for word in words(text) if word not in _SMALL_WORDS and not word.isdigit() and len(word) > 2)
    return sorted(found, key=lambda word: (-found[word], -len(word), word))[:count]


def first_of(texts: Iterable[str | None]) -> str:
    """The first that is not empty, or the empty text."""
    return next((text for text in texts if text), "")
