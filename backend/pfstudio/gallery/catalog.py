"""The example flows that come with pfstudio: three blank ones to start from, and complete ones to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

GalleryType: TypeAlias = Literal["standard", "chat", "evaluation"]

_FLOWS: Final = Path(__file__).parent / "flows"


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """One example. `blank` marks the flow that a new flow of its type starts from."""

    name: str
    title: str
    type: GalleryType
    description: str
    blank: bool = False

    @property
    def folder(self) -> Path:
        """The flow folder, part of the installed package: copy it, never write to it."""
        return _FLOWS / self.name


_ENTRIES: Final = (
    GalleryEntry(
        "standard",
        "Standard flow",
        "standard",
        "One prompt and one Python node: the smallest flow that does something.",
        blank=True,
    ),
    GalleryEntry("chat", "Chat flow", "chat", "One prompt that sees the conversation so far.", blank=True),
    GalleryEntry(
        "evaluation",
        "Evaluation flow",
        "evaluation",
        "Grades each line in Python and logs one metric for all.",
        blank=True,
    ),
    GalleryEntry(
        "web-classification",
        "Web classification",
        "standard",
        "Reads a web page, sums it up by one of two prompts, and sorts it into a category with its evidence.",
    ),
    GalleryEntry(
        "support-triage",
        "Support triage",
        "standard",
        "Sorts a request and runs only the branch that answers it, by activate conditions.",
    ),
    GalleryEntry(
        "document-questions",
        "Questions over documents",
        "standard",
        "Finds the passages of your documents that fit a question and answers from them, with sources.",
    ),
    GalleryEntry(
        "entity-extraction",
        "Entity extraction",
        "standard",
        "Takes names, dates, amounts and addresses out of a text, as JSON.",
    ),
    GalleryEntry(
        "chat-with-memory",
        "Chat with memory",
        "chat",
        "Remembers what the user said earlier, also when the conversation grows too long for the prompt.",
    ),
    GalleryEntry(
        "classification-accuracy",
        "Classification accuracy",
        "evaluation",
        "Compares categories with the right ones: accuracy, and precision and recall of each category.",
    ),
    GalleryEntry(
        "groundedness",
        "Groundedness",
        "evaluation",
        "Lets a model judge from 1 to 5 how far an answer is supported by its context.",
    ),
    GalleryEntry(
        "answer-overlap",
        "Answer overlap",
        "evaluation",
        "Compares answers with expected ones by their words: F1 score and exact matches, without a model.",
    ),
)


def entries() -> list[GalleryEntry]:
    """All examples, the blank ones first."""
    return list(_ENTRIES)


def blank_flow(kind: GalleryType) -> GalleryEntry:
    """The flow that a new flow of this type starts from."""
    return next(entry for entry in _ENTRIES if entry.blank and entry.type == kind)
