"""Picks from what a prompt offers: one of its choices, yes or no, a score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pfstudio.models.demo.prompts import ANSWER, CONTEXT, QUESTION, TRUTH, Prompt
from pfstudio.models.demo.texts import share_of, stem, terms, words

_YES: Final = frozenset(
    {"yes", "true", "correct", "pass", "passed", "grounded", "relevant", "supported", "valid", "match"}
)
_NO: Final = frozenset(
    {"no", "false", "incorrect", "fail", "failed", "ungrounded", "irrelevant", "unsupported", "invalid"}
)
_FALLBACK: Final = frozenset({"other", "none", "unknown", "general", "neutral", "misc", "unclear"})
_GLAD: Final = frozenset(
    map(stem, words("good great love loved excellent happy best nice perfect wonderful amazing fast thanks enjoy"))
)
_SORRY: Final = frozenset(
    map(stem, words("bad terrible hate hated awful angry worst slow broken poor disappointed never refund crash wrong"))
)


def is_yes_no(choices: Sequence[str]) -> bool:
    """Whether the choices are a yes and a no, in any of their words."""
    spoken = [choice.lower() for choice in choices]
    return any(word in _YES for word in spoken) and any(_is_no(word) for word in spoken) and len(spoken) <= 3


def _is_no(word: str) -> bool:
    return word in _NO or word.startswith("not ")


def agreement(prompt: Prompt) -> float:
    """How well the answer that is to be judged fits what it is judged by, from 0 to 1."""
    answer, truth = prompt.part(ANSWER), prompt.part(TRUTH)
    context, question = prompt.part(CONTEXT), prompt.part(QUESTION)
    if answer and truth:
        same = words(answer) == words(truth)
        return 1.0 if same else (share_of(truth, answer) + share_of(answer, truth)) / 2
    if answer and (context or question):
        return share_of(answer, context) if context else share_of(question, answer)
    if question and context:
        return share_of(question, context)
    statement = prompt.last.strip().splitlines()[-1] if prompt.last.strip() else ""
    return share_of(statement, prompt.everything_given.replace(statement, "", 1))


def pick_yes_no(prompt: Prompt, choices: Sequence[str]) -> str:
    """The choice that says whether the answer fits."""
    fits = agreement(prompt) >= 0.5
    wanted = [
        choice
        for choice in choices
        if (choice.lower() in _YES) == fits and (choice.lower() in _YES) != _is_no(choice.lower())
    ]
    return wanted[0] if wanted else choices[0]


def pick_score(prompt: Prompt, low: float, high: float) -> str:
    """A score on the scale, whole where the scale is."""
    score = low + (high - low) * agreement(prompt)
    if low.is_integer() and high.is_integer() and high - low > 1:
        return str(round(score))
    return f"{score:.2f}".rstrip("0").rstrip(".")


def pick_choice(prompt: Prompt, choices: Sequence[str], material: str | None = None) -> str:
    """The choice whose words, and whose examples and descriptions in the prompt, fit the material best."""
    text = prompt.material if material is None else material
    scored = [(_score(prompt, choice, choices, text), -index) for index, choice in enumerate(choices)]
    best, index = max(scored)
    if best > 0:
        return choices[-index]
    return next((choice for choice in choices if choice.lower() in _FALLBACK), choices[0])


def _score(prompt: Prompt, choice: str, choices: Sequence[str], text: str) -> float:
    found = terms(text)
    named = sum(found.count(term) for term in set(terms(choice) or [stem(word) for word in words(choice)]))
    return 3 * min(named, 3) + _mood(choice, found) + 4 * _described(prompt, choice, choices, text)


def _mood(choice: str, found: Sequence[str]) -> float:
    word = choice.lower()
    glad, sorry = sum(term in _GLAD for term in found), sum(term in _SORRY for term in found)
    if word in ("positive", "happy", "satisfied"):
        return max(0, glad - sorry)
    if word in ("negative", "angry", "unhappy", "dissatisfied"):
        return max(0, sorry - glad)
    return 0


def _described(prompt: Prompt, choice: str, choices: Sequence[str], text: str) -> float:
    """How alike the material is to the passages of the prompt that name this choice and no other."""
    frame = prompt.instruction.replace(text, "") if text != prompt.instruction else ""
    best = 0.0
    for passage in re.split(r"\n\s*\n|\n(?=\s*[-*•\d])", frame):
        spoken = passage.lower()
        named = [other for other in choices if re.search(rf"\b{re.escape(other.lower())}\b", spoken)]
        if named == [choice]:
            best = max(best, share_of(passage.replace(choice, ""), text))
    return best
