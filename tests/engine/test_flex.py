"""Flex flows while they run: time, cancel, streams, prints, aggregation, records, connections."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flow_folders import KnownConnections, Recorder
from pfstudio.connections.types import AzureOpenAIConnection, ConnectionNotFoundError, OpenAIConnection
from pfstudio.engine.connection_scope import current_connections
from pfstudio.engine.errors import LineCanceledError, LineExecutionTimeoutError
from pfstudio.engine.flex import load_entry
from pfstudio.engine.flex_errors import FlowEntryInitializationError, ScriptExecutionError
from pfstudio.engine.loading import load_executor
from pfstudio.engine.ports import LineExecutor
from pfstudio.engine.record import flow_run_record
from pfstudio.engine.results import RunStatus
from pfstudio.engine.streams import StreamedOutput


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Loads a flex flow of one Python file; closes it after the test."""
    opened: list[LineExecutor] = []

    def load(code: str, *, entry: str = "app:f", yaml: str = "", known: Any = (), **options: Any) -> LineExecutor:
        folder = tmp_path / f"flow{len(opened)}"
        folder.mkdir()
        (folder / "flow.flex.yaml").write_text(f"entry: {entry}\n{yaml}", encoding="utf-8")
        (folder / "app.py").write_text(code, encoding="utf-8")
        opened.append(load_executor(folder, connections=KnownConnections(*known), **options))
        return opened[-1]

    yield load
    for executor in opened:
        executor.close()


def test_inputs_and_outputs_are_known_from_the_signature(load: Any) -> None:
    executor = load(
        "from dataclasses import dataclass\n@dataclass\nclass Out:\n    text: str\n    n: int\n"
        "def f(q: str, n: int = 2, extra: dict = None) -> Out:\n    return Out(q, n)\n"
    )

    assert executor.kind == "flex"
    assert {name: item.type for name, item in executor.flow.inputs.items()} == {
        "q": "string",
        "n": "int",
        "extra": "object",
    }
    assert [item.has_default for item in executor.flow.inputs.values()] == [False, True, True]
    assert {name: item.type for name, item in executor.flow.outputs.items()} == {"text": "string", "n": "int"}


def test_an_error_tells_file_line_and_type_of_the_users_code(load: Any) -> None:
    line = load("def f(q: str):\n    return missing\n").run_line({"q": "x"})

    assert isinstance(line.exception, ScriptExecutionError)
    assert (line.error.type, line.error.file, line.error.line) == ("NameError", "app.py", 2)
    assert "pfstudio" not in line.error.traceback
    details = line.error.record["additionalInfo"][0]
    assert details["type"] == "FlexFlowExecutionErrorDetails"
    assert set(details["info"]) == {"type", "message", "traceback"}


def test_sys_exit_fails_the_line_and_not_the_process(load: Any) -> None:
    line = load("import sys\ndef f(q: str):\n    sys.exit(3)\n").run_line({"q": "x"})

    assert str(line.exception) == "Execution failure in 'f': (SystemExit) 3"


@pytest.mark.parametrize("is_async", [False, True])
def test_a_line_that_takes_too_long_is_given_up(load: Any, is_async: bool) -> None:
    code = (
        "import asyncio\nasync def f(q: str):\n    await asyncio.sleep(5)\n"
        if is_async
        else "import time\ndef f(q: str):\n    time.sleep(1)\n"
    )
    start = time.monotonic()

    line = load(code).run_line({"q": "x"}, index=4, timeout=0.1)

    assert time.monotonic() - start < 1
    assert isinstance(line.exception, LineExecutionTimeoutError)
    assert line.error.message == "Line 4 execution timeout for exceeding 0.1 seconds"


def test_cancel_ends_lines_that_run_elsewhere(load: Any) -> None:
    executor = load("import asyncio\nasync def f(q: str):\n    await asyncio.sleep(5)\n")
    timer = threading.Timer(0.1, executor.cancel)
    timer.start()

    line = executor.run_line({"q": "x"})

    timer.join()
    assert line.status is RunStatus.CANCELED
    assert isinstance(line.exception, LineCanceledError)


def test_asynchronous_lines_overlap(load: Any) -> None:
    executor = load("import asyncio\nasync def f(q: str):\n    await asyncio.sleep(0.3)\n    return q\n")
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda i=i: results.append(executor.run_line({"q": str(i)}, index=i))) for i in range(5)
    ]
    start = time.monotonic()

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(line.outputs["output"] for line in results) == ["0", "1", "2", "3", "4"]
    assert time.monotonic() - start < 1.2


