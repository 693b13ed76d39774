"""Flows as functions: contexts, executors that are kept, errors, streams, awaiting."""

from __future__ import annotations

import asyncio
import os
import time
import types
from pathlib import Path
from typing import Any

import pytest

from model_server import model_server
from pfstudio.connections.types import CustomConnection, OpenAIConnection
from pfstudio.engine.errors import InputTypeError, ToolExecutionError
from pfstudio.engine.workspace import Workspace
from pfstudio.errors import UserErrorException
from pfstudio.flow.errors import InvalidFlowError, NodeCircularDependency
from pfstudio.sdk import flow_executors
from pfstudio.sdk.flow_context import FlowContext
from pfstudio.sdk.flow_function import AsyncFlow, Flow, MissingRequiredFlowInput, load_flow

YAML = """
inputs:
  q: {type: string}
  n: {type: int, default: 3}
outputs:
  o: {type: string, reference: "${a.output}"}
environment_variables: {SEEN: of the flow}
nodes:
- name: a
  type: python
  source: {type: code, path: a.py}
  inputs: {q: "${inputs.q}", n: "${inputs.n}", k: lit}
"""
VARIANTS = """
inputs:
  q: {type: string}
outputs:
  o: {type: string, reference: "${a.output}"}
nodes:
- {name: a, use_variants: true}
node_variants:
  a:
    default_variant_id: v0
    variants:
      v0: {node: {type: python, source: {type: code, path: a.py}, inputs: {q: "${inputs.q}", n: 0, k: k0}}}
      v1: {node: {type: python, source: {type: code, path: a.py}, inputs: {q: "${inputs.q}", n: 1, k: k1}}}
"""
CODE = """
import os
from promptflow.core import tool
@tool
def a(q: str, n: int, k: str):
    if q == "bad":
        raise ValueError("boom")
    return repr((q, n, k, os.environ.get("SEEN")))
"""
WHERE = """
import os
from promptflow.core import tool
LOADED_IN = os.getcwd()
@tool
def a(q: str, n: int, k: str):
    return [LOADED_IN, os.getcwd()]
"""
ONE_NODE = """
inputs:
  q: {type: string}
outputs:
  o: {type: string, reference: "${a.output}"}
nodes:
- {name: a, type: python, source: {type: code, path: a.py}, inputs: {q: "${inputs.q}"}}
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write_flow(yaml: str = YAML, code: str = CODE, name: str = "a_flow", file: str = "flow.dag.yaml") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / file).write_text(yaml, encoding="utf-8")
        (folder / "a.py").write_text(code, encoding="utf-8")
        return folder

    return write_flow


def test_a_flow_tells_its_name_ports_and_places(write: Any) -> None:
    folder = write()

    flow = load_flow(folder)

    assert (flow.name, flow.display_name, flow.language) == ("a_flow", "a_flow", "python")
    assert (flow.inputs, flow.outputs) == ({"q": "string", "n": "int"}, {"o": "string"})
    assert (flow.code, flow.path, flow.sample) == (folder, folder / "flow.dag.yaml", None)


def test_variables_of_the_flow_are_not_set_for_a_function(write: Any) -> None:
    assert load_flow(write())(q="x") == {"o": "('x', 3, 'lit', None)"}


def test_a_variable_that_names_a_connections_field_is_resolved(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEN", "${mine.url}")
    flow = load_flow(write())
    known = CustomConnection(name="mine", configs={"url": "http://u"}, secrets={"k": "s"})
    monkeypatch.setattr("pfstudio.sdk.connection_source.LazyConnections.get", lambda self, name: known)

    assert flow(q="x") == {"o": "('x', 3, 'lit', 'http://u')"}
    assert os.environ["SEEN"] == "${mine.url}"


def test_what_the_node_raised_is_raised_with_its_class(write: Any) -> None:
    flow = load_flow(write())

    with pytest.raises(ToolExecutionError, match=r"Execution failure in 'a': \(ValueError\) boom"):
        flow(q="bad")
    with pytest.raises(ToolExecutionError):
        flow.invoke({"q": "bad"})
    with pytest.raises(InputTypeError, match="flow input 'n' does not match"):
        flow(q="x", n="zz")
    with pytest.raises(MissingRequiredFlowInput, match=r"Required input fields \['q'\] are missing in request data {}"):
        flow()
    with pytest.raises(UserErrorException, match=r"Flow can only be called with keyword arguments\."):
        flow("x")


def test_invoke_has_the_runs_behind_the_output(write: Any) -> None:
    result = load_flow(write()).invoke({"q": "x"})

    assert result.output == {"o": "('x', 3, 'lit', None)"}
    assert result.run_info.status.value == "Completed"
    assert (result.run_info.output, result.run_info.error) == (result.output, None)
    assert result.node_run_infos["a"].output == "('x', 3, 'lit', None)"
    assert result.aggregation_inputs == {}


@pytest.mark.parametrize(
    ("overrides", "output"),
    [
        ({"nodes.a.inputs.k": "OV"}, "('x', 3, 'OV', None)"),
        ({"inputs.n.default": 9}, "('x', 9, 'lit', None)"),
        ({"nodes.a.inputs.n": "${inputs.n}", "inputs.n": {"type": "int", "default": 4}}, "('x', 4, 'lit', None)"),
        ({"environment_variables.SEEN": "y"}, "('x', 3, 'lit', None)"),
    ],
)
def test_overrides_change_values_of_the_yaml(write: Any, overrides: Any, output: str) -> None:
    flow = load_flow(write())
    flow.context = FlowContext(overrides=overrides)

    assert flow(q="x") == {"o": output}


def test_an_override_is_checked_like_the_file(write: Any) -> None:
    flow = load_flow(write())

    flow.context.overrides = {"nodes.zz.inputs.k": 1}
    with pytest.raises(InvalidFlowError, match="names the node 'zz', which is not in the flow"):
        flow(q="x")
    flow.context.overrides = {"nodes.a.inputs.q": "${a.output}"}
    with pytest.raises(NodeCircularDependency):
        flow(q="x")


def test_a_variant_is_chosen_and_overridden(write: Any) -> None:
    flow = load_flow(write(VARIANTS))

    assert "k0" in flow(q="x")["o"]
    flow.context.variant = "${a.v1}"
    assert "k1" in flow(q="x")["o"]
    flow.context.overrides = {"nodes.a.inputs.k": "OV"}
    assert "('x', 1, 'OV'" in flow(q="x")["o"]
    flow.context.variant = "${a.gone}"
    with pytest.raises(InvalidFlowError, match="Variant gone not found for node a"):
        flow(q="x")


LLM = """
inputs:
  q: {type: string}
