"""Runs that are resumed: after failed lines, Ctrl-C, a cancel from elsewhere, and kills at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pfstudio.runfolder.errors import RunBusyError
from pfstudio.sdk.client import PFClient
from pfstudio.sdk.runs.errors import InvalidRunStatusError
from sdk.run_flows import make_data, make_flow, read_lines

MAPPING = {"q": "${data.q}"}
SOAK = os.environ.get("PFSTUDIO_SOAK") == "1"
SCRIPT = """\
import sys
from pfstudio.sdk.client import PFClient
flow, data, name, resume = sys.argv[1:]
if resume:
    PFClient().run(resume_from=resume, name=name)
else:
    PFClient().run(
        flow=flow, data=data, column_mapping={"q": "${data.q}"}, name=name, environment_variables={"PAUSE": "0.02"}
    )
"""


@pytest.fixture
def pf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PFClient:
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path / "home"))
    return PFClient()


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    return make_flow(tmp_path / "my-flow")


def start(flow: Path, data: Path, name: str, resume: str = "") -> subprocess.Popen[bytes]:
    """A run in a process group of its own."""
    command = [sys.executable, "-c", SCRIPT, str(flow), str(data), name, resume]
    return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)


def wait_for_lines(folder: Path, count: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (folder / "lines.jsonl").exists() and (folder / "lines.jsonl").read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.01)
    raise AssertionError("no lines came")


def test_only_lines_that_failed_run_again_and_the_aggregation_is_over_all_in_line(
    pf: PFClient, flow: Path, tmp_path: Path
) -> None:
    data = make_data(tmp_path / "data.jsonl", [{"q": number} for number in range(6)])
    mended = tmp_path / "mended"
    pf.run(flow=flow, data=data, column_mapping=MAPPING, name="r1", environment_variables={"MENDED": str(mended)})
    mended.touch()

    run = pf.run(resume_from="r1", name="r2", tags={"try": "2"})

    assert (run.status, run.tags) == ("Completed", {"try": "2"})
    assert "error" not in run._to_dict()
    assert run.properties["resume_from"] == "r1"
    assert read_lines(run._output_path / "flow_outputs" / "output.jsonl") == [
        {"line_number": number, "a": 2 * number} for number in range(6)
    ]
    assert pf.get_metrics(run) == {"total": 30, "aligned": True}
    assert run.properties["system_metrics"]["__pf__.lines.completed"] == 6
    fresh = [record for record in read_lines(run._output_path / "lines.jsonl") if "r2" in record["run_info"]["run_id"]]
    assert [record["line_number"] for record in fresh] == [3]


def test_ctrl_c_leaves_a_canceled_run_that_goes_on_later(pf: PFClient, flow: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data.jsonl", [{"q": number + 10} for number in range(400)])
    process = start(flow, data, "r1")
    wait_for_lines(tmp_path / "home" / ".runs" / "r1", 5)

    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)

    stopped = pf.runs.get("r1")
    assert stopped.status == "Canceled"
    done = len(read_lines(stopped._output_path / "outputs.jsonl"))
    assert 5 <= done < 400
    with pytest.raises(InvalidRunStatusError, match="Run is canceled"):
        pf.stream("r1")
    assert pf.run(resume_from="r1", name="r2").status == "Completed"
    assert pf.get_metrics("r2")["total"] == sum(2 * (number + 10) for number in range(400))


def test_a_run_of_another_process_is_canceled_and_is_busy_until_then(pf: PFClient, flow: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data.jsonl", [{"q": number + 10} for number in range(2000)])
    process = start(flow, data, "r1")
    wait_for_lines(tmp_path / "home" / ".runs" / "r1", 3)
    assert pf.runs.get("r1").status == "Running"
    with pytest.raises(RunBusyError):
        pf.run(resume_from="r1")
    with pytest.raises(RunBusyError):
        pf.runs.delete("r1")

    assert pf.runs.cancel("r1").status == "Canceled"

    assert process.wait(timeout=30) == 0
    with pytest.raises(InvalidRunStatusError, match="already ended as Canceled"):
        pf.runs.cancel("r1")


def test_a_run_killed_at_any_moment_and_resumed_has_the_lines_of_an_undisturbed_one(
    pf: PFClient, flow: Path, tmp_path: Path
) -> None:
    data = make_data(tmp_path / "data.jsonl", [{"q": number} for number in range(60)])
    undisturbed = pf.run(flow=flow, data=data, column_mapping=MAPPING, name="whole")
    expected = (undisturbed._output_path / "flow_outputs" / "output.jsonl").read_bytes()
    chance = random.Random(7)

    for number in range(20 if SOAK else 3):
        name = f"r{number}"
        process = start(flow, data, name)
        folder = tmp_path / "home" / ".runs" / name
        until = time.monotonic() + 60
        while not (folder / "record.json").exists() and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.9))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        seen = pf.runs.get(name)
        assert seen.status in ("Failed", "Completed")
        resumed = pf.run(resume_from=name, name=f"{name}-resumed")

        assert (resumed._output_path / "flow_outputs" / "output.jsonl").read_bytes() == expected
        numbers = [record["line_number"] for record in read_lines(resumed._output_path / "lines.jsonl")]
        assert sorted(numbers) == list(range(60)), "no line is lost or doubled"
        assert pf.get_metrics(resumed) == pf.get_metrics("whole")
        before = {r["line_number"] for r in whole_lines(folder) if r["status"] == "Completed"}
        again = {r["line_number"] for r in whole_lines(resumed._output_path) if f"{name}-resumed_" in json.dumps(r)}
        assert not before & again, "lines that were finished are not run again"


def whole_lines(folder: Path) -> list[dict]:
    try:
        text = (folder / "lines.jsonl").read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def test_a_killed_run_says_that_it_was_interrupted(pf: PFClient, flow: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data.jsonl", [{"q": number} for number in range(2000)])
    process = start(flow, data, "r1")
    wait_for_lines(tmp_path / "home" / ".runs" / "r1", 1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    shown = pf.runs.get("r1")._to_dict()

    assert shown["status"] == "Failed"
    assert "interrupted" in shown["error"]["message"]
    with pytest.raises(InvalidRunStatusError, match="interrupted"):
        pf.stream("r1")


def test_lines_that_the_data_has_no_longer_are_left_behind(
    pf: PFClient, flow: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_data(tmp_path / "data.jsonl", [{"q": number} for number in range(6)])
    pf.run(flow=flow, data=data, column_mapping=MAPPING, name="r1")
    make_data(data, [{"q": number} for number in range(4)])

    run = pf.run(resume_from="r1", name="r2")

    assert "The data has changed: 2 lines that run 'r1' finished are no longer in it." in capsys.readouterr().err
    assert [row["line_number"] for row in read_lines(run._output_path / "outputs.jsonl")] == [0, 1, 2]


def test_a_run_that_promptflow_made_is_evaluated_and_resumed(pf: PFClient, flow: Path, tmp_path: Path) -> None:
    data = make_data(tmp_path / "data.jsonl", [{"q": number} for number in range(6)])
    made = pf.run(flow=flow, data=data, column_mapping=MAPPING, name="r1")._output_path
    properties = {"flow_path": str(flow), "column_mapping": MAPPING}
    with sqlite3.connect(tmp_path / "home" / "pf.sqlite") as database:
        columns = "name, created_on, status, data, properties"
        database.execute(f"CREATE TABLE run_info ({columns})")
        values = ("r1", "2026-01-01", "Completed", str(data), json.dumps(properties))
        database.execute(f"INSERT INTO run_info ({columns}) VALUES (?, ?, ?, ?, ?)", values)
    (made / "lines.jsonl").unlink()
    (made / "record.json").unlink()

    evaluation = pf.run(flow=flow, run="r1", column_mapping={"q": "${run.inputs.q}", "w": "${run.outputs.a}"})
    resumed = pf.run(resume_from="r1", name="r2")

    assert len(read_lines(evaluation._output_path / "outputs.jsonl")) == 5
    assert pf.get_metrics(resumed) == {"total": 24, "aligned": True}
    assert len(read_lines(resumed._output_path / "lines.jsonl")) == 6
