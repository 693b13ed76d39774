"""The flow of a batch is loaded once and its workers are forked from there, where that is sound."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.sandbox.batches import run, within, write_flow

HEAD = "import os, time\nfrom promptflow.core import tool\n"
TOOL = "@tool\ndef node(given: int):\n    time.sleep(0.05)\n    return LOADED\n"


def loads(folder: Path, more: str) -> list[int]:
    """The processes that have loaded the flow, of a batch in which four workers ran."""
    log = folder / "loads"
    folder.mkdir()
    note = f"LOADED = os.getpid()\nwith open({str(log)!r}, 'a') as file:\n    file.write(f'{{LOADED}}\\n')\n"
    flow = write_flow(folder / "flow", "", helpers={"node.py": HEAD + note + more + TOOL})
    outcome, sink = run(flow, 24, workers=4)
    assert outcome.completed == 24
    found = [int(line) for line in log.read_text().split()]
    assert set(sink.outputs()) <= set(found)
    return found


def test_a_flow_is_loaded_once_for_all_workers(tmp_path: Path) -> None:
    assert len(loads(tmp_path / "plain", "")) == 1


@pytest.mark.parametrize(
    "more",
    [
        "import threading\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n",
        "KEPT = open(os.devnull)\n",
        "import socket\nKEPT = socket.socketpair()\n",
        "import subprocess\nKEPT = subprocess.Popen(['sleep', '9'])\n",
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nsignal.setitimer(signal.ITIMER_REAL, 9)\n",
    ],
    ids=["thread", "file", "socket", "child", "timer"],
)
def test_a_flow_whose_code_keeps_what_a_fork_would_not_carry_over_is_loaded_by_each_worker(
    tmp_path: Path, more: str
) -> None:
    assert len(loads(tmp_path / "keeping", more)) == 4


def test_the_object_of_a_flow_s_class_is_made_by_each_worker(tmp_path: Path) -> None:
    log = tmp_path / "made"
    folder = tmp_path / "flow"
    folder.mkdir()
    (folder / "entry.py").write_text(
        "import os, time\n\n\nclass Flow:\n    def __init__(self):\n"
        f"        with open({str(log)!r}, 'a') as file:\n            file.write(f'{{os.getpid()}}\\n')\n\n"
        "    def __call__(self, given: int):\n        time.sleep(0.05)\n        return given\n"
    )
    (folder / "flow.flex.yaml").write_text("entry: entry:Flow\n")

    outcome, _ = run(folder / "flow.flex.yaml", 24, workers=4)

    assert outcome.completed == 24
    assert len(set(log.read_text().split())) == 4


def test_lines_whose_workers_end_with_the_process_that_loaded_the_flow_fail_and_others_go_on(tmp_path: Path) -> None:
    body = """
        import os, signal, time
        if given == 3:
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(9)
        time.sleep(0.02)
        return given
    """
    flow = write_flow(tmp_path / "flow", body)
    in_time = within(20)

    outcome, sink = run(flow, 20, workers=3)

    in_time()
    assert outcome.status == "Completed"
    assert 3 in sink.messages()
    assert all("Process crashed while executing line" in message for message in sink.messages().values())
    assert outcome.failed <= 3


def test_nothing_is_left_of_a_batch_that_has_ended(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "import os\nreturn [os.getpid(), os.getppid()]")

    _, sink = run(flow, 8, workers=4)

    for pid in {pid for pids in sink.outputs() for pid in pids}:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_what_the_flow_s_code_wants_done_at_the_end_is_done_once(tmp_path: Path) -> None:
    head = (
        "import atexit, os, tempfile, time\nfrom promptflow.core import tool\nKEPT = tempfile.TemporaryDirectory()\n"
        f"atexit.register(lambda: open({str(tmp_path / 'ends')!r}, 'a').write('end '))\n"
    )
    tool = (
        "@tool\ndef node(given: int):\n    time.sleep(0.02)\n    return KEPT.name if os.path.isdir(KEPT.name) else ''\n"
    )
    flow = write_flow(tmp_path / "flow", "", helpers={"node.py": head + tool})

    _, sink = run(flow, 12, workers=3)

    (folder,) = set(sink.outputs())
    assert (tmp_path / "ends").read_text() == "end "
    assert folder and not Path(folder).exists()


def test_an_end_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    head = "import atexit, time\nfrom promptflow.core import tool\natexit.register(time.sleep, 60)\n"
    flow = write_flow(
        tmp_path / "flow", "", helpers={"node.py": head + "@tool\ndef node(given: int):\n    return given\n"}
    )
    in_time = within(20)

    outcome, _ = run(flow, 4, workers=2)

    in_time()
    assert outcome.completed == 4
