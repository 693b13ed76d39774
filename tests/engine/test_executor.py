"""Running lines: errors and their places, time, cancel, prints, observers."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import pytest

from flow_folders import TOOL, Recorder
from pfstudio.connections.types import ConnectionNotFoundError, CustomConnection, OpenAIConnection
from pfstudio.engine.errors import ResolveToolError
from pfstudio.engine.results import RunStatus
from pfstudio.flow.errors import (
    InvalidSource,
    MultipleToolsDefined,
    NodeCircularDependency,
    NoToolDefined,
    PythonLoadError,
)

ONE_NODE = """
outputs:
  out: {type: object, reference: "${n.output}"}
nodes:
- name: n
  type: python
  source: {type: code, path: n.py}
"""
TWO_NODES = """
outputs: {}
nodes:
- {name: n, type: python, source: {path: n.py}}
- {name: m, type: python, source: {path: m.py}}
"""


def test_error_tells_file_and_line_of_the_users_code(load_flow: Any) -> None:
    line = load_flow("failing_tool").run_line({})

    assert (line.error.type, line.error.file, line.error.line) == ("ZeroDivisionError", "share.py", 2)
    assert "pfstudio" not in line.error.traceback
    assert line.node_runs["divide"].status is RunStatus.FAILED
    assert "later" not in line.node_runs


def test_traceback_shows_what_led_to_an_error_and_none_of_our_frames(load_flow: Any, write_flow: Any) -> None:
    code = (
        "from promptflow.tracing import trace\n\n@trace\ndef inner():\n    return {}['gone']\n\n"
        + TOOL
        + "def n():\n    try:\n        inner()\n"
        + "    except KeyError as error:\n        raise ValueError('bad') from error\n"
    )
    line = load_flow(write_flow(ONE_NODE, {"n.py": code})).run_line({})

    told = line.error.traceback
    assert "KeyError: 'gone'" in told
    assert "direct cause of the following exception" in told
    assert told.rstrip().endswith("ValueError: bad")
    assert "in inner" in told
    assert "pfstudio" not in told.replace("pfstudio-", "")


def test_exception_whose_own_text_fails_is_still_that_nodes_failure(load_flow: Any, write_flow: Any) -> None:
    code = (
        "class Odd(Exception):\n    def __str__(self):\n        return 1 / 0\n\n" + TOOL + "def n():\n    raise Odd\n"
    )

    line = load_flow(write_flow(ONE_NODE, {"n.py": code})).run_line({})

    assert (line.error.type, line.node_runs["n"].status) == ("Odd", RunStatus.FAILED)
    assert line.error.message == (
        "Execution failure in 'n': (Odd) <no text, because its own code raises ZeroDivisionError>"
    )


def test_error_record_has_the_originals_shape(load_flow: Any) -> None:
    record = load_flow("failing_tool").run_line({}).error.record

    assert record["messageFormat"] == "Execution failure in '{node_name}'."
    assert record["referenceCode"] == "Tool/__pf_main__"
    assert (record["code"], record["innerError"]) == ("UserError", {"code": "ToolExecutionError", "innerError": None})
    details = record["additionalInfo"][0]
    assert details["type"] == "ToolExecutionErrorDetails"
    assert (details["info"]["type"], details["info"]["lineno"], details["info"]["name"]) == (
        "ZeroDivisionError",
        2,
        "share_of",
    )


def test_call_that_does_not_fit_the_tool_is_placed_at_the_tool(load_flow: Any, write_flow: Any) -> None:
    line = load_flow(write_flow(ONE_NODE, {"n.py": TOOL + "def n(needed):\n    return needed\n"})).run_line({})

    assert line.error.message.startswith("Execution failure in 'n': (TypeError) n() missing 1 required positional")
    assert (line.error.file, line.error.line) == ("n.py", 4)


def test_promptflow_errors_of_a_tool_pass_unwrapped(load_flow: Any, write_flow: Any) -> None:
    raising = (
        "from promptflow.exceptions import UserErrorException\n\n\nclass Mine(UserErrorException):\n    pass\n\n\n"
        + TOOL
        + "def n():\n    raise Mine('my words')\n"
    )

    line = load_flow(write_flow(ONE_NODE, {"n.py": raising})).run_line({})

    assert (line.error.message, line.error.type, line.error.file, line.error.line) == ("my words", "Mine", "n.py", 13)


def test_exit_of_a_tool_fails_the_node_and_not_the_process(load_flow: Any, write_flow: Any) -> None:
    folder = write_flow(ONE_NODE, {"n.py": "import sys\n" + TOOL + "def n():\n    sys.exit(3)\n"})

    line = load_flow(folder).run_line({})

    assert line.error.message == "Execution failure in 'n': (SystemExit) 3"


@pytest.mark.parametrize(
    ("tool", "error", "place"),
    [
        ("def f(:\n    pass\n", PythonLoadError, ("n.py", 1)),
        ("import nothing_of_that_name\n", PythonLoadError, ("n.py", 1)),
        ("import sys\nsys.exit(1)\n", PythonLoadError, ("n.py", 2)),
        ("def f():\n    pass\n", NoToolDefined, ("n.py", None)),
        (TOOL + "def f():\n    pass\n\n\n@tool\ndef g():\n    pass\n", MultipleToolsDefined, ("n.py", 9)),
    ],
)
def test_tool_file_that_does_not_load_is_told_with_its_place(
    load_flow: Any, write_flow: Any, tool: str, error: type[Exception], place: tuple[str, int | None]
) -> None:
    with pytest.raises(error) as caught:
        load_flow(write_flow(ONE_NODE, {"n.py": tool}))

    assert (caught.value.file, caught.value.line) == place  # type: ignore[attr-defined]


def test_graph_is_checked_before_tools_are_loaded(load_flow: Any, write_flow: Any) -> None:
    yaml = "nodes:\n" + "".join(
        f'- {{name: {a}, type: python, source: {{path: missing.py}}, inputs: {{x: "${{{b}.output}}"}}}}\n'
        for a, b in (("one", "two"), ("two", "one"))
    )

    with pytest.raises(NodeCircularDependency, match=r"\['one', 'two'\]"):
        load_flow(write_flow(yaml))


def test_missing_tool_file_is_told_with_the_line_of_the_yaml(load_flow: Any, write_flow: Any) -> None:
    with pytest.raises(InvalidSource, match=r"Tool file 'n\.py' can not be found") as caught:
        load_flow(write_flow(ONE_NODE))

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 7)


def test_connection_that_is_missing_or_of_another_class_is_refused(load_flow: Any, write_flow: Any) -> None:
    take = (
        "from promptflow.connections import CustomConnection\n" + TOOL + "def n(c: CustomConnection):\n    return 1\n"
    )
    folder = write_flow(ONE_NODE + "  inputs: {c: service}\n", {"n.py": take})

    with pytest.raises(ConnectionNotFoundError) as caught:
        load_flow(folder)
    with pytest.raises(ResolveToolError, match=r"type 'OpenAIConnection' is not supported, valid types"):
        load_flow(folder, OpenAIConnection(name="service", api_key="k"))

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 5)
    assert load_flow(folder, CustomConnection(name="service", secrets={"k": "v"})).run_line({}).outputs == {"out": 1}


def test_line_ends_when_its_time_is_over_though_the_tool_goes_on(load_flow: Any, write_flow: Any) -> None:
    sleeping = "import time\n" + TOOL + "def n():\n    print('begun')\n    time.sleep(3)\n"
    executor = load_flow(write_flow(ONE_NODE, {"n.py": sleeping}), line_timeout=0.2)
    start = time.monotonic()

    line = executor.run_line({}, index=4)

    assert time.monotonic() - start < 2
    assert line.status is RunStatus.FAILED
    assert line.error.message == "Line 4 execution timeout for exceeding 0.2 seconds"
    run = line.node_runs["n"]
    assert (run.status, run.logs.stdout) == (RunStatus.CANCELED, "begun\n")
    assert run.error.message == "Tool execution is canceled because: Line execution timeout after 0.2 seconds."


def test_async_tool_is_stopped_when_the_time_is_over(load_flow: Any, write_flow: Any) -> None:
    sleeping = "import asyncio\n" + TOOL + "async def n():\n    await asyncio.sleep(30)\n"

    line = load_flow(write_flow(ONE_NODE, {"n.py": sleeping}), line_timeout=0.1).run_line({})

    assert line.error.message == "Line 0 execution timeout for exceeding 0.1 seconds"


def test_cancel_ends_a_running_line(load_flow: Any, write_flow: Any) -> None:
    sleeping = "import time\n" + TOOL + "def n():\n    time.sleep(3)\n"
    executor = load_flow(write_flow(TWO_NODES, {"n.py": sleeping, "m.py": sleeping}))
    threading.Timer(0.2, executor.cancel).start()

    line = executor.run_line({})

    assert line.status is RunStatus.CANCELED
    assert {run.status for run in line.node_runs.values()} == {RunStatus.CANCELED}


def test_failure_of_one_node_does_not_wait_for_another(load_flow: Any, write_flow: Any) -> None:
    sleeping = "import time\n" + TOOL + "def n():\n    time.sleep(3)\n"
    failing = TOOL + "def m():\n    raise ValueError('no')\n"
    start = time.monotonic()

    line = load_flow(write_flow(TWO_NODES, {"n.py": sleeping, "m.py": failing})).run_line({})

    assert time.monotonic() - start < 2
    assert line.error.message == "Execution failure in 'm': (ValueError) no"
    assert line.node_runs["n"].status is RunStatus.CANCELED


def test_prints_belong_to_their_node_and_streams_are_put_back(load_flow: Any, capsys: Any) -> None:
    before = (sys.stdout, sys.stderr)

    runs = load_flow("printing_nodes").run_line({}).node_runs

    assert (sys.stdout, sys.stderr) == before
    assert (runs["first"].logs.stdout, runs["first"].logs.stderr) == ("out hi\n", "err hi\n")
    assert (runs["second"].logs.stdout, runs["second"].logs.stderr) == ("out hihi\n", "err hihi\n")


def test_observer_hears_nodes_and_prints_in_their_order(load_flow: Any, recorder: Recorder) -> None:
    load_flow("printing_nodes", observer=recorder).run_line({})

    assert recorder.started == ["first", "second"]
    assert [run.node for run in recorder.finished] == ["first", "second"]
    assert recorder.logs[:2] == [("stdout", "out hi", "first"), ("stderr", "err hi", "first")]


def test_output_that_is_no_json_fails_the_line(load_flow: Any, write_flow: Any) -> None:
    line = load_flow(write_flow(ONE_NODE, {"n.py": TOOL + "def n():\n    return {1, 2}\n"})).run_line({})

    assert line.status is RunStatus.FAILED
    assert "(TypeError) Object of type set is not JSON serializable" in line.error.message


def test_tool_that_changes_its_argument_does_not_change_the_flow(load_flow: Any, write_flow: Any) -> None:
    yaml = ONE_NODE + '  inputs: {given: "${inputs.items}", written: [1]}\n'
    yaml = "inputs: {items: {type: list, default: []}}\n" + yaml
    append = TOOL + "def n(given, written):\n    given.append(0)\n    written.append(0)\n    return [given, written]\n"
    executor = load_flow(write_flow(yaml, {"n.py": append}))

    assert [executor.run_line({}).outputs["out"] for _ in range(2)] == [[[0], [1, 0]]] * 2


def test_async_nodes_wait_at_the_same_time(load_flow: Any) -> None:
    executor = load_flow("async_and_sync")
    executor.run_line({})  # The loop starts with the first line.
    start = time.monotonic()

    line = executor.run_line({})

    runs = line.node_runs
    assert runs["second"].start_time < runs["first"].end_time
    assert time.monotonic() - start < 1


def test_parameters_of_enum_and_defaults_reach_the_tool_as_the_original_gives_them(
    load_flow: Any, write_flow: Any
) -> None:
    tool = (
        "from enum import Enum\n\n\nclass Kind(str, Enum):\n    A = 'a'\n\n\n"
        + TOOL
        + "def n(kind: Kind, other: Kind = Kind.A):\n    return [type(kind).__name__, kind, type(other).__name__]\n"
    )

    line = load_flow(write_flow(ONE_NODE + "  inputs: {kind: unknown}\n", {"n.py": tool})).run_line({})

    assert line.outputs == {"out": ["str", "unknown", "Kind"]}


def test_traced_calls_are_children_of_the_nodes_call(load_flow: Any) -> None:
    call = load_flow("traced_helpers").run_line({"number": 4}).node_runs["count"].api_calls[0]

    (add,) = call["children"]
    (double,) = add["children"]
    assert (call["name"], call["type"], call["inputs"], call["output"]) == ("count", "Tool", {"number": 4}, 11)
    assert (add["name"], add["inputs"], add["output"]) == ("add", {"number": 4, "by": 3}, 11)
    assert (double["name"], double["output"], double["error"]) == ("double", 8, None)


@pytest.mark.parametrize(
    ("yaml", "files", "inputs", "place"),
    [
        ("inputs:\n  a: {type: int}\n", {}, {}, ("flow.dag.yaml", 2)),
        ("inputs:\n  a: {type: int}\n", {}, {"a": "x"}, ("flow.dag.yaml", 2)),
        (
            'outputs:\n  o: {type: string, reference: "${n.output.nothing}"}\n'
            "nodes:\n- {name: n, type: prompt, source: {path: n.jinja2}}\n",
            {"n.jinja2": "hi"},
            {},
            ("flow.dag.yaml", 2),
        ),
        (
            "nodes:\n- {name: n, type: prompt, source: {path: n.jinja2}}\n",
            {"n.jinja2": "a\n{{ b.c }}\n"},
            {},
            ("n.jinja2", 2),
        ),
    ],
)
def test_failure_that_is_not_of_python_code_has_its_place_too(
    load_flow: Any, write_flow: Any, yaml: str, files: dict[str, str], inputs: dict[str, Any], place: tuple[str, int]
) -> None:
    error = load_flow(write_flow(yaml, files)).run_line(inputs).error

    assert (error.file, error.line) == place


def test_a_tool_that_cannot_take_its_arguments_shows_no_frame_of_ours(load_flow: Any, write_flow: Any) -> None:
    code = (
        "from functools import partial\n" + TOOL + "def n(*, text: str = 'a', more=None):\n    return len(text, more)\n"
    )
    refused = TOOL + "def n(text: str):\n    return text\n"
    yaml = ONE_NODE + "  inputs: {}\n"

    inside = load_flow(write_flow(ONE_NODE, {"n.py": code})).run_line({})
    at_the_call = load_flow(write_flow(yaml, {"n.py": refused})).run_line({})

    assert "in n" in inside.error.traceback
    assert at_the_call.error.traceback.startswith("TypeError: n() missing 1 required positional argument: 'text'")
    assert (at_the_call.error.file, at_the_call.error.type) == ("n.py", "TypeError")
    for line in (inside, at_the_call):
        assert "pfstudio" not in line.error.traceback.replace("pfstudio-", "")
