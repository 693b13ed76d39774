"""Tools that do what tools should not: the batch goes on, and says what happened."""

from __future__ import annotations

import time
from pathlib import Path

from tests.model_servers import Answer, ModelServer, chat_answer
from tests.sandbox.batches import run, within, write_flow


def test_a_tool_that_prints_a_million_lines_is_cut_and_holds_nothing_up(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "for n in range(1_000_000): print('line', n)\nreturn given")
    in_time = within(60)

    _, sink = run(flow, 1)

    in_time()
    assert sink.outputs() == [0]
    assert len(sink.records[0]["node_runs"][0]["logs"]["stdout"]) < 4_000_000
    assert "line 0" in sink.text()
    assert "the log leaves it out" in sink.text()
    assert len(sink.text()) < 200_000


def test_what_is_written_past_python_is_shown(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "import os\nos.write(1, b'from below')\nreturn given")

    _, sink = run(flow, 1)

    assert "from below" in sink.text()


def test_a_tool_that_forks_and_goes_on_twice_is_heard_once(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "import os\nos.fork()\nreturn given")

    outcome, sink = run(flow, 10)

    assert outcome.completed == 10
    assert sink.outputs() == list(range(10))


def test_children_that_tools_leave_behind_end_with_the_batch(tmp_path: Path) -> None:
    mark = tmp_path / "pids"
    body = f"""
        import subprocess, sys
        child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])
        open({str(mark)!r}, 'a').write(f'{{child.pid}} ')
        return given
    """
    flow = write_flow(tmp_path / "flow", body)

    run(flow, 3)

    end = time.monotonic() + 3
    pids = [int(pid) for pid in mark.read_text().split()]
    while any(_lives(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    assert len(pids) == 3
    assert not any(_lives(pid) for pid in pids)


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_a_tool_that_changes_the_working_directory_changes_it_for_its_line_only(tmp_path: Path) -> None:
    body = "import os\nbefore = os.getcwd()\nos.chdir('/')\nreturn os.path.basename(before)"
    flow = write_flow(tmp_path / "flow", body)

    _, sink = run(flow, 10, workers=1)

    assert sink.outputs() == ["flow"] * 10
    assert str(Path.cwd()) != "/"


def test_a_tool_that_patches_the_standard_library_breaks_no_record(tmp_path: Path) -> None:
    body = """
        import builtins, json, os, time
        json.dumps = json.loads = lambda *a, **k: 'patched'
        time.monotonic = time.time = lambda: 0
        os.getpid = lambda: -1
        builtins.print = lambda *a, **k: None
        return given
    """
    flow = write_flow(tmp_path / "flow", body)

    outcome, sink = run(flow, 12, workers=1)

    assert outcome.completed == 12
    assert sink.outputs() == list(range(12))


def test_a_tool_that_exits_or_interrupts_fails_its_line(tmp_path: Path) -> None:
    body = "import sys\nif given == 0: sys.exit(4)\nif given == 1: raise KeyboardInterrupt\nreturn given"
    flow = write_flow(tmp_path / "flow", body)

    outcome, sink = run(flow, 4, workers=1)

    assert (outcome.status, outcome.completed) == ("Completed", 2)
    assert set(sink.messages()) == {0, 1}


def test_a_value_whose_repr_raises_and_one_nested_too_deep_are_recorded_all_the_same(tmp_path: Path) -> None:
    body = """
        class Odd:
            def __repr__(self): raise RuntimeError('no')
        deep = []
        for _ in range(100_000): deep = [deep]
        return Odd() if given else deep
    """
    flow = write_flow(tmp_path / "flow", body)
    flow.write_text(flow.read_text().replace('reference: "${node.output}"', 'reference: "${inputs.given}"'))

    outcome, _ = run(flow, 2)

    assert outcome.completed == 2


def test_text_that_utf_8_cannot_hold_comes_through(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return chr(0xD800) + 'é\\u2028'")

    _, sink = run(flow, 1)

    assert sink.outputs() == ["\ud800é\u2028"]


def test_user_code_of_one_line_is_never_interrupted_by_another_line_of_its_worker(tmp_path: Path) -> None:
    helper = "count = 0\n"
    body = """
        import counter, urllib.request
        counter.count += 1
        before = counter.count
        urllib.request.urlopen(URL).read()
        return [before, counter.count]
    """
    answer = Answer(body=chat_answer().body, hang=0.05)
    server = ModelServer(answer)
    try:
        flow = write_flow(tmp_path / "flow", body.replace("URL", repr(server.url)), helpers={"counter.py": helper})
        _, sink = run(flow, 50)
    finally:
        server.close()

    assert all(before == after for before, after in sink.outputs())


def test_a_line_of_fifty_megabytes_comes_through(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return len(given)")
    flow.write_text(flow.read_text().replace("given: {type: int}", "given: {type: string}"))

    _, sink = run(flow, [(0, {"given": "x" * 50_000_000}), (1, {"given": "y"})])

    assert sink.outputs() == [50_000_000, 1]
