"""The files of the original that a finished run leaves."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from pfstudio.runfolder.failures import lines_error, run_error
from pfstudio.runfolder.folder import RunFolder, list_runs
from runfolder.conftest import line, make_record

ENDED = "2026-01-31T10:00:03+00:00"


def read_lines(path: Path) -> list:
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def test_a_finished_run_has_the_files_of_the_original(folder: RunFolder) -> None:
    folder.append(line(1, status="Failed"))
    folder.append(line(0))
    reduce = {"node": "agg", "index": None, "status": "Completed", "run_id": "r_agg_reduce"}

    folder.finish(status="Completed", metrics={"total": 1}, aggregation=[reduce], end_time=ENDED)

    path = folder.path
    assert read_lines(path / "inputs.jsonl") == [{"q": n, "line_number": n} for n in range(2)]
    assert read_lines(path / "outputs.jsonl") == [{"a": 0, "line_number": 0}]
    assert (path / "flow_outputs" / "output.jsonl").read_text() == '{"line_number": 0, "a": 0}\n'
    assert json.loads((path / "metrics.json").read_text()) == {"total": 1}
    assert json.loads((path / "meta.json").read_text()) == {"batch_size": 1}
    assert not (path / "error.json").exists()
    flow = json.loads((path / "flow_artifacts" / "000000001_000000001.jsonl").read_text())
    assert list(flow) == ["line_number", "run_info", "start_time", "end_time", "name", "description", "status", "tags"]
    assert flow["start_time"] == "2026-01-31T10:00:01.5"
    node = json.loads((path / "node_artifacts" / "n" / "000000001.jsonl").read_text())
    assert list(node) == ["NodeName", "line_number", "run_info", "start_time", "end_time", "status"]
    assert json.loads((path / "node_artifacts" / "agg" / "000000000.jsonl").read_text())["line_number"] is None
    assert "[n in line 0 (index starts from 0)] stdout> hi" in (path / "flow_logs" / "000000000.log").read_text()
    assert folder.record().status == "Completed"


def test_values_that_json_has_not_and_numbers_of_any_size_survive(folder: RunFolder) -> None:
    big = 2**70
    for number, value in enumerate((float("nan"), big, "\ud800", 1e300, "ü")):
        folder.append(line(number, outputs={"a": value}))

    folder.finish(status="Completed", end_time=ENDED)

    values = [record["a"] for record in read_lines(folder.path / "flow_outputs" / "output.jsonl")]
    assert str(values[0]) == "nan"
    assert values[1:] == [big, "\ud800", 1e300, "ü"]
    assert "NaN" in (folder.path / "outputs.jsonl").read_text()


def test_finishing_again_after_a_resume_replaces_what_was_derived(folder: RunFolder) -> None:
    folder.append(line(0))
    folder.finish(status="Failed", error=run_error({"message": "broken"}), end_time=ENDED)
    assert json.loads((folder.path / "error.json").read_text())["message"] == "First error message is: broken"

    folder.append(line(1))
    folder.finish(status="Completed", end_time=ENDED)

    assert len(read_lines(folder.path / "outputs.jsonl")) == 2
    assert not (folder.path / "error.json").exists()


def test_the_error_of_a_run_names_its_failed_lines_and_aggregation_nodes() -> None:
    error = lines_error([(3, {"message": "unlucky"})], 10, {"agg": {"message": "empty"}})

    assert error["message"].startswith("Failed to run 1/10 lines. First error message is: unlucky")
    assert error["additionalInfo"][0]["info"]["errors"] == [
        {"line_number": 3, "error": {"message": "unlucky"}},
        {"error": {"message": "empty"}, "aggregation_node_name": "agg"},
    ]
    assert lines_error([], 10, {}) is None


@pytest.fixture
def foreign(root: Path) -> Path:
    """A run as promptflow leaves it, its record in a database beside the runs."""
    run = root / "old"
    (run / "flow_outputs").mkdir(parents=True)
    (run / "outputs.jsonl").write_text('{"a":1,"line_number":0}\n')
    return run


def test_a_run_that_promptflow_made_is_listed_with_what_its_database_says(root: Path, foreign: Path) -> None:
    with sqlite3.connect(root.parent / "pf.sqlite") as database:
        columns = "name, created_on, status, display_name, description, tags, properties, archived, data"
        database.execute(f"CREATE TABLE run_info ({columns}, start_time, end_time)")
        values = ("old", "2026-01-01", "Completed", "Old", None, '{"k": "v"}', '{"flow_path": "/f/flow"}', 1, "/d")
        database.execute(f"INSERT INTO run_info ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    record = list_runs(root)[0]

    assert (record.name, record.status, record.display_name, record.flow_name) == ("old", "Completed", "Old", "flow")
    assert record.tags == {"k": "v"}
    assert record.archived


def test_a_folder_of_a_run_that_promptflow_refused_is_none(root: Path, foreign: Path) -> None:
    with sqlite3.connect(root.parent / "pf.sqlite") as database:
        database.execute("CREATE TABLE run_info (name, created_on, status)")

    assert list_runs(root) == []


def test_a_run_that_promptflow_made_elsewhere_is_listed_from_its_files(root: Path, foreign: Path) -> None:
    record = list_runs(root)[0]

    assert (record.name, record.status) == ("old", "Completed")


def test_a_foreign_run_may_be_renamed(root: Path, foreign: Path) -> None:
    RunFolder.open(root, "old").update(display_name="Mine", archived=True)

    assert list_runs(root)[0].display_name == "Mine"
    assert make_record().display_name == "r"
