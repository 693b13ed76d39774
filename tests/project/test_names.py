"""House rules that a linter does not know."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
USERS_FLOWS = ("gallery/flows/", "tests/flows/")  # Written as users write.
LONGEST_FILE = 500
LONGEST_FUNCTION = 60


def test_no_file_has_a_name_that_says_nothing() -> None:
    # The names below `compat` are those users' code imports.
    own = [path for path in tracked() if path.parts[:2] != ("backend", "compat")]

    assert [path for path in own if {part.split(".")[0] for part in path.parts} & VAGUE] == []


def test_no_source_file_is_longer_than_the_style_allows() -> None:
    sources = [path for path in tracked() if path.suffix in {".py", ".ts", ".tsx"} and "schema.d.ts" not in path.name]
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources}

    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_the_style_allows() -> None:
    long = []
    for path in tracked():
        if path.suffix != ".py" or path.parts[0] != "backend":
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{path}:{node.lineno} {node.name} has {length} lines")

    assert long == []


def test_compatibility_files_hold_no_logic() -> None:
    long = [
        path
        for path in (ROOT / "backend/compat").rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 40
    ]

    assert long == []


def test_no_registry_is_named_in_a_lock_file() -> None:
    assert '"resolved"' not in (ROOT / "frontend/package-lock.json").read_text(encoding="utf-8")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        Path(line)
        for line in listed.splitlines()
        if (ROOT / line).is_file() and not any(part in line for part in USERS_FLOWS)
    ]
