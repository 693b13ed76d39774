"""How the demo model answers: the first rule that fits the task gives the answer. No prompt is known beforehand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from pfstudio.models.demo.choices import is_yes_no, pick_choice, pick_score, pick_yes_no
from pfstudio.models.demo.extraction import extract, kinds_in
from pfstudio.models.demo.json_answers import answer_json, wants_json
from pfstudio.models.demo.prompts import CONTEXT, QUESTION, Prompt
from pfstudio.models.demo.texts import (
    best_sentence,
    first_of,
    leading_sentences,
    most_frequent,
    sentences,
    share_of,
    turn_person,
)
from pfstudio.models.demo.tool_calls import wanted_call

_UNKNOWN: Final = "I cannot find that in what I was given."
_CHARACTERS_PER_TOKEN: Final = 4
_YES_NO: Final = re.compile(r"\b(yes)\b.{1,12}\b(no)\b|\b(true)\b.{1,12}\b(false)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: text, or calls of tools (`legacy` for the older function interface)."""

    text: str
    calls: Sequence[Mapping[str, Any]] = ()
    finish_reason: str = "stop"
    legacy: bool = False

    def message(self) -> dict[str, Any]:
        """The answer as a chat message."""
        if not self.calls:
            return {"role": "assistant", "content": self.text}
        if self.legacy:
            return {"role": "assistant", "content": None, "function_call": self.calls[0]["function"]}
        return {"role": "assistant", "content": None, "tool_calls": list(self.calls)}


def answer_chat(asked: Mapping[str, Any]) -> Reply:
    """The reply to a chat request."""
    prompt = Prompt.of_messages(asked["messages"])
    call = wanted_call(asked, prompt)
    if call is not None:
        name, arguments = call
        digest = blake2b(f"{name}{arguments}".encode(), digest_size=8).hexdigest()
        made = {"id": f"call_{digest}", "type": "function", "function": {"name": name, "arguments": arguments}}
        legacy = not asked.get("tools")
        return Reply("", [made], "function_call" if legacy else "tool_calls", legacy)
    last = asked["messages"][-1]
    if last.get("role") in ("tool", "function"):
        return _limited(str(last.get("content") or ""), asked)
    response_format = asked.get("response_format")
    if wants_json(prompt, response_format):
        return _limited(answer_json(prompt, response_format, answer_text), asked)
    return _limited(answer_text(prompt), asked)


def answer_completion(text: str, asked: Mapping[str, Any]) -> Reply:
    """The reply to a completion request."""
    prompt = Prompt([("user", text)])
    answer = answer_json(prompt, None, answer_text) if wants_json(prompt, None) else answer_text(prompt)
    return _limited(f"{text}{answer}" if asked.get("echo") else answer, asked)


def _limited(text: str, asked: Mapping[str, Any]) -> Reply:
    """The reply cut at the first stop word, and where it is longer than the request allows."""
    stops = asked.get("stop") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        text = text.split(str(stop), maxsplit=1)[0] if stop else text
    most = asked.get("max_completion_tokens") or asked.get("max_tokens")
    if most and len(text) > int(most) * _CHARACTERS_PER_TOKEN:
        return Reply(text[: int(most) * _CHARACTERS_PER_TOKEN], finish_reason="length")
    return Reply(text)


def answer_text(prompt: Prompt) -> str:
    """The answer in words."""
    for rule in (_repeated, _scored, _chosen, _rephrased, _summarized, _extracted, _answered):
        answer = rule(prompt)
        if answer is not None:
            return answer
    return f"You said: {prompt.last.strip()}"


def _repeated(prompt: Prompt) -> str | None:
    if not prompt.says(r"\b(?:repeat|echo)\b"):
        return None
    quoted = re.search(r"\b(?:repeat|echo)\b[^\"'`\n]*[\"'`](.+?)[\"'`]", prompt.last, re.IGNORECASE)
    if quoted:
        return quoted[1]
    after = re.search(r"\b(?:repeat|echo)\b[^:\n]*:\s*(.+)", prompt.last, re.IGNORECASE | re.DOTALL)
    return after[1].strip() if after else prompt.material.strip()


def _scored(prompt: Prompt) -> str | None:
    return pick_score(prompt, *prompt.scale) if prompt.scale else None


def _chosen(prompt: Prompt) -> str | None:
    if len(prompt.choices) >= 2:
        return pick_yes_no(prompt, prompt.choices) if is_yes_no(prompt.choices) else pick_choice(prompt, prompt.choices)
    spoken = _YES_NO.search(prompt.frame)
    return pick_yes_no(prompt, [spoken[1] or spoken[3], spoken[2] or spoken[4]]) if spoken else None


def _rephrased(prompt: Prompt) -> str | None:
    if not prompt.says(r"\b(?:stand-?alone|rephrase|rewrite|reformulate|paraphrase|translate|proofread)\b"):
        return None
    return prompt.part(QUESTION) or prompt.material.strip()


def _summarized(prompt: Prompt) -> str | None:
    if prompt.says(r"\b(?:key ?words?|key ?phrases?|tags)\b"):
        return ", ".join(most_frequent(prompt.material, 5))
    if not prompt.says(r"\b(?:summar\w+|tl;?dr|shorten|condense|headline|title for)\b"):
        return None
    limit = re.search(r"\b(\d+) words\b", prompt.frame)
    short = prompt.says(r"\b(?:one|a single|1) sentence\b")
    return leading_sentences(prompt.material, most_words=1 if short else int(limit[1]) if limit else 40)


def _extracted(prompt: Prompt) -> str | None:
    if not prompt.says(r"\b(?:extract|find all|list all|identify|pull out|list the)\b"):
        return None
    found = [item for kind in kinds_in(prompt.frame) for item in extract(kind, prompt.material)]
    return ", ".join(dict.fromkeys(found)) if kinds_in(prompt.frame) else None


def _answered(prompt: Prompt) -> str | None:
    """An answer out of what was given: documents first, else what the user said before."""
    question = prompt.part(QUESTION) or prompt.last.strip()
    context = prompt.part(CONTEXT)
    if context:
        found = best_sentence(question, [s for s in sentences(context) if s.strip("# ") and not s.endswith("?")])
        return found.lstrip("-*# ") if found else _UNKNOWN
    told = [text for role, text in prompt.messages[:-1] if role == "user"]
    statements = [s for text in told for s in sentences(text) if not s.endswith("?")]
    if question.rstrip().endswith("?") and (found := best_sentence(question, statements)):
        return turn_person(found)
    if prompt.system and question.rstrip().endswith("?"):
        found = first_of([best_sentence(question, sentences(prompt.system))])
        if found and share_of(question, found) >= 0.5:
            return found
    return None
