"""Disks that fill up, become read-only or vanish, with real mounts: one clear sentence, and back by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.mounted_studio import BEFORE

SCRIPT = Path(__file__).with_name("mounted_studio.py")
READ_ONLY = (
    "The disk is nearly full, so the studio is read-only until there is room again. Deleting for good and emptying the "
    "trash still work."
)
GONE = (
    "The folder with everybody's files cannot be reached at the moment. Nothing was changed; the studio goes on as "
    "soon as it is back."
)


def played(scenario: str, folder: Path) -> dict[str, Any]:
    ended = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, str(SCRIPT), scenario, str(folder)],
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parents[1])},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def codes(answers: dict[str, dict[str, Any]]) -> set[tuple[int, str | None]]:
    return {(answer["status"], answer["code"]) for answer in answers.values()}


@pytest.mark.parametrize("scenario", ["in the middle", "in the middle with a reserve"])
def test_a_disk_that_fills_up_in_the_middle_leaves_what_was_there(tmp_path: Path, scenario: str) -> None:
    found = played(scenario, tmp_path)

    assert found["before"] is False
    assert set(found["answers"]) == {"save", "new file", "upload", "import", "packed.git", "unpacked.git"}
    for answer in found["answers"].values():
        assert (answer["status"], answer["code"]) in ((507, "disk_full"), (507, "studio_read_only")), answer
        assert answer["detail"].startswith("The disk is "), answer
    assert found["content"].encode() == BEFORE
    assert found["left"] == []
    assert found["small"]["status"] == 201
    assert codes(found["after"]) == {(200, None), (201, None)}


def test_a_disk_that_is_nearly_full_makes_the_studio_read_only_and_deleting_makes_it_writable(tmp_path: Path) -> None:
    found = played("full", tmp_path)

    assert len(found["answers"]) == 7
    assert {(item["status"], item["code"], item["detail"]) for item in found["answers"].values()} == {
        (507, "studio_read_only", READ_ONLY)
    }
    assert found["status"] == [True, READ_ONLY]
    assert found["read"] == [200, 200]
    assert (found["space"], found["sign in"]["status"]) == (200, 200)
    assert found["freed"] == [204, {"removed": 1}]
    assert (found["after"]["status"], found["status after"]) == (200, False)


def test_a_share_that_can_only_be_read_is_read_and_said_to_be_so(tmp_path: Path) -> None:
    found = played("read-only", tmp_path)

    assert len(found["writing"]) == 9
    assert codes(found["writing"]) == {(503, "share_read_only")}
    for answer in found["writing"].values():
        assert answer["detail"].startswith("The share can only be read at the moment, so ")
    assert codes(found["reading"]) == {(200, None)}
    assert found["note"] == "The share can only be read at the moment, so nothing is changed."
    assert found["content"].encode() == BEFORE
    assert found["left"] == []
    assert codes(found["after"]) == {(200, None), (201, None), (204, None)}


def test_a_share_that_vanishes_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    found = played("gone", tmp_path)

    assert {(item["status"], item["detail"]) for item in found["writing"].values()} == {(503, GONE)}
    still = {name for name, answer in found["reading"].items() if answer["status"] == 200}
    assert still == {"status", "session"}
    assert {answer["detail"] for name, answer in found["reading"].items() if name not in still} == {GONE}
    assert found["note"] == GONE
    assert found["made"] == []
    assert found["content"].encode() == BEFORE
    assert found["left"] == []
    assert codes(found["after"]) == {(200, None), (201, None), (204, None)}
    assert found["flows"] == 1
