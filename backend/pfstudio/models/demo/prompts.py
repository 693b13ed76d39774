"""What a prompt says, as far as general rules can tell: its parts, the choices it offers, the scale it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pfstudio.models.demo.texts import words

_HEADING: Final = re.compile(r"^\s*#{1,6}\s*([A-Za-z][\w /-]{0,40}?)\s*:?\s*$")
_LABEL: Final = re.compile(r"^\s*[-*]?\s*\**([A-Za-z][\w /-]{0,40}?)\**\s*:\**(?:\s+|$)(.*)$")
_TAG: Final = re.compile(r"<(\w+)>(.*?)</\1>", re.DOTALL)
_MATERIAL: Final = re.compile(
    r"\b(text|content|article|document|input|message|ticket|e-?mail|review|passage|transcript|page|description|note"
    r"|comment|post|request|data)s?\b"
)
QUESTION: Final = re.compile(r"\b(question|query|ask(?:ed)?|user input)\b")
CONTEXT: Final = re.compile(
    r"\b(context|documents?|sources?|passages?|knowledge|facts?|search results?|chunks?|references?|excerpts?"
    r"|material)\b"
)
ANSWER: Final = re.compile(r"\b(answer|prediction|predicted|response|reply|output|candidate|completion|summary)\b")
TRUTH: Final = re.compile(r"\b(ground ?truth|groundtruth|expected|gold|correct|target|truth|actual)\b")
_GIVEN: Final = re.compile("|".join(label.pattern for label in (_MATERIAL, QUESTION, CONTEXT, ANSWER, TRUTH)))

_CHOICE_CUE: Final = re.compile(
    r"\b(?:one of|categor\w+|labels?|options?|choices?|classes|topics?|teams?|intents?|either|"
    r"(?:choose|decide|select|pick|distinguish)\b[^:\n]{0,30}?\b(?:between|among|from)|"
    r"(?:answer|reply|respond|return|output|say|write|classify|label)\b[^:\n]{0,40}?\b(?:with|as|into|only|exactly))\b",
    re.IGNORECASE,
)
_FILLERS: Final = re.compile(
    r"^(?:\s*(?:the|a|an|only|just|exactly|following|words?|these|of|is|are)\b)*\s*", re.IGNORECASE
)
_LIST_HEAD: Final = re.compile(
    r"\b(one of|categor\w+|labels?|options?|choices?|classes|topics?|teams?|intents?)\b.*:\s*$", re.IGNORECASE
)
_BULLET: Final = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.+)$")
_SPLIT: Final = re.compile(r"\s*(?:,|/|;|\||\bor\b|\band\b)\s*")
_SCALE: Final = re.compile(
    r"(?:\b(?:score|rate|rating|grade|stars?|scale|points?|number|integer|value)\b[^.\n]{0,60}?)"
    r"\b(?:from|between|of|in|range)?\s*\(?(\d+(?:\.\d+)?)\s*(?:to|-|–|and|through)\s*(\d+(?:\.\d+)?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A labeled piece of a prompt. A prompt with examples has several of one label; the last is the one asked about."""

    label: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """A list of messages as a task."""

    messages: Sequence[tuple[str, str]]

    @classmethod
    def of_messages(cls, messages: Sequence[Mapping[str, Any]]) -> Prompt:
        """The texts of the messages; of messages with images only the text."""
        return cls([(str(m.get("role", "user")), _plain(m.get("content"))) for m in messages])

    @cached_property
    def last(self) -> str:
        """What the user says last."""
        asked = [text for role, text in self.messages if role not in ("system", "developer", "assistant")]
        return asked[-1] if asked else (self.messages[-1][1] if self.messages else "")

    @cached_property
    def system(self) -> str:
        return "\n".join(text for role, text in self.messages if role in ("system", "developer"))

    @cached_property
    def instruction(self) -> str:
        """Where the task is described: the system's text and the frame around what the user gave."""
        return f"{self.system}\n{self.last}" if self.system else self.last

    @cached_property
    def parts(self) -> list[Part]:
        return parts_of(self.last) if parts_of(self.last) else parts_of(self.system)

    def part(self, label: re.Pattern[str]) -> str:
        """The last part with such a label, in what the user says, else in what the system says."""
        for text in (self.last, self.system):
            for part in reversed(parts_of(text)):
                if label.search(part.label):
                    return part.text
        return ""

    @cached_property
    def material(self) -> str:
        """The text the task is about, without the words of the task itself where they can be told apart."""
        parts = parts_of(self.last)
        labeled = [part.text for part in parts if _MATERIAL.search(part.label) or CONTEXT.search(part.label)]
        if labeled:
            return labeled[-1]
        if parts and not self.system.strip():
            return parts[-1].text
        if self.system.strip() or "\n" not in self.last.strip():
            return self.last.strip()
        blocks = [block for block in re.split(r"\n\s*\n", self.last.strip()) if block.strip()]
        return "\n\n".join(blocks[1:]) if len(blocks) > 1 else self.last.strip().split("\n", 1)[1]

    @cached_property
    def everything_given(self) -> str:
        """All that was said but the task: the last message, or its material, and what came before it."""
        earlier = [text for role, text in self.messages[:-1] if role not in ("system", "developer")]
        return "\n".join([*earlier, self.material])

    @cached_property
    def frame(self) -> str:
        """The task's own words: the instruction without the texts that are only given to work on."""
        given = [part.text for part in parts_of(self.last) if _GIVEN.search(part.label)]
        if not given and len(self.material) < len(self.last.strip()):
            given = [self.material]
        frame = self.last
        for text in given:
            frame = frame.replace(text, " ")
        return f"{self.system}\n{frame}"

    def says(self, pattern: str) -> bool:
        """Whether the task is described with such words."""
        return re.search(pattern, self.frame, re.IGNORECASE) is not None

    @cached_property
    def choices(self) -> list[str]:
        """The options the prompt offers, first list first."""
        return choices_in(self.frame)

    @cached_property
    def scale(self) -> tuple[float, float] | None:
        """The lowest and highest score that is asked for."""
        found = _SCALE.search(self.frame)
        if found is None:
            return None
        low, high = float(found[1]), float(found[2])
        return (low, high) if low < high else None


