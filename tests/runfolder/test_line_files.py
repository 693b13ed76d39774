"""The files of lines, written while other lines still run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pfstudio.runfolder.errors import RunStorageError
from pfstudio.runfolder.folder import RunFolder
from pfstudio.runfolder.line_files import EarlyLineFiles
from runfolder.conftest import line

ENDED = "2026-01-31T10:00:03+00:00"


def wait_for(path: Path) -> None:
    end = time.monotonic() + 5
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.005)
    assert path.exists()


def test_the_files_of_a_line_are_there_while_others_still_run(folder: RunFolder) -> None:
    folder.append(line(7))

    wait_for(folder.path / "flow_artifacts" / "000000007_000000007.jsonl")
    wait_for(folder.path / "flow_logs" / "000000007.log")
    wait_for(folder.path / "node_artifacts" / "n" / "000000007.jsonl")


def test_the_first_record_of_a_line_counts_also_where_its_files_are_written_early(folder: RunFolder) -> None:
    folder.append(line(0))
    folder.append(line(0, status="Failed"))
    folder.finish(status="Completed", end_time=ENDED)

    artifact = json.loads((folder.path / "flow_artifacts" / "000000000_000000000.jsonl").read_text())
    assert artifact["status"] == "Completed"


def test_a_line_recorded_before_this_process_keeps_its_files(tmp_path: Path, folder: RunFolder) -> None:
    folder.append(line(0))
    folder.close()
    again = RunFolder.open(folder.path.parent, folder.path.name)
    again.take()
    with again:
        again.append(line(0, status="Failed"))
        again.append(line(1))
        again.finish(status="Completed", end_time=ENDED)

    found = [json.loads(path.read_text())["status"] for path in sorted((folder.path / "flow_artifacts").iterdir())]
    assert found == ["Completed", "Completed"]


def test_a_disk_that_refuses_a_file_of_a_line_is_an_error_at_the_end_and_loses_no_line(folder: RunFolder) -> None:
    (folder.path / "flow_logs").write_text("in the way")
    for number in range(3):
        folder.append(line(number))

    with pytest.raises(RunStorageError):
        folder.finish(status="Completed", end_time=ENDED)
    (folder.path / "flow_logs").unlink()
    folder.finish(status="Completed", end_time=ENDED)

    assert len(list((folder.path / "flow_logs").iterdir())) == 3
    assert len(folder.lines()) == 3


def test_what_is_no_record_is_left_to_the_end_and_stops_nothing(tmp_path: Path) -> None:
    early = EarlyLineFiles(tmp_path)
    early.add(b'{"line_number": 1')
    early.add(b"[]")
    early.add(line(2))
    wait_for(tmp_path / "node_artifacts" / "n" / "000000002.jsonl")

    assert early.stop() == {2}
    early.add(line(3))
    assert not (tmp_path / "flow_logs" / "000000003.log").exists()
