"""Each case gives the original's recorded answer, or the one the case says we give instead and why."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.case_files import Case, open_cases, read_topic, reworded, rewordings, topics
from conformance.playback import answers, as_expected
from conformance.records import read_records

OPEN = open_cases()
REWORDINGS = rewordings()
CASES = {topic: [case for case in read_topic(topic) if case.id not in OPEN] for topic in topics()}


# Topics that are answered by one process; batch runs, the slow ones, are spread.
GROUPS = (("runs",), ("aggregation", "evaluations", "run_commands"), ("connections", "flex", "llm_nodes", "prompty"))
GROUP_OF = {topic: number for number, group in enumerate(GROUPS) for topic in group}


@cache
def our_answers(group: int) -> dict[str, Any]:
    """All cases of a group's topics are answered by one process; each in a fork of its own."""
    cases = [case for topic in CASES if GROUP_OF.get(topic, len(GROUPS)) == group for case in CASES[topic]]
    return answers(cases, Path(sys.executable), original=False)


@pytest.mark.timeout(600)  # The first case of a group waits for all of them.
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.id, marks=pytest.mark.xdist_group(f"conformance-{GROUP_OF.get(topic)}"))
        for topic, cases in CASES.items()
        for case in cases
    ],
)
def test_answer_is_the_originals(case: Case) -> None:
    record = read_records(case.topic)[case.name]
    assert record["case"] == case.fingerprint, "The case has changed since it was recorded: `make conformance`."
    expected = case.differs["answer"] if case.differs else reworded(record["answer"], REWORDINGS)

    given = our_answers(GROUP_OF.get(case.topic, len(GROUPS)))[case.id]

    assert as_expected(given, expected) == expected, case.rule


@pytest.mark.parametrize("topic", topics())
def test_every_case_names_its_rule_and_every_difference_its_reason(topic: str) -> None:
    records = read_records(topic)

    for case in CASES[topic]:
        assert case.rule.endswith("."), case.id
        if case.differs:
            assert case.differs["why"].endswith("."), case.id
            assert case.differs["answer"] != records[case.name]["answer"], f"{case.id} no longer differs"


def test_open_cases_exist() -> None:
    assert {case.id for topic in topics() for case in read_topic(topic)} >= OPEN


def test_every_rewording_is_used_and_has_its_reason() -> None:
    texts = [json.dumps(read_records(topic), ensure_ascii=False) for topic in topics()]

    for entry in REWORDINGS:
        assert entry["why"].endswith("."), entry
        assert any(json.dumps(entry["original"], ensure_ascii=False)[1:-1] in text for text in texts), entry
