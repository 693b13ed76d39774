"""What a test tells while it runs."""

from __future__ import annotations

import json
import threading
import time
from typing import Any


def test_events_come_in_order_and_finished_is_the_last(any_bench: Any) -> None:
    folder = any_bench.flow("print('hello', given)\nreturn given.upper()")

    events = list(any_bench.start(folder, inputs={"given": "hé"}).events())

    kinds = [event["event"] for event in events]
    assert kinds == ["started", "node_started", "log", "node_finished", "finished"]
    assert events[2] == {"event": "log", "level": "stdout", "message": "hello hé", "node": "node"}
    run = events[3]["run"]
    assert (run["node"], run["status"], run["output"], run["inputs"]) == ("node", "Completed", "HÉ", {"given": "hé"})
    assert run["logs"] == {"stdout": "hello hé\n", "stderr": ""}
    result = events[4]["result"]
    assert (result["status"], result["output"], result["error"]) == ("Completed", {"out": "HÉ"}, None)
    assert result["node_runs"] == [run]


def test_a_failing_tool_is_told_with_file_and_line(any_bench: Any) -> None:
    result = any_bench.run("raise ValueError('unlucky')")

    error = result["error"]
    assert (error["type"], error["code"], error["file"], error["line"]) == (
        "ValueError",
        "tool_execution",
        "node.py",
        4,
    )
    assert error["message"] == "Execution failure in 'node': (ValueError) unlucky"
    assert error["node"] == "node"
    assert "raise ValueError('unlucky')" in error["traceback"]
    assert result["node_runs"][0]["status"] == "Failed"


def test_a_flow_that_cannot_be_loaded_is_told_with_file_and_line(any_bench: Any) -> None:
    folder = any_bench.flow("return 1")
    (folder / "node.py").write_text("from promptflow.core import tool\n@tool\ndef node(given:\n")

    error = any_bench.start(folder).result(30)["error"]

    assert error["file"] == "node.py"
    assert error["line"] == 3


def test_missing_inputs_are_told_in_the_originals_words(any_bench: Any) -> None:
    folder = any_bench.flow("return 1")
    text = (folder / "flow.dag.yaml").read_text()
    (folder / "flow.dag.yaml").write_text(text.replace(", default: ''", ""))

    error = any_bench.start(folder).result(30)["error"]

    assert error["message"] == "Required input(s) ['given'] are missing for \"flow\"."


def test_a_single_node_runs_on_its_own(any_bench: Any) -> None:
    folder = any_bench.flow("return given * 2")

    result = any_bench.start(folder, node="node", inputs={"given": "ab"}).result(30)

    assert result["output"] == "abab"


def test_connections_reach_the_tool(any_bench: Any) -> None:
    folder = any_bench.flow("return 1")
    (folder / "node.py").write_text(
        "from promptflow.core import tool\nfrom promptflow.connections import CustomConnection\n"
        "@tool\ndef node(given: CustomConnection):\n"
        "    print(given.secrets['token'])\n    return given.secrets['token'][:3]\n"
    )
    text = (folder / "flow.dag.yaml").read_text()
    (folder / "flow.dag.yaml").write_text(text.replace("'${inputs.given}'", "mine"))
    fields = {"type": "custom", "configs": {}, "secrets": {"token": "abcdefgh"}}

    test = any_bench.start(folder, connections={"mine": fields})

    assert test.result(30)["output"] == {"out": "abc"}
    assert "abcdefgh" not in json.dumps(list(test.events()))


def test_environment_variables_are_set_for_the_test_only(any_bench: Any) -> None:
    folder = any_bench.flow("import os\nreturn os.environ.get('COLOR')")

    assert any_bench.start(folder, environment_variables={"COLOR": "red"}).result(30)["output"] == {"out": "red"}
    assert any_bench.start(folder).result(30)["output"] == {"out": None}


def test_an_edit_shows_in_the_next_test(any_bench: Any) -> None:
    assert any_bench.run("return 'one'")["output"] == {"out": "one"}
    assert any_bench.run("return 'two'")["output"] == {"out": "two"}