@pytest.mark.parametrize(
    "code",
    [
        "def f(q: str):\n    yield q\n    yield 'b'\n",
        "async def f(q: str):\n    yield q\n    yield 'b'\n",
        "def f(q: str):\n    return {'output': iter([q, 'b']), 'n': 1}\n",
    ],
)
def test_streams_are_handed_on_where_they_are_asked_for(load: Any, code: str) -> None:
    recorder = Recorder()
    executor = load(code, observer=recorder)

    stream = executor.run_line({"q": "a"}, streaming=True).outputs["output"]

    assert isinstance(stream, StreamedOutput)
    assert list(stream) == ["a", "b"]
    assert [text for _, text in recorder.chunks] == ["a", "b"]
    assert executor.run_line({"q": "a"}).outputs["output"] == "ab"


def test_a_stream_that_breaks_fails_the_line(load: Any) -> None:
    line = load("def f(q: str):\n    yield q\n    raise ValueError('torn')\n").run_line({"q": "a"})

    assert str(line.exception) == "Execution failure in 'f': (ValueError) torn"


def test_a_frozen_dataclass_may_hold_a_stream(load: Any) -> None:
    code = (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Out:\n    text: str\n"
        "def f(q: str) -> Out:\n    return Out(iter([q, 'b']))\n"
    )

    assert load(code).run_line({"q": "a"}).outputs == {"text": "ab"}


def test_what_it_prints_is_told_line_by_line(load: Any, capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder()

    load(
        "import sys\ndef f(q: str):\n    print(q, 1)\n    print('warned', file=sys.stderr)\n", observer=recorder
    ).run_line({"q": "x"})

    assert recorder.logs == [("stdout", "x 1", "Flex"), ("stderr", "warned", "Flex")]
    assert capsys.readouterr().out == ""


def test_it_runs_in_its_folder_and_leaves_the_callers_alone(load: Any) -> None:
    before = (Path.cwd(), list(sys.path))

    outputs = load("import os\ndef f(q: str):\n    return os.path.basename(os.getcwd())\n").run_line({"q": "x"}).outputs

    assert outputs == {"output": "flow0"}
    assert (Path.cwd(), list(sys.path)) == before
    assert "app" not in sys.modules


def test_two_flows_with_modules_of_one_name_do_not_meet(load: Any) -> None:
    first, second = load("def f(q: str):\n    return 1\n"), load("def f(q: str):\n    return 2\n")

    assert [executor.run_line({"q": "x"}).outputs["output"] for executor in (first, second, first)] == [1, 2, 1]


def test_an_own_module_wins_over_one_that_is_loaded_already(load: Any) -> None:
    import json

    executor = load("def f(q: str):\n    return 'mine'\n", entry="app:f")
    (executor.folder / "json.py").write_text("def f(q: str):\n    return 'own json'\n", encoding="utf-8")
    (executor.folder / "flow.flex.yaml").write_text("entry: json:f\n", encoding="utf-8")

    with load_executor(executor.folder, connections=KnownConnections()) as again:
        assert again.run_line({"q": "x"}).outputs == {"output": "own json"}
    assert sys.modules["json"] is json


AGGREGATING = """
class Judge:
    def __init__(self, weight: int = 1):
        self.weight = weight
    def __call__(self, n: int):
        if n < 0:
            raise ValueError(n)
        return {"n": n}
    {signature}
        {body}
"""


def aggregating(body: str, signature: str = "def __aggregate__(self, lines):") -> str:
    return AGGREGATING.replace("{signature}", signature).replace("{body}", body)


@pytest.mark.parametrize("signature", ["def __aggregate__(self, lines):", "async def __aggregate__(self, lines):"])
def test_aggregation_sees_the_outputs_of_completed_lines_in_their_order(load: Any, signature: str) -> None:
    body = "return {'sum': sum(r.n for r in lines) * self.weight, 'first': lines[0]['n'], 'count': len(lines)}"
    executor = load(aggregating(body, signature), entry="app:Judge", init={"weight": 10})
    lines = [executor.run_line({"n": n}, index=i) for i, n in ((2, 5), (0, 3), (1, -1))]

    result = executor.run_aggregation(lines)

    assert executor.has_aggregation
    assert result.metrics == {"sum": 80, "first": 3, "count": 2}


def test_metrics_are_also_what_it_logs(load: Any) -> None:
    body = "from promptflow.core import log_metric; log_metric('a', 1); return {'b': 2}"
    executor = load(aggregating(body), entry="app:Judge")

    assert executor.run_aggregation([executor.run_line({"n": 1})]).metrics == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("body", "warning"),
    [
        ("return 5", "The output of aggregation function isn't a dictionary, skip the metrices update."),
        (
            "raise ValueError('no')",
            "Failed to execute aggregation function with error: Execution failure in '__aggregate__': (ValueError) no",
        ),
    ],
)
def test_an_aggregation_that_gives_no_metrics_is_a_warning(load: Any, body: str, warning: str) -> None:
    recorder = Recorder()
    executor = load(aggregating(body), entry="app:Judge", observer=recorder)

    assert executor.run_aggregation([executor.run_line({"n": 1})]).metrics == {}
    assert recorder.logs[0] == ("warning", warning, "Flex")


