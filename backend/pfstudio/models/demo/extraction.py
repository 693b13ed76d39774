"""Finds things of a kind in a text: addresses, dates, amounts, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pfstudio.models.demo.texts import words

_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_NAME: Final = r"[A-ZÀ-Þ][\w'’-]+"
_NAMES: Final = rf"{_NAME}(?: {_NAME})*"
_TITLE: Final = r"(?:Mr|Mrs|Ms|Dr|Prof)\.?"
_COMPANY: Final = r"(?:Inc|Ltd|LLC|Corp|Corporation|Company|GmbH|AG|University|Institute|Bank|Group)"
_PATTERNS: Final[dict[str, str]] = {
    "email": r"[\w.+-]+@[\w-]+\.[\w.-]*\w",
    "url": r"https?://[^\s<>\"')]*[^\s<>\"').,;:]",
    "date": rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b"
    rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b|\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?: \d{{4}})?\b",
    "phone": r"\+?\d[\d ()/-]{6,}\d",
    "amount": r"[$€£¥]\s?\d[\d,.]*\d|[$€£¥]\s?\d|\b\d[\d,.]* ?(?:USD|EUR|GBP|dollars?|euros?|pounds?)\b",
    "percent": r"\b\d+(?:\.\d+)?\s?%",
    "hashtag": r"#\w+",
    "organization": rf"\b(?:{_NAME} )+{_COMPANY}\b\.?|(?<=\bat ){_NAMES}|(?<=\bfor ){_NAMES}",
    "location": rf"(?<=\bin ){_NAMES}|(?<=\bnear ){_NAMES}|(?<=\bto ){_NAMES}|(?<=\bfrom ){_NAMES}",
    "person": rf"\b(?:{_TITLE} )?{_NAME}(?: {_NAME})+\b|(?<=\bname is ){_NAME}|\b{_TITLE} {_NAME}",
    "number": r"-?\d+(?:[.,]\d+)*",
}
_KINDS: Final[dict[str, str]] = {
    "email": r"e-?mails?",
    "url": r"urls?|links?|websites?",
    "date": r"dates?|deadline|day|when",
    "phone": r"phones?|telephones?",
    "amount": r"amounts?|prices?|costs?|money|totals?|budget|fee",
    "percent": r"percent\w*",
    "hashtag": r"hashtags?",
    "organization": r"organi[sz]ations?|compan(?:y|ies)|employers?|firms?|vendor|customer",
    "location": r"locations?|places?|cit(?:y|ies)|countr(?:y|ies)|address|destination|where",
    "person": r"persons?|people|names?|authors?|who|contact",
    "number": r"numbers?|counts?|quantit(?:y|ies)|ages?|years?|integers?",
}
_NO_NAMES: Final = """
    the this that these those please dear hello hi our your my we i it in on at from by when if and but contact call
    ask email meet
"""
_NOT_A_NAME: Final = frozenset(words(_NO_NAMES))


def kind_of(text: str) -> str | None:
    """The kind of thing that a field name or a request asks for, if it is a known one."""
    spaced = re.sub(r"[_-]", " ", text)
    return next((kind for kind, words_of in _KINDS.items() if re.search(rf"\b(?:{words_of})\b", spaced, re.I)), None)


def kinds_in(text: str) -> list[str]:
    """All kinds of things a request names, in the order of the request."""
    found = [(m.start(), kind) for kind, asked in _KINDS.items() if (m := re.search(rf"\b(?:{asked})\b", text, re.I))]
    return [kind for _, kind in sorted(found)]


def extract(kind: str, text: str) -> list[str]:
    """What of the kind the text has, in order, each once."""
    found = [match.group().strip() for match in re.finditer(_PATTERNS[kind], text)]
    if kind in ("person", "organization", "location"):
        trimmed = (_without_lead(name) for name in found)
        fits: Callable[[str], bool] = (lambda name: " " in name or kind != "person") if kind == "person" else bool
        found = [name for name in trimmed if name and (fits(name) or "name is" in text)]
        found = [name for name in found if kind != "person" or not re.search(r"\b(Inc|Ltd|LLC|Corp|GmbH)\b", name)]
    return list(dict.fromkeys(found))


def _without_lead(name: str) -> str:
    """`The Ada Lovelace` as `Ada Lovelace`: a sentence's first word is often no part of the name."""
    parts = name.split()
    while parts and words(parts[0])[:1] and words(parts[0])[0] in _NOT_A_NAME:
        parts.pop(0)
    return " ".join(parts)
