"""The incidents of others that concern the file share each have a test that names its row of the table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ROWS = {
    6: "a path that climbs, fixed at one place only",
    24: "a write through a link",
    25: "a name that climbs",
    27: "a link out of one's own folder, also by an upload that is resumed",
    28: "a folder whose name begins like another's",
    29: "a delete that takes along what is somebody else's",
    35: "what a user wrote runs as a page",
    36: "a side door that asks for no rights: previews, searches, exports",
    41: "an archive that climbs, links, explodes or collides",
}


def _rows(text: str) -> set[int]:
    """The rows that a docstring names, as `row 6` or `rows 6, 24 and 36`."""
    found = re.findall(r"[Rr]ows? ([\d, and]+) of the table of incidents", " ".join(text.split()))
    return {int(number) for listed in found for number in re.findall(r"\d+", listed)}


@pytest.mark.parametrize("row", ROWS, ids=ROWS.get)
def test_an_incident_of_the_share_has_a_test_that_names_it(row: int) -> None:
    naming = []
    for file in sorted(TESTS.rglob("test_*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        if row in _rows(ast.get_docstring(module) or ""):
            assert any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in module.body)
            naming.append(file)

    assert naming