def test_nothing_is_aggregated_where_no_line_succeeded(load: Any) -> None:
    executor = load(aggregating("return {'n': len(lines)}"), entry="app:Judge")

    assert executor.run_aggregation([executor.run_line({"n": -1})]).metrics == {}


def test_the_object_is_made_once(load: Any) -> None:
    code = "class Counter:\n    n = 0\n    def __call__(self):\n        self.n += 1\n        return self.n\n"
    executor = load(code, entry="app:Counter")

    assert [executor.run_line({}).outputs["output"] for _ in range(3)] == [1, 2, 3]


def test_connections_are_fetched_by_name_also_inside_a_model_configuration(load: Any) -> None:
    code = (
        "from promptflow.connections import OpenAIConnection\n"
        "from promptflow.core import AzureOpenAIModelConfiguration as A, OpenAIModelConfiguration as O\n"
        "class C:\n    def __init__(self, conn: OpenAIConnection, a: A, o: O):\n"
        "        self.parts = [conn.api_key, a.azure_endpoint, a.api_key, a.connection, o.base_url, o.model]\n"
        "    def __call__(self):\n        return self.parts\n"
    )
    known = (
        OpenAIConnection(name="o", api_key="key-o", base_url="http://o"),
        AzureOpenAIConnection(name="a", api_key="key-a", api_base="http://a"),
    )
    init: Mapping[str, Any] = {
        "conn": "o",
        "a": {"azure_deployment": "d", "connection": "a"},
        "o": '{"model": "m", "connection": "o"}',
    }

    line = load(code, entry="app:C", known=known, init=init).run_line({})

    assert line.outputs["output"] == ["key-o", "http://a", "key-a", None, "http://o", "m"]


def test_an_unknown_connection_is_named_and_keys_are_not(load: Any) -> None:
    code = (
        "from promptflow.core import OpenAIModelConfiguration\n"
        "class C:\n    def __init__(self, m: OpenAIModelConfiguration, api_key: str = ''):\n        pass\n"
        "    def __call__(self):\n        pass\n"
    )

    with pytest.raises(FlowEntryInitializationError) as raised:
        load(code, entry="app:C", init={"m": {"model": "x", "connection": "gone"}, "api_key": "sk-secret"})

    assert "Connection 'gone' is not found." in str(raised.value)
    assert isinstance(raised.value.inner_exception, ConnectionNotFoundError)
    assert "sk-secret" not in str(raised.value)


def test_its_code_finds_the_flows_connections(load: Any) -> None:
    known = OpenAIConnection(name="o", api_key="k")
    code = (
        "from pfstudio.engine.connection_scope import current_connections\n"
        "class C:\n    def __init__(self):\n        self.early = current_connections().get('o').api_key\n"
        "    def __call__(self):\n        return [self.early, current_connections().get('o').api_key]\n"
    )

    assert load(code, entry="app:C", known=[known]).run_line({}).outputs["output"] == ["k", "k"]
    assert current_connections() is None


def test_a_record_has_the_call_of_the_entry_with_those_inside(load: Any) -> None:
    code = (
        "from promptflow.tracing import trace\n@trace\ndef inner(x):\n    return x\n"
        "def f(q: str):\n    return inner(q)\n"
    )

    record = flow_run_record(load(code).run_line({"q": "x"}, index=2), run_id="r")

    call = record["api_calls"][0]
    assert (record["run_id"], record["output"], record["inputs"]) == ("r_2", {"output": "x"}, {"q": "x"})
    assert (call["name"], call["type"], call["inputs"], call["output"]) == ("f", "Flow", {"q": "x"}, "x")
    assert call["children"][0]["name"] == "inner"


def test_a_function_class_or_object_is_a_flow_as_it_is(tmp_path: Path) -> None:
    class Greeter:
        def __init__(self, greeting: str = "hi") -> None:
            self.greeting = greeting

        def __call__(self, name: str) -> str:
            return f"{self.greeting} {name}"

    def answers(entry: Any, **options: Any) -> Any:
        with load_entry(entry, connections=KnownConnections(), code=tmp_path, **options) as executor:
            return executor.run_line({"name": "x"}).outputs["output"]

    assert answers(lambda name: name * 2) == "xx"
    assert answers(Greeter, init={"greeting": "oh"}) == "oh x"
    assert answers(Greeter("ah")) == "ah x"


def test_an_entry_is_found_by_its_text(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(q: str):\n    return q\n", encoding="utf-8")

    with load_entry("app:f", connections=KnownConnections(), code=tmp_path) as executor:
        assert executor.run_line({"q": "x"}).outputs == {"output": "x"}
