"""Every import name of the specification's table does its work, as the original did it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from promptflow.exceptions import PromptflowException

from compat.records import VERSION, answers, echoing_models, exception_tree, records, rows

ROWS = rows()
RECORDED = records()

# Classes that stand for several of the original's, which had the same name in several modules: a clause for any of
# them catches ours, but the codes in records are those of all.
JOINED = {
    "ChatAPIFunctionRoleInvalidFormat",
    "ChatAPIFunctionRoleInvalidFormatError",
    "ChatAPIInvalidRoleError",
    "ChatAPIToolRoleInvalidFormat",
    "ConnectionNotFound",
    "GenerateFlowMetaJsonError",
    "InvalidConnectionType",
    "JinjaTemplateError",
    "ToolValidationError",
    "UserAuthenticationError",
}


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    with echoing_models() as url:
        yield url


def test_the_records_say_where_they_are_from() -> None:
    assert RECORDED["version"] == VERSION
    assert "records.py" in RECORDED["command"]
    assert list(RECORDED["answers"]) == list(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_the_name_does_what_it_did(name: str, model_url: str) -> None:
    told = answers(sys.executable, {name: ROWS[name]}, model_url)

    assert told[name] == RECORDED["answers"][name]


@pytest.fixture(scope="module")
def our_tree() -> dict[str, dict[str, list[str]]]:
    return exception_tree(sys.executable)


@pytest.mark.parametrize("module", RECORDED["exceptions"])
def test_except_clauses_catch_what_they_caught(module: str, our_tree: dict[str, Any]) -> None:
    ours, theirs = our_tree[module], RECORDED["exceptions"][module]

    assert ours
    for name in sorted(set(ours) & set(theirs)):
        chain = theirs[name][:-1]
        assert set(chain) <= set(ours[name]) or name in JOINED, f"{name} is no {set(chain) - set(ours[name])}"


def classes_of_one_kind() -> Iterator[tuple[str, Any, list[str]]]:
    for module, classes in RECORDED["exceptions"].items():
        imported = importlib.import_module(f"promptflow.{module}")
        for name in sorted(set(classes) & set(imported.__all__) - JOINED):
            cls = getattr(imported, name)
            if cls.error_codes is PromptflowException.error_codes:
                yield name, cls, classes[name]


def test_errors_have_the_codes_they_had() -> None:
    codes = {name: cls.__new__(cls).error_codes for name, cls, _ in classes_of_one_kind()}

    assert codes == {name: [code(parent) for parent in chain] for name, _, chain in classes_of_one_kind()}
    assert len(codes) > 120


def code(name: str) -> str:
    roots = ("UserErrorException", "SystemErrorException", "ValidationException")
    return name.removesuffix("Exception").removesuffix("Error") + "Error" if name in roots else name
