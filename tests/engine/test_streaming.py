from __future__ import annotations

from typing import Any

import pytest

from flow_folders import TOOL, Recorder
from pfstudio.engine.results import RunStatus

TWO_READERS = """
outputs:
  pieces: {type: string, reference: "${n.output}"}
  read: {type: list, reference: "${m.output}"}
nodes:
- {name: n, type: python, source: {path: n.py}}
- {name: m, type: python, source: {path: m.py}, inputs: {pieces: "${n.output}"}}
"""


def test_output_is_handed_out_piece_by_piece_when_asked_for(load_flow: Any) -> None:
    line = load_flow("pieces_of_text").run_line({"text": "xy"}, streaming=True)

    assert line.status is RunStatus.COMPLETED
    assert next(iter(line.outputs["pieces"])) == "x."
    assert list(line.outputs["pieces"]) == ["x.", "y."]


def test_pieces_are_told_to_the_observer_as_they_come(load_flow: Any, recorder: Recorder) -> None:
    load_flow("pieces_of_text", observer=recorder).run_line({"text": "xy"})

    assert recorder.chunks == [("pieces", "x."), ("pieces", "y.")]
    assert [run.node for run in recorder.finished] == ["pieces"]


def test_prints_while_pieces_are_made_belong_to_the_node(load_flow: Any) -> None:
    run = load_flow("pieces_of_text").run_line({"text": "xy"}).node_runs["pieces"]

    assert run.logs.stdout == "making xy\n"
    assert run.status is RunStatus.COMPLETED


def test_each_reader_of_a_stream_begins_at_its_first_piece(load_flow: Any, write_flow: Any) -> None:
    files = {
        "n.py": TOOL + "def n():\n    yield 1\n    yield 2\n    yield 3\n",
        "m.py": TOOL + "def m(pieces):\n    return [next(pieces), list(pieces), list(pieces)]\n",
    }

    line = load_flow(write_flow(TWO_READERS, files)).run_line({})

    assert line.outputs == {"pieces": "123", "read": [1, [2, 3], []]}


def test_failure_while_pieces_are_made_fails_the_line(load_flow: Any, write_flow: Any) -> None:
    yaml = 'outputs: {o: {type: string, reference: "${n.output}"}}\n'
    yaml += "nodes:\n- {name: n, type: python, source: {path: n.py}}\n"
    folder = write_flow(yaml, {"n.py": TOOL + "def n():\n    yield 1\n    1 / 0\n"})

    line = load_flow(folder).run_line({})

    assert line.status is RunStatus.FAILED
    assert (line.error.type, line.error.file, line.error.line) == ("ZeroDivisionError", "n.py", 7)


def test_tool_is_told_whether_its_answer_may_be_streamed(load_flow: Any, write_flow: Any) -> None:
    yaml = 'outputs: {o: {type: string, reference: "${n.output}"}}\n'
    yaml += "nodes:\n- {name: n, type: python, source: {path: n.py}}\n"
    option = TOOL.replace("@tool", "@tool(streaming_option_parameter='live')")
    executor = load_flow(write_flow(yaml, {"n.py": option + "def n(live: bool = False):\n    return str(live)\n"}))

    assert executor.run_line({}).outputs == {"o": "False"}
    assert executor.run_line({}, streaming=True).outputs == {"o": "True"}


ASYNC = (
    'outputs: {o: {type: string, reference: "${n.output}"}}\nnodes:\n- {name: n, type: python, source: {path: n.py}}\n'
)
SLOWLY = (
    "import asyncio\n"
    + TOOL
    + "async def n():\n    print('begun')\n    yield 'a'\n    await asyncio.sleep(0.05)\n    yield 'b'\n"
)


def test_pieces_of_an_async_tool_come_as_they_are_made(load_flow: Any, write_flow: Any) -> None:
    endless = SLOWLY.replace("sleep(0.05)", "sleep(60)")
    executor = load_flow(write_flow(ASYNC, {"n.py": endless}))

    pieces = iter(executor.run_line({}, streaming=True).outputs["o"])

    assert next(pieces) == "a"


def test_async_tools_pieces_are_one_text_where_nobody_streams(load_flow: Any, write_flow: Any) -> None:
    line = load_flow(write_flow(ASYNC, {"n.py": SLOWLY})).run_line({})

    assert line.outputs == {"o": "ab"}
    assert line.node_runs["n"].logs.stdout == "begun\n"


def test_failure_of_an_async_tool_while_it_streams_reaches_the_reader(load_flow: Any, write_flow: Any) -> None:
    failing = SLOWLY.replace("yield 'b'", "1 / 0")
    output = load_flow(write_flow(ASYNC, {"n.py": failing})).run_line({}, streaming=True).outputs["o"]

    with pytest.raises(ZeroDivisionError):
        list(output)


def test_node_behind_a_stream_gets_a_generator(load_flow: Any, write_flow: Any) -> None:
    files = {
        "n.py": TOOL + "def n():\n    yield 1\n",
        "m.py": "import inspect\n" + TOOL + "def m(pieces):\n    return [inspect.isgenerator(pieces), *pieces]\n",
    }

    assert load_flow(write_flow(TWO_READERS, files)).run_line({}).outputs == {"pieces": "1", "read": [True, 1]}


def test_stream_that_is_read_out_counts_what_its_node_printed_meanwhile(load_flow: Any, recorder: Recorder) -> None:
    line = load_flow("pieces_of_text", observer=recorder).run_line({"text": "xy"}, streaming=True)

    whole = line.read_out()

    assert whole.outputs == {"pieces": "x.y."}
    assert whole.node_runs["pieces"].logs.stdout == "making xy\n"
    assert recorder.chunks == [("pieces", "x."), ("pieces", "y.")]
    assert [(run.node, run.status) for run in recorder.finished] == [("pieces", RunStatus.COMPLETED)]


@pytest.mark.parametrize("is_async", [False, True], ids=["generator", "async generator"])
def test_stream_that_raises_on_its_way_fails_its_node_and_the_line(
    load_flow: Any, write_flow: Any, recorder: Recorder, is_async: bool
) -> None:
    failing = SLOWLY.replace("yield 'b'", "1 / 0")
    code = failing if is_async else TOOL + "def n():\n    yield 'a'\n    1 / 0\n"
    executor = load_flow(write_flow(ASYNC, {"n.py": code}), observer=recorder)

    line = executor.run_line({}, streaming=True).read_out()

    assert (line.status, line.outputs, line.error.type) == (RunStatus.FAILED, {}, "ZeroDivisionError")
    assert line.error.message == "Execution failure in 'n': (ZeroDivisionError) division by zero"
    assert line.error.file == "n.py"
    run = line.node_runs["n"]
    assert (run.status, run.output.items, run.error.type) == (RunStatus.FAILED, ["a"], "ZeroDivisionError")
    assert recorder.chunks == [("n", "a")]
