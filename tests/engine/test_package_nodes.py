"""Nodes whose tools come from packages: an installed one, and those that promptflow brought itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_server import ModelServer, model_server
from pfstudio.connections.types import (
    AzureOpenAIConnection,
    ConnectionNotFoundError,
    CustomConnection,
    OpenAIConnection,
    SerpConnection,
    ServerlessConnection,
)
from pfstudio.engine.errors import ResolveToolError
from pfstudio.tools.media import Image
from web_server import Told, web_server

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
HEAD = """
inputs:
  q: {type: string, default: hello}
  picture: {type: image, default: p.png}
outputs:
  o: {type: object, reference: "${n.output}"}
nodes:
- name: n
"""


def package(tool: str, inputs: str, kind: str = "python") -> str:
    return f"{HEAD}  type: {kind}\n  source: {{type: package, tool: {tool}}}\n  inputs: {inputs}\n"


def prompt(tool: str, inputs: str) -> str:
    source = f"{{type: package_with_prompt, tool: {tool}, path: ask.jinja2}}"
    return f"{HEAD}  type: custom_llm\n  source: {source}\n  inputs: {inputs}\n"


@pytest.fixture
def run(load_flow: Any, write_flow: Any) -> Any:
    def run_flow(yaml: str, *known: Any, ask: str = "", **inputs: Any) -> Any:
        folder: Path = write_flow(yaml, {"ask.jinja2": ask})
        (folder / "p.png").write_bytes(PNG)
        return load_flow(folder, *known).run_line(inputs)

    return run_flow


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(lambda _: "answer") as running:
        yield running


def test_literals_of_a_package_tool_have_the_types_its_list_says(run: Any, sample_package: None) -> None:
    line = run(package("sample_package.shout", '{text: "${inputs.q}", times: "2"}'))

    assert line.outputs == {"o": "HELLOHELLO"}


def test_class_of_a_package_is_made_of_its_literals(run: Any, sample_package: None) -> None:
    assert run(package("sample_package.Box.put", '{name: 5, thing: "${inputs.q}"}')).outputs == {"o": ["5", "hello"]}


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ('{name: "${inputs.q}", thing: x}', "Initialization input 'name' requires a literal value, but ${flow.q} was"),
        ("{thing: x}", "Required inputs ['name'] are not provided for tool 'Box'"),
    ],
)
def test_constructor_needs_its_inputs_as_literals(run: Any, sample_package: None, inputs: str, says: str) -> None:
    with pytest.raises(ResolveToolError) as caught:
        run(package("sample_package.Box.put", inputs))

    assert says in str(caught.value)


def test_custom_connection_becomes_the_class_that_the_package_declares(run: Any, sample_package: None) -> None:
    known = CustomConnection(secrets={"api_key": "k"}, configs={"base": "there"}, name="mine")

    line = run(package("sample_package.look", '{connection: mine, more: "[1, 2]"}'), known)

    assert line.outputs == {"o": ["Mine", "k", "there", [1, 2]]}


def test_connection_of_another_class_is_refused(run: Any, sample_package: None) -> None:
    with pytest.raises(ResolveToolError, match=r"of type 'SerpConnection' is not supported, valid types \['Custom"):
        run(package("sample_package.look", "{connection: mine}"), SerpConnection("k", name="mine"))


def test_unknown_connection_is_told_plainly(run: Any, sample_package: None) -> None:
    with pytest.raises(ConnectionNotFoundError, match=r"^Connection 'nobody' is not found\.$") as caught:
        run(package("sample_package.look", "{connection: nobody}"))

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 8)


def test_custom_llm_tool_without_a_template_parameter_is_told(run: Any, sample_package: None) -> None:
    with pytest.raises(ResolveToolError, match="function shout is missing a prompt template argument"):
        run(prompt("sample_package.shout", "{}"))


@pytest.mark.parametrize(
    ("tool", "model"),
    [
        ("promptflow.tools.aoai_gpt4v.AzureOpenAI.chat", "deployment_name: m"),
        ("promptflow.tools.openai_gpt4v.OpenAI.chat", "model: m"),
        ("promptflow.tools.llm_vision.llm_vision", "model: m, deployment_name: m"),
    ],
)
def test_vision_tools_show_the_model_an_image(run: Any, server: ModelServer, tool: str, model: str) -> None:
    azure = "aoai" in tool
    known = (
        AzureOpenAIConnection(server.url.removesuffix("/v1"), "k", name="c")
        if azure
        else OpenAIConnection("k", base_url=server.url, name="c")
    )
    inputs = f'{{connection: c, {model}, q: "${{inputs.q}}", x: "${{inputs.picture}}", max_tokens: 9}}'

    line = run(prompt(tool, inputs), known, ask="# system:\nSee.\n# user:\n![image]({{x}})\n{{q}}", q="user:\nhi")

    assert line.outputs == {"o": "answer"}
    asked = server.requests[0]
    assert asked["messages"] == [
        {"role": "system", "content": "See."},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": Image(PNG).to_base64(with_type=True), "detail": "auto"}},
                {"type": "text", "text": "user:"},
                {"type": "text", "text": "hi"},
            ],
        },
    ]
    assert (asked["model"], asked["max_tokens"], asked["n"], asked["presence_penalty"]) == ("m", 9, 1, 0)


@pytest.mark.parametrize("api", ["chat", "completion"])
@pytest.mark.parametrize("kind", ["azure", "openai", "serverless"])
def test_llm_tool_asks_whichever_model_its_connection_leads_to(
    run: Any, server: ModelServer, kind: str, api: str
) -> None:
    base = server.url.removesuffix("/v1")
    known = {
        "azure": AzureOpenAIConnection(base, "k", name="c"),
        "openai": OpenAIConnection("k", base_url=server.url, name="c"),
        "serverless": ServerlessConnection("k", base, name="c"),
    }[kind]
    inputs = f'{{connection: c, api: {api}, model: m, deployment_name: d, q: "${{inputs.q}}"}}'

    line = run(prompt("promptflow.tools.llm.llm", inputs), known, ask="user:\n{{q}}", q="system:\nx")

    assert line.outputs == {"o": "answer"}
    asked = server.requests[0]
    assert asked["model"] == ("d" if kind == "azure" else "m")
    if api == "chat":
        assert asked["messages"] == [{"role": "user", "content": "system:\nx"}]
    else:
        assert asked["prompt"] == "user:\nsystem:\nx"


def test_open_model_takes_its_endpoint_from_a_connection_and_hides_the_key(run: Any) -> None:
    with web_server(lambda _: Told({"output": "hi"})) as server:
        configs = {"endpoint_url": server.url, "model_family": "LLAMA"}
        known = CustomConnection(secrets={"endpoint_api_key": "secret-key"}, configs=configs, name="llama")
        inputs = '{api: chat, endpoint_name: localConnection/llama, q: "${inputs.q}", model_kwargs: {do_sample: false}}'
        tool = "promptflow.tools.open_model_llm.OpenModelLLM.call"

        line = run(prompt(tool, inputs), known, ask="user:\n{{q}}")

    assert line.outputs == {"o": "hi"}
    assert server.asked[0].body["input_data"]["parameters"]["do_sample"] is False
    assert "secret-key" not in repr(line.node_runs["n"])


def test_connection_of_a_node_can_be_overridden(load_flow: Any, write_flow: Any, sample_package: None) -> None:
    folder = write_flow(package("sample_package.look", "{connection: gone, more: []}"), {"p.png": "x"})
    known = CustomConnection(secrets={"api_key": "k"}, name="other")

    executor = load_flow(folder, known, node_overrides={"n": {"connection": "other"}})

    assert executor.run_line({}).outputs == {"o": ["Mine", "k", "here", []]}