def test_what_is_not_json_becomes_json(any_bench: Any) -> None:
    result = any_bench.run("return {'nan': float('nan'), 'big': 2 ** 80}")

    assert result["output"] == {"out": {"nan": None, "big": 2**80}}


def test_output_of_child_processes_is_told(any_bench: Any) -> None:
    folder = any_bench.flow("import subprocess\nsubprocess.run(['echo', 'from a child'])\nreturn 1")

    events = list(any_bench.start(folder).events())

    assert {"event": "log", "level": "stdout", "message": "from a child", "node": None} in events


def test_a_flood_of_printing_is_bounded(any_bench: Any) -> None:
    folder = any_bench.flow("for _ in range(300_000): print('x' * 100)\nreturn 'done'")

    test = any_bench.start(folder)

    assert test.result(60)["output"] == {"out": "done"}
    assert len(json.dumps(list(test.events()))) < 16 * 2**20
    assert any("the rest is left out" in event.get("message", "") for event in test.events())


def test_a_flood_from_a_child_process_is_bounded(any_bench: Any) -> None:
    folder = any_bench.flow("import subprocess\nsubprocess.run('yes | head -c 100000000', shell=True)\nreturn 'done'")

    test = any_bench.start(folder)

    assert test.result(60)["output"] == {"out": "done"}
    assert len(json.dumps(list(test.events()))) < 2 * 2**20


def test_a_huge_output_is_cut_for_the_screen(any_bench: Any) -> None:
    result = any_bench.run("return 'x' * 30_000_000")

    assert result["status"] == "Completed"
    assert len(json.dumps(result)) < 16 * 2**20


def test_tests_side_by_side_do_not_meet(any_bench: Any) -> None:
    folder = any_bench.flow("import time\ntime.sleep(0.3)\nreturn given")
    started = time.monotonic()

    tests = [any_bench.start(folder, inputs={"given": str(number)}) for number in range(4)]

    assert [test.result(30)["output"]["out"] for test in tests] == ["0", "1", "2", "3"]
    assert time.monotonic() - started < 10


def test_stopping_one_test_leaves_another_alone(any_bench: Any, wait_until: Any) -> None:
    folder = any_bench.flow("import time\nopen(given, 'w').close()\ntime.sleep(1.5)\nreturn given")
    first, second = (any_bench.start(folder, inputs={"given": name}) for name in ("a", "b"))
    wait_until(lambda: (folder / "a").exists() and (folder / "b").exists(), 30)

    first.cancel()

    assert first.result(5)["status"] == "Canceled"
    assert second.result(10)["output"] == {"out": "b"}


def test_twenty_tests_in_a_row_are_quick(any_bench: Any) -> None:
    any_bench.run("return 1")
    started = time.monotonic()

    for _ in range(20):
        assert any_bench.run("return 1")["status"] == "Completed"

    assert time.monotonic() - started < 6


def test_a_listener_hears_past_and_future_events(any_bench: Any) -> None:
    test = any_bench.start(any_bench.flow("return 1"))
    heard: list[str] = []
    done = threading.Event()

    def listen(event: dict[str, Any]) -> None:
        heard.append(event["event"])
        if event["event"] == "finished":
            done.set()

    test.subscribe(listen)

    assert done.wait(30)
    assert heard == ["started", "node_started", "node_finished", "finished"]


def test_forged_frames_end_the_test_and_not_the_studio(any_bench: Any) -> None:
    body = """
import glob, os, socket, struct
for number in os.listdir('/proc/self/fd'):
    try:
        if os.readlink('/proc/self/fd/' + number).startswith('socket'):
            os.write(int(number), struct.pack('!I', 2 ** 31) + b'rubbish')
    except OSError:
        pass
import time
time.sleep(30)
"""
    result = any_bench.run(body)

    assert result["error"]["type"] == "ProtocolError"
    assert any_bench.run("return 'fine'")["output"] == {"out": "fine"}