def _plain(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return "" if content is None else str(content)


def parts_of(text: str) -> list[Part]:
    """The labeled parts of a text that are not empty: `Label: …`, `# Label`, `<label>…</label>`."""
    found = [Part(tag.lower(), inner.strip()) for tag, inner in _TAG.findall(text)]
    label, lines = "", []
    for line in [*_TAG.sub("", text).splitlines(), None]:
        heading = None if line is None else _HEADING.match(line)
        marked = None if line is None or heading else _LABEL.match(line)
        if line is not None and heading is None and (marked is None or len(marked[1].split()) > 4):
            lines.append(line)
            continue
        if label and "\n".join(lines).strip():
            found.append(Part(label, "\n".join(lines).strip()))
        named = heading or marked
        label = named[1].strip().lower() if named else ""
        lines = [marked[2]] if marked else []
    return found


def choices_in(text: str) -> list[str]:
    """Options a text lists: after words such as `one of`, on one line or as bullets."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if _LIST_HEAD.search(line):
            bullets = _bullets(lines[index + 1 :])
            if len(bullets) >= 2:
                return [re.split(r"\s*[:–—]\s+|\s+-\s+", bullet)[0].strip("`'\"* .") for bullet in bullets]
        for found in _CHOICE_CUE.finditer(line):
            for options in _options_after(line[found.end() :]):
                return options
    return []


def _options_after(text: str) -> Iterator[list[str]]:
    """The lists of options that may begin where a cue ended: after a colon, in brackets, or at once."""
    places = [re.match(r"[^:\n]{0,60}:(.+)", text), re.match(r"[^(\[]{0,60}[(\[]([^)\]]+)", text)]
    for place in [found[1] for found in places if found] + [_FILLERS.sub("", text)]:
        if options := listed(place):
            yield options


def _bullets(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        bullet = _BULLET.match(line)
        if bullet is None:
            if found or line.strip():
                break
            continue
        found.append(bullet[1])
    return found


def listed(text: str) -> list[str]:
    """The items of a list such as `a, b or c`, if it is one of short items."""
    head = re.split(r"(?<=\w)[.!?:](?:\s|$)|[\])}]", text)[0]
    items = [item.strip(" `'\"*.()[]{}:") for item in _SPLIT.split(head)]
    items = [item for item in items if item]
    short = [item for item in items if len(words(item)) <= 3 and len(item) <= 40]
    return list(dict.fromkeys(short)) if len(short) == len(items) and 2 <= len(items) <= 40 else []
