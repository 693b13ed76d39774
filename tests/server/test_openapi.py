"""The OpenAPI document, from which the front end's client is made."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pfstudio.server.openapi import document
from studios import People

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document())
    return found


def _operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operations[method])
        for path, operations in described["paths"].items()
        for method in METHODS
        if method in operations
    ]


def test_it_is_printed_without_starting_or_touching_anything(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pfstudio.server.openapi"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout == document()
    assert list(tmp_path.iterdir()) == []


def test_every_operation_has_a_short_name_of_its_own(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in _operations(described)]

    assert len(set(names)) == len(names)
    assert not [name for name in names if len(name) > 30 or not name.isidentifier()]


def test_every_answer_has_a_schema_and_every_error_is_a_problem(described: dict[str, Any]) -> None:
    for name, operation in _operations(described):
        assert operation["responses"]["default"]["content"]["application/problem+json"]
        for status, answer in operation["responses"].items():
            if status in ("204", "302", "304"):  # They have no body.
                continue
            assert answer.get("content"), (name, status)
            if status.startswith(("4", "5")):
                assert list(answer["content"]) == ["application/problem+json"], (name, status)
            elif "application/json" in answer["content"]:
                assert answer["content"]["application/json"]["schema"], (name, status)
        assert operation["summary"], name


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    text = json.dumps(described)
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert references <= set(schemas)
    assert "HTTPValidationError" not in schemas


def test_the_running_studio_answers_with_the_same_document_to_whoever_is_signed_in(people: People) -> None:
    assert people.anonymous().get("/api/openapi.json").status_code == 401
    assert people.browser("vic").get("/api/openapi.json").json() == json.loads(document())
