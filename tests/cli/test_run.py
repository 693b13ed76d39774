"""`pf run …`, as typed."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import PF, Ended
from sdk.run_flows import make_data, make_flow

Command = Callable[..., Ended]
MAPPING = ("--column-mapping", "q=${data.q}")


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    return make_flow(tmp_path / "my-flow")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_data(tmp_path / "data.jsonl", [{"q": number} for number in range(5)])


@pytest.fixture
def run(pf: Command, flow: Path, data: Path) -> Ended:
    """A run named `r1` with one failed line."""
    return pf("run", "create", "--flow", "my-flow", "--data", "data.jsonl", *MAPPING, "--name", "r1")


def test_create_prints_the_run_alone_on_standard_output(run: Ended, pf: Command) -> None:
    shown = json.loads(run.out)

    assert run.code == 0, "lines that fail alone are no failed run"
    assert (shown["name"], shown["status"]) == ("r1", "Completed")
    assert "Submitting run r1, log path: " in run.err
    assert "1 out of 5 runs failed in batch run." in run.err
    assert json.loads(pf("run", "show", "--name", "r1").out) == shown


def test_what_is_suspicious_in_the_flow_is_told_once(pf: Command, flow: Path, data: Path) -> None:
    file = flow / "flow.dag.yaml"
    file.write_text(file.read_text() + "unheard_of: 1\n")

    ended = pf("run", "create", "--flow", "my-flow", "--data", "data.jsonl", *MAPPING)

    assert ended.err.count("has the key 'unheard_of', which means nothing there.") == 1
    assert ended.code == 0


def test_an_aggregation_that_failed_is_told(pf: Command, tmp_path: Path, data: Path) -> None:
    folder = tmp_path / "counting"
    folder.mkdir()
    (folder / "flow.dag.yaml").write_text(
        "inputs: {q: {type: int}}\noutputs: {a: {type: int, reference: '${inputs.q}'}}\nnodes:\n"
        "- {name: count, type: python, source: {type: code, path: t.py}, aggregation: true,\n"
        "   inputs: {q: '${inputs.q}'}}\n"
    )
    (folder / "t.py").write_text(
        "from promptflow.core import tool\n@tool\ndef t(q: list): raise ValueError('no sum')\n"
    )

    ended = pf("run", "create", "--flow", "counting", "--data", "data.jsonl", *MAPPING)

    assert (ended.code, json.loads(ended.out)["status"]) == (0, "Completed")
    assert "The aggregation node 'count' failed: Execution failure in 'count': (ValueError) no sum" in ended.err


def test_stream_shows_the_log_and_a_summary(pf: Command, flow: Path, data: Path) -> None:
    ended = pf("run", "create", "--flow", "my-flow", "--data", "data.jsonl", *MAPPING, "-n", "r1", "--stream")

    assert ended.code == 0
    assert '======= Run Summary =======\n\nRun name: "r1"\nRun status: "Completed"\nStart time: "20' in ended.err
    assert "Line 3 failed: Execution failure in 'n': (ValueError) unlucky" in ended.err
    assert json.loads(ended.out)["name"] == "r1"
    again = pf("run", "stream", "-n", "r1")
    assert (again.code, json.loads(again.out)["name"]) == (0, "r1")
    assert "Line 3 failed" in again.err


def test_a_run_that_failed_ends_with_one(pf: Command, flow: Path, data: Path) -> None:
    arguments = ("run", "create", "--flow", "my-flow", "--data", "data.jsonl", "--column-mapping", "q=${data.zz}")

    ended = pf(*arguments, "-n", "r1")
    streamed = pf(*arguments, "-n", "r2", "--stream")

    assert (ended.code, json.loads(ended.out)["status"]) == (1, "Failed")
    assert "Couldn't find these mapping relations: ${data.zz}" in ended.err
    assert (streamed.code, streamed.out) == (1, "")
    assert "pf.run.create failed with InvalidRunStatusError: First error message is: " in streamed.err
    assert pf("run", "stream", "-n", "r1").code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "data.jsonl"), "UserErrorException: To create a run, one of [file, flow, source] must be"),
        (
            ("--flow", "my-flow", "--file", "run.yaml"),
            "UserErrorException: More than one is provided for exclusive options: [file, flow, source, resume-from]",
        ),
        (("--flow", "my-flow", "--data", "no.jsonl"), "Can't find directory or file in resolved absolute path: "),
        (("--flow", "nope", "--data", "data.jsonl"), "ValidationException: Can't find directory or file in resolved"),
        (("--flow", "my-flow", "--data", "data.jsonl", "--name", "a/b"), "InvalidRunNameError"),
        (("--flow", "my-flow", "--data", "data.jsonl", "--column-mapping", "q=1"), "at least one mapping binding"),
        (("--resume-from", "zz"), "RunNotFoundError: Run name 'zz' cannot be found."),
        (("--resume-from", "zz", "--data", "data.jsonl"), "'resume_from' is not supported"),
        (("--flow", "my-flow", "--data", "data.jsonl", "--connections", "x=y"), "--connections takes NODE.KEY=VALUE"),
    ],
)
def test_what_is_refused_is_refused_in_one_line(
    pf: Command, flow: Path, data: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    ended = pf("run", "create", *arguments)

    assert (ended.code, ended.out) == (1, "")
    assert ended.last_error_line.startswith("pf.run.create failed with ")
    assert message in ended.last_error_line
    assert not (tmp_path / "home" / ".promptflow" / ".runs").exists()


def test_a_second_run_of_a_name_is_refused(run: Ended, pf: Command) -> None:
    ended = pf("run", "create", "--flow", "my-flow", "--data", "data.jsonl", *MAPPING, "--name", "r1")

    assert ended.last_error_line == "pf.run.create failed with RunExistsError: Run 'r1' already exists."


def test_options_come_before_the_run_file_and_its_paths_are_its_own(
    pf: Command, flow: Path, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "runs" / "run.yaml"
    file.parent.mkdir()
    file.write_text("flow: ../my-flow\ndata: ../data.jsonl\ndisplay_name: a\ncolumn_mapping: {q: '${data.q}'}\nx: y\n")

    options = ("--set", "display_name=b", "tags.k=v", "--name", "r1", *MAPPING, "w=fixed")
    ended = pf("run", "create", "-f", "runs/run.yaml", *options)

    shown = json.loads(ended.out)
    assert (shown["name"], shown["display_name"], shown["tags"]) == ("r1", "b", {"k": "v"})
    assert shown["properties"]["column_mapping"] == {"q": "${data.q}", "w": "fixed"}
    assert "has keys that mean nothing here: x" in ended.err


def test_details_metrics_and_lists_are_shown(run: Ended, pf: Command) -> None:
    details = pf("run", "show-details", "-n", "r1").out
    assert "|  3 |          3 |                    3 | d          | (Failed)    |" in details
    assert "(Failed)" not in pf("run", "show-details", "-n", "r1", "-r", "2").out
    assert json.loads(pf("run", "show-metrics", "-n", "r1").out) == {"total": 14, "aligned": True}
    listed = json.loads(pf("run", "list", "-r", "1").out)
    assert [item["name"] for item in listed] == ["r1"]
    assert "additionalInfo" not in listed[0]["error"]
    assert "| r1 " in pf("run", "list", "-o", "table").out
    assert pf("run", "show-details", "-n", "r1", "-r", "0").code == 1
    missing = pf("run", "show", "-n", "zz")
    assert missing.last_error_line == "pf.run.show failed with RunNotFoundError: Run name 'zz' cannot be found."


def test_runs_are_archived_restored_updated_and_deleted(run: Ended, pf: Command) -> None:
    assert json.loads(pf("run", "archive", "-n", "r1").out)["name"] == "r1"
    assert json.loads(pf("run", "list").out) == []
    assert len(json.loads(pf("run", "list", "--archived-only").out)) == 1
    assert len(json.loads(pf("run", "list", "--include-archived", "--all-results").out)) == 1
    assert json.loads(pf("run", "restore", "-n", "r1").out)["name"] == "r1"
    updated = json.loads(pf("run", "update", "-n", "r1", "--set", "display_name=q", "description=z", "tags.a=b").out)
    assert (updated["display_name"], updated["description"], updated["tags"]) == ("q", "z", {"a": "b"})
    assert "--set takes display_name" in pf("run", "update", "-n", "r1", "--set", "name=x").err
    refused = pf("run", "delete", "-n", "r1")
    assert (refused.code, json.loads(pf("run", "show", "-n", "r1").out)["name"]) == (0, "r1"), "no answer is a no"
    assert pf("run", "delete", "-n", "r1", "-y").out == ""
    assert pf("run", "show", "-n", "r1").code == 1


def test_lines_are_exported_and_runs_compared(run: Ended, pf: Command, tmp_path: Path) -> None:
    rows = list(csv.DictReader(pf("run", "export", "-n", "r1").out.splitlines()))
    assert [row["outputs.a"] for row in rows] == ["0", "2", "4", "", "8"]
    assert pf("run", "export", "-n", "r1", "--output", "lines.jsonl").out == ""
    assert len((tmp_path / "lines.jsonl").read_text().splitlines()) == 5
    assert "not as 'txt'" in pf("run", "export", "-n", "r1", "--output", "lines.txt").err

    shown = pf("run", "visualize", "-n", "r1,r1", "--html-path", "page.html")

    assert (shown.code, shown.out) == (0, "")
    assert shown.err.startswith("The page is at ")
    assert "<title>r1 and r1</title>" in (tmp_path / "page.html").read_text()


def test_a_run_is_resumed_under_a_new_name(run: Ended, pf: Command, tmp_path: Path) -> None:
    resumed = pf("run", "create", "--resume-from", "r1", "--name", "r2", "--set", "display_name=again", "tags.k=v")

    shown = json.loads(resumed.out)
    assert (resumed.code, shown["display_name"], shown["tags"]) == (0, "again", {"k": "v"})
    assert shown["properties"]["resume_from"] == "r1"
    assert "Failed to run 1/5 lines" in shown["error"]["message"]


def test_ctrl_c_cancels_with_130_and_says_how_to_go_on(flow: Path, tmp_path: Path, pf: Command) -> None:
    make_data(tmp_path / "many.jsonl", [{"q": number + 10} for number in range(2000)])
    home = tmp_path / "home"
    process = subprocess.Popen(
        [PF, "run", "create", "--flow", "my-flow", "--data", "many.jsonl", *MAPPING, "-n", "r1"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PAUSE": "0.02"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    lines = home / ".promptflow" / ".runs" / "r1" / "lines.jsonl"
    until = time.monotonic() + 60
    while not (lines.exists() and lines.stat().st_size) and time.monotonic() < until:
        time.sleep(0.02)

    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, "")
    assert "finished and kept. Go on with: pf run create --resume-from r1\n" in err
    assert "Traceback" not in err
    assert json.loads(pf("run", "show", "-n", "r1").out)["status"] == "Canceled"


def test_every_command_has_help_and_those_with_choices_have_examples(pf: Command) -> None:
    verbs = (
        "create", "list", "show", "show-details", "show-metrics", "stream", "visualize", "cancel", "archive", "restore",
        "update", "export", "delete",
    )  # fmt: skip
    group = pf("run")
    assert group.code == 0
    for verb in verbs:
        assert verb in group.out
    for verb in ("create", "list", "show-details", "visualize", "export", "update"):
        assert f"examples:\n  pf run {verb}" in pf("run", verb, "--help").out


def test_runs_work_without_linux_only_modules(flow: Path, data: Path, tmp_path: Path) -> None:
    blocked = (
        "import sys\nfor name in ('fcntl', 'grp', 'pty', 'pwd', 'resource', 'termios'): sys.modules[name] = None\n"
    )
    program = f"{blocked}from pfstudio.cli.main import pf\nsys.exit(pf(sys.argv[1:]))\n"
    create = ("run", "create", "--flow", "my-flow", "--data", "data.jsonl", *MAPPING)

    ended = subprocess.run(
        [sys.executable, "-c", program, *create],
        cwd=tmp_path,
        env={"HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert json.loads(ended.stdout)["status"] == "Completed", ended.stderr