outputs:
  o: {type: string, reference: "${ask.output}"}
nodes:
- name: ask
  type: llm
  source: {type: code, path: ask.jinja2}
  inputs: {model: m, q: "${inputs.q}"}
  connection: not_there
  api: chat
"""


def test_a_connection_may_be_given_as_an_object(write: Any) -> None:
    folder = write(LLM)
    (folder / "ask.jinja2").write_text("user:\n{{q}}\n", encoding="utf-8")
    flow = load_flow(folder)

    with model_server(lambda body: f"{body['model']} says {body['messages'][0]['content']}") as server:
        given = OpenAIConnection(api_key="k", base_url=server.url)
        flow.context = FlowContext(connections={"ask": {"connection": given, "model": "other"}})
        assert flow(q="hello") == {"o": "other says hello"}


def test_a_connection_with_hidden_secrets_is_refused(write: Any) -> None:
    folder = write(LLM)
    (folder / "ask.jinja2").write_text("user:\n{{q}}\n", encoding="utf-8")
    flow = load_flow(folder)
    flow.context = FlowContext(connections={"ask": {"connection": OpenAIConnection(name="c", api_key="******")}})

    with pytest.raises(UserErrorException, match=r"contains scrubbed secrets with key \['api_key'\]"):
        flow(q="hello")


@pytest.mark.parametrize(
    ("connections", "said"),
    [
        ({"zz": {"connection": "c"}}, "Node zz not found in flow"),
        ({"ask": {"temperature": 1}}, "Unsupported llm connection overwrite keys"),
        ({"ask": "c"}, "Invalid connection overwrite format"),
    ],
)
def test_connections_for_what_is_not_there_are_refused(write: Any, connections: Any, said: str) -> None:
    folder = write(LLM)
    (folder / "ask.jinja2").write_text("user:\n{{q}}\n", encoding="utf-8")
    flow = load_flow(folder)
    flow.context.connections = connections

    with pytest.raises(InvalidFlowError, match=said):
        flow(q="hello")


def test_a_connection_for_a_tool_that_takes_none_is_refused(write: Any) -> None:
    flow = load_flow(write())
    flow.context = FlowContext(connections={"a": {"connection": "c"}})

    with pytest.raises(InvalidFlowError, match="node 'a' takes no connection"):
        flow(q="hello")


def test_contexts_with_equal_settings_are_equal() -> None:
    assert FlowContext(variant="a") == FlowContext(variant="a")
    assert FlowContext() != FlowContext(streaming=True)
    assert hash(FlowContext(overrides={"a": 1})) == hash(FlowContext(overrides={"a": 1}))
    with pytest.raises(TypeError):
        hash(FlowContext(overrides={"a": object()}))


def test_only_a_context_is_taken_for_one(write: Any) -> None:
    flow = load_flow(write())

    with pytest.raises(UserErrorException, match="context must be a FlowContext object"):
        flow.context = 3


def test_a_loaded_flow_is_kept_for_each_state_and_context(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[FlowContext] = []
    real = flow_executors._load

    def counted(file: Path, context: FlowContext) -> Any:
        loads.append(context)
        return real(file, context)

    monkeypatch.setattr(flow_executors, "_load", counted)
    folder = write()
    first, second = load_flow(folder), load_flow(folder)

    for _ in range(3):
        first(q="x")
        second(q="x")
    assert len(loads) == 1

    second.context = FlowContext(overrides={"nodes.a.inputs.k": "z"})
    second(q="x")
    first(q="x")
    assert len(loads) == 2

    (folder / "a.py").write_text(CODE.replace("repr((q", "repr((q, 'edited'"), encoding="utf-8")
    assert "edited" in first(q="x")["o"]
    assert len(loads) == 3


def test_outputs_are_generators_only_where_that_is_asked_for(write: Any) -> None:
    code = "from promptflow.core import tool\n@tool\ndef a(q: str):\n    yield q\n    yield 'z'\n"
    folder = write(ONE_NODE, code)
    flow = load_flow(folder)

    assert flow(q="x") == {"o": "xz"}
    flow.context.streaming = True
    stream = flow(q="x")["o"]
    assert isinstance(stream, types.GeneratorType)
    assert list(stream) == ["x", "z"]
    assert list(Flow.load(folder)(q="x")["o"]) == ["x", "z"]


def test_awaited_flows_overlap(write: Any) -> None:
    code = (
        "import asyncio\nfrom promptflow.core import tool\n@tool\n"
        "async def a(q: str):\n    await asyncio.sleep(0.3)\n    return q\n"
    )
    flow = AsyncFlow.load(write(ONE_NODE, code))

    async def many() -> Any:
        return await asyncio.gather(*[flow(q=str(i)) for i in range(6)])

    start = time.monotonic()
    results = asyncio.run(many())

    assert [result["o"] for result in results] == list("012345")
    assert time.monotonic() - start < 1.5


def test_an_awaited_flow_raises_like_a_called_one(write: Any) -> None:
    flow = AsyncFlow.load(write())

    with pytest.raises(ToolExecutionError):
        asyncio.run(flow(q="bad"))
    with pytest.raises(UserErrorException, match="keyword arguments"):
        asyncio.run(flow("x"))


def test_a_called_flow_runs_in_its_callers_folder(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(code=WHERE)
    monkeypatch.chdir(tmp_path)

    loaded_in, ran_in = load_flow(folder)(q="x")["o"]

    assert (loaded_in, ran_in, Path.cwd()) == (str(folder), str(tmp_path), tmp_path)


def test_nodes_that_run_side_by_side_find_the_flows_they_load_by_relative_paths(
    tmp_path: Path, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(code=WHERE)
    other = tmp_path / "loading"
    other.mkdir()
    monkeypatch.chdir(tmp_path)

    with Workspace(tmp_path, {}), Workspace(other, {}):  # The second is a flow that another node loads meanwhile.
        flow = load_flow(folder.relative_to(tmp_path))

    assert flow.code.samefile(folder)


def test_a_flex_flow_is_loaded_but_not_called(write: Any) -> None:
    folder = write("entry: a:f\nsample: {inputs: {q: x}}\n", "def f(q: str):\n    return q\n", file="flow.flex.yaml")

    flow = load_flow(folder)

    assert (flow.name, flow.entry, flow.code, flow.sample) == ("a_flow", "a:f", folder, {"inputs": {"q": "x"}})
    with pytest.raises(UserErrorException, match=r"FlexFlow can not be called as a function\."):
        flow(q="x")
    with pytest.raises(UserErrorException, match=r"Please call entry directly for flex flow\."):
        Flow.load(folder)(q="x")
