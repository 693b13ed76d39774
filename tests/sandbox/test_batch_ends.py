"""How lines, workers and whole batches end before their time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from tests.sandbox.batches import Sink, run, within, write_flow

from pfstudio.sandbox.batch_processes import Method

METHODS = pytest.mark.parametrize("method", ["fork", "spawn"])


@METHODS
def test_a_line_whose_process_exits_fails_alone_with_the_exit_code(tmp_path: Path, method: Method) -> None:
    flow = write_flow(tmp_path / "flow", "import os\nif given == 3: os._exit(7)\nreturn given")

    outcome, sink = run(flow, 8, method=method)

    assert (outcome.status, outcome.completed) == ("Completed", 7)
    assert sink.messages() == {3: "Process crashed while executing line 3, exit code 7."}
    assert sink.records[3]["inputs"] == {"given": 3, "line_number": 3}


def test_a_line_whose_process_is_killed_fails_alone_with_the_signal(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "import os\nif given == 1: os.kill(os.getpid(), 11)\nreturn given")

    _, sink = run(flow, 4)

    assert sink.messages() == {1: "Process crashed while executing line 1, signal 11 (SIGSEGV)."}
    assert len(sink.records) == 4


def test_every_line_may_crash_and_the_run_still_ends(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "import os\nos._exit(1)")

    outcome, sink = run(flow, 30)

    assert (outcome.status, outcome.failed) == ("Completed", 30)
    assert all("exit code 1" in message for message in sink.messages().values())


@METHODS
def test_a_flow_whose_module_exits_the_process_fails_the_run(tmp_path: Path, method: Method) -> None:
    flow = write_flow(tmp_path / "flow", "return given", helpers={"node.py": "import os\nos._exit(5)\n"})

    outcome, sink = run(flow, 4, method=method)

    assert outcome.status == "Failed"
    assert outcome.error is not None
    assert "exit code 5" in outcome.error.message
    assert not sink.records


@METHODS
@pytest.mark.parametrize("body", ["import time\ntime.sleep(60)", "while True: pass"])
def test_a_line_over_its_time_is_ended_at_once_and_fails_alone(tmp_path: Path, body: str, method: Method) -> None:
    flow = write_flow(tmp_path / "flow", f"if given == 1:\n{textwrap.indent(body, '    ')}\nreturn given")
    in_time = within(12)

    outcome, sink = run(flow, 6, line_timeout=1.0, method=method)

    in_time()
    assert outcome.completed == 5
    assert sink.messages() == {1: "Line 1 execution timeout for exceeding 1 seconds"}
    assert [(run["node"], run["status"]) for run in sink.records[1]["node_runs"]] == [("node", "Canceled")]


def test_a_line_that_never_lets_go_of_the_interpreter_is_ended_from_outside(tmp_path: Path) -> None:
    stuck = "import re\nif given == 1: re.match(r'(a+)+$', 'a' * 60 + 'b')\nreturn given"
    flow = write_flow(tmp_path / "flow", stuck)
    in_time = within(12)

    outcome, sink = run(flow, 4, line_timeout=1.0)

    in_time()
    assert outcome.completed == 3
    assert sink.messages() == {1: "Line 1 execution timeout for exceeding 1 seconds"}


def test_a_batch_over_its_time_is_failed_and_says_of_each_line_what_became_of_it(tmp_path: Path) -> None:
    body = "import time\ntime.sleep(0 if given < 2 else 60)\nreturn given"
    flow = write_flow(tmp_path / "flow", body, aggregation="log_metric('ran', 1)")
    in_time = within(12)

    outcome, sink = run(flow, 6, batch_timeout=1.5)

    in_time()
    assert (outcome.status, outcome.completed, outcome.failed) == ("Failed", 2, 4)
    assert outcome.error is not None
    assert outcome.error.message == "The batch run exceeded its time of 1.5 s; 4 of 6 lines were not finished."
    assert sink.messages()[5] == (
        "Line 5 execution terminated due to the total batch run exceeding the batch timeout (1.5s)."
    )
    assert outcome.metrics == {}


@METHODS
def test_cancel_keeps_finished_lines_and_ends_within_two_seconds(tmp_path: Path, method: Method) -> None:
    flow = write_flow(tmp_path / "flow", "import time\nwhile given >= 2: pass\nreturn given")
    cancel = threading.Event()
    asked: list[float] = []

    def stop_soon(_: object) -> None:
        if len(sink.records) == 2:
            asked.append(time.monotonic())
            cancel.set()

    sink = Sink(stop_soon)
    outcome, _ = run(flow, 8, sink=sink, cancel=cancel, method=method)

    assert time.monotonic() - asked[0] < 2
    assert (outcome.status, outcome.error) == ("Canceled", None)
    assert sink.outputs() == [0, 1]


def test_a_batch_that_is_done_when_it_is_canceled_is_completed(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given")
    cancel = threading.Event()
    sink = Sink(lambda _: cancel.set() if len(sink.records) == 3 else None)

    outcome, _ = run(flow, 3, sink=sink, cancel=cancel)

    assert outcome.status == "Completed"


SCRIPT = """
import sys, threading
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.sandbox.batches import Sink, run
sink = Sink(lambda line: print('line', flush=True))
outcome, _ = run(Path({flow!r}), 8, sink=sink)
print(outcome.status, len(sink.records), flush=True)
"""
ROOT = str(Path(__file__).parents[2])


def _script(tmp_path: Path, flow: Path) -> subprocess.Popen[str]:
    """An unguarded script that runs a batch at its top level."""
    file = tmp_path / "script.py"
    file.write_text(SCRIPT.format(root=ROOT, flow=str(flow)))
    return subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, text=True)


def test_an_unguarded_script_may_run_a_batch(tmp_path: Path) -> None:
    script = _script(tmp_path, write_flow(tmp_path / "flow", "return given"))

    output, _ = script.communicate(timeout=30)

    assert output.split()[-2:] == ["Completed", "8"]
    assert output.count("line") == 8


def test_ctrl_c_leaves_a_canceled_batch_with_its_finished_lines(tmp_path: Path) -> None:
    script = _script(tmp_path, write_flow(tmp_path / "flow", "import time\ntime.sleep(given * 20)\nreturn given"))
    assert script.stdout is not None
    assert script.stdout.readline() == "line\n"
    in_time = within(3)

    script.send_signal(signal.SIGINT)
    output, _ = script.communicate(timeout=30)

    in_time()
    assert output.split() == ["Canceled", "1"]


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "pids"
    body = f"import os, time\nopen({str(mark)!r}, 'a').write(f'{{os.getpid()}}\\n')\ntime.sleep(given * 60)\nreturn 1"
    script = _script(tmp_path, write_flow(tmp_path / "flow", body))
    assert script.stdout is not None
    script.stdout.readline()
    end = time.monotonic() + 10
    while len(mark.read_text().split()) < 3 and time.monotonic() < end:
        time.sleep(0.05)

    script.kill()
    script.communicate(timeout=10)

    pids = [int(pid) for pid in mark.read_text().split()]
    end = time.monotonic() + 5
    while any(_lives(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(_lives(pid) for pid in pids)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_last_words_of_the_processes_are_told_when_they_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/jinja2.py").write_text("import os, signal\nos.write(2, b'cannot go on')\nos._exit(9)\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    flow = write_flow(tmp_path / "flow", "return given")
    flow.write_text(flow.read_text() + "# llm\n")
    in_time = within(10)

    outcome, _ = run(flow, 2, method="fork")

    in_time()
    assert outcome.status == "Failed"
    assert outcome.error is not None
    assert "cannot go on" in outcome.error.message


@METHODS
def test_a_flow_that_never_loads_fails_the_run_after_the_time_of_a_line(tmp_path: Path, method: Method) -> None:
    flow = write_flow(tmp_path / "flow", "return given", helpers={"node.py": "import time\ntime.sleep(60)\n"})
    in_time = within(12)

    outcome, sink = run(flow, 4, line_timeout=1.0, method=method)

    in_time()
    assert outcome.status == "Failed"
    assert outcome.error is not None
    assert "took longer than 1 seconds" in outcome.error.message
    assert not sink.records


def test_a_flow_that_loads_only_once_is_run_by_the_one_worker_that_has_it(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    once = (
        "import os\nfrom promptflow.core import tool\n"
        f"try:\n    os.mkdir({str(taken)!r})\nexcept FileExistsError:\n    os._exit(3)\n"
        "@tool\ndef node(given: int):\n    import time\n    time.sleep(0.1)\n    return given\n"
    )
    flow = write_flow(tmp_path / "flow", "", helpers={"node.py": once})

    outcome, sink = run(flow, 12)

    assert (outcome.status, sink.outputs()) == ("Completed", list(range(12)))


def test_prints_of_modules_are_shown(tmp_path: Path) -> None:
    helper = "from promptflow.core import tool\nprint('loading now')\n@tool\ndef node(given: int):\n    return given\n"
    flow = write_flow(tmp_path / "flow", "", helpers={"node.py": helper})

    _, sink = run(flow, 1)

    assert "loading now" in sink.text()
