"""Assistant definitions: their functions are loaded, described for a model, and called by name."""

from __future__ import annotations

from typing import Any

import pytest

from flow_folders import TOOL
from pfstudio.connections.types import OpenAIConnection
from pfstudio.engine.errors import ResolveToolError
from pfstudio.tools.assistant import docstring_parts

FLOW = """
outputs:
  o: {type: object, reference: "${ask.output}"}
nodes:
- name: ask
  type: python
  source: {type: code, path: ask.py}
  inputs: {who: helper.yaml}
"""
ASK = (
    "from promptflow.contracts.types import AssistantDefinition\n"
    + TOOL
    + "def ask(who: AssistantDefinition):\n"
    + "    tools = who._tool_invoker\n"
    + "    return [who.model, who.instructions, tools.to_openai_tools(), "
    + "tools.invoke_tool('weather', {'city': 'Oslo'})]\n"
)
WEATHER = (
    "from enum import Enum\nfrom promptflow.connections import OpenAIConnection\n"
    "class Unit(str, Enum):\n    C = 'c'\n    F = 'f'\n"
    + TOOL
    + "def weather(city: str, service: OpenAIConnection, unit: Unit = Unit.C, days: int = 1):\n"
    + '    """The weather of a city.\n\n    :param city: Its name.\n'
    + '    :param days: How far\n        to look.\n    """\n'
    + "    return [city, service.api_key, days]\n"
)
HELPER = """
model: m
instructions: Be nice.
tools:
- type: code_interpreter
- type: function
  tool_type: python
  source: {type: code, path: weather.py}
  predefined_inputs: {service: models, days: "3"}
"""


def files(helper: str = HELPER) -> dict[str, str]:
    return {"ask.py": ASK, "weather.py": WEATHER, "helper.yaml": helper}


def test_functions_of_an_assistant_are_described_and_called(load_flow: Any, write_flow: Any) -> None:
    executor = load_flow(write_flow(FLOW, files()), OpenAIConnection("key", name="models"))

    model, instructions, tools, answer = executor.run_line({}).outputs["o"]

    assert (model, instructions) == ("m", "Be nice.")
    assert tools[0] == {"type": "code_interpreter"}
    assert tools[1] == {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather of a city.\n",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"description": "Its name.", "type": "string"},
                    "unit": {"description": "", "type": "string", "enum": ["c", "f"]},
                },
                "required": ["city"],
            },
        },
    }
    assert answer == ["Oslo", "key", 3]


@pytest.mark.parametrize(
    ("tool", "says"),
    [
        ("{type: other}", "Unsupported assistant tool's type in node ask : other"),
        ("{type: function, source: {path: x.py}}", "'tool_type' property is missing or invalid"),
        ("{type: function, tool_type: llm}", "Tool type 'llm' is not supported"),
        ("{type: function, tool_type: python}", "'source' property is missing"),
        ("{type: function, tool_type: python, source: {type: code}}", "'path' property is missing"),
        ("{type: function, tool_type: python, source: {type: package}}", "'tool' property is missing"),
        ("{type: function, tool_type: python, source: {type: zip}}", "Tool source type 'zip' is not supported"),
        ("{type: function, tool_type: python, source: {path: x.py}}", r"\(InvalidSource\) Load tool failed"),
    ],
)
def test_wrong_tool_of_an_assistant_is_told(load_flow: Any, write_flow: Any, tool: str, says: str) -> None:
    with pytest.raises(ResolveToolError, match=says) as caught:
        load_flow(write_flow(FLOW, files(f"tools:\n- {tool}\n")))

    assert "Failed to load assistant definition from input 'who'" in str(caught.value)
    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 8)


def test_missing_definition_is_told(load_flow: Any, write_flow: Any) -> None:
    with pytest.raises(ResolveToolError, match=r"value 'helper\.yaml' is not a valid path"):
        load_flow(write_flow(FLOW, {"ask.py": ASK}))


def test_unknown_function_is_told_with_those_that_are_known(load_flow: Any, write_flow: Any) -> None:
    ask = ASK.replace("'weather', {", "'wether', {")

    line = load_flow(write_flow(FLOW, {**files(), "ask.py": ask}), OpenAIConnection("key", name="models")).run_line({})

    assert line.error.message == "The assistant has no function 'wether' to call. Known are weather."


def test_arguments_in_googles_form_are_described() -> None:
    description, arguments = docstring_parts(
        "Do it.\n\n    More.\n\n    Args:\n        a (str): The a\n            goes on.\n        b: The b.\n\n"
        "    Returns:\n        str: nothing\n"
    )

    assert description == "Do it.\n\nMore."
    assert arguments == {"a": "The a\ngoes on.", "b": "The b."}
