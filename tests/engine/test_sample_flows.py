"""Every sample flow gives what promptflow 1.18.5 gives for it."""

from __future__ import annotations

from typing import Any

import pytest

from pfstudio.connections.types import CustomConnection
from pfstudio.engine.results import RunStatus

HISTORY = [{"inputs": {"question": "a"}, "outputs": {"answer": "b"}}]
TYPES = {
    "whole": ["int", 7],
    "real": ["float", 1.0],
    "flag": ["bool", True],
    "items": ["list", [1, 2]],
    "thing": ["dict", {"a": 1}],
    "text": ["str", "5"],
}
LITERALS = ["12", "3.0", "True", "'99'", "[1, 2]", "{'a': '${nothing.output}'}", "5", "'default'", "0", "'red'"]
PATHS = {
    "deep": 1,
    "item": "two",
    "quoted": None,
    "attribute": 3,
    "literal": "plain text",
    "fed": ["one", 4, ["items", "k k", "x"]],
}
YAML = "['yes', 10, {'x': 1000.0, 'y': 15, 'z': '1:30', 'n': None, 't': True, 'o': 'on', 'h': 31}]"
DOT = "Image(4a5eb717)"
VISION = [
    ["text", "What is this?"],
    ["image", DOT],
    ["text", "Noted"],
    ["dict", "{'data:image/png;path': 'dot.png'}"],
]

RESULTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("two_python_nodes", {}, {"reply": "HI!"}),
    ("two_python_nodes", {"text": " héllo 🙂 "}, {"reply": "HÉLLO 🙂!"}),
    ("types_and_defaults", {}, {"seen": TYPES}),
    ("types_and_defaults", {"whole": 3.9}, {"seen": {**TYPES, "whole": ["int", 3]}}),
    ("types_and_defaults", {"thing": "plain"}, {"seen": {**TYPES, "thing": ["str", "plain"]}}),
    ("types_and_defaults", {"text": None}, {"seen": {**TYPES, "text": ["str", "None"]}}),
    ("property_paths", {}, PATHS),
    ("prompt_rendering", {}, {"text": "Hello Ann!\n- a\n- b\n5 None\n"}),
    ("activate_branches", {}, {"merged": ["L", "no b"], "left": "L", "behind": None}),
    ("activate_branches", {"kind": "right"}, {"merged": ["no a", "R"], "left": None, "behind": "R"}),
    ("activate_branches", {"kind": "none"}, {"merged": None, "left": None, "behind": None}),
    ("aggregation_metrics", {}, {"grade": {"word": "right"}}),
    ("variants_of_node", {}, {"text": "Hi Ann"}),
    ("literals_converted", {}, {"seen": LITERALS}),
    ("async_and_sync", {}, {"joined": "a1-a2-a3"}),
    ("pieces_of_text", {}, {"pieces": "a.b.c."}),
    ("tool_with_state", {}, {"marked": ">>abc"}),
    ("helpers_and_data", {}, {"turned": "cba", "data": "Grüße"}),
    ("environment_values", {}, {"seen": ["5", '{"a": 1}']}),
    ("chat_with_history", {"question": "q"}, {"answer": "1 turns"}),
    ("chat_with_history", {"question": "q", "chat_history": HISTORY}, {"answer": "2 turns"}),
    ("includes_elsewhere", {}, {"text": "Hello Ann"}),
    ("failing_tool", {"number": 5}, {"share": 2.0}),
    ("side_by_side", {}, {"done": ["met", "met"]}),
    ("printing_nodes", {}, {"text": "hihihihi"}),
    ("custom_connection", {}, {"seen": ["https://one", True, "https://one"]}),
    ("yaml_rules", {}, {"seen": YAML}),
    ("traced_helpers", {}, {"number": 5}),
    ("images_through_nodes", {}, {"seen": [DOT, DOT, "plain", DOT], "shown": f"# user:\nSee ![image]({DOT})\n"}),
    ("vision_messages", {}, {"seen": VISION}),
    ("assistant_functions", {}, {"answer": ["some-model", ["code_interpreter", "weather"], "Oslo: 3 days, F"]}),
]


@pytest.mark.parametrize(("flow", "inputs", "outputs"), RESULTS)
def test_sample_flow_gives_the_originals_outputs(
    load_flow: Any, flow: str, inputs: dict[str, Any], outputs: dict[str, Any]
) -> None:
    connection = CustomConnection(name="my_service", configs={"address": "https://one"}, secrets={"key": "s3cret"})
    executor = load_flow(flow, connection)

    line = executor.run_line(inputs)

    assert line.error is None
    assert line.status is RunStatus.COMPLETED
    assert line.outputs == outputs


@pytest.mark.parametrize(
    ("flow", "inputs", "message"),
    [
        (
            "failing_tool",
            {},
            "Execution failure in 'divide': (ZeroDivisionError) division by zero",
        ),
        (
            "chat_with_history",
            {},
            "The input for flow is incorrect. The value for flow input 'question' is not provided in line 0 of input "
            "data. Please review your input data or remove this input in your flow if it's no longer needed.",
        ),
        (
            "types_and_defaults",
            {"flag": 1},
            "The input for flow is incorrect. The value for flow input 'flag' in line 0 of input data does not match "
            "the expected type 'bool'. Please change flow input type or adjust the input value in your input data.",
        ),
        (
            "types_and_defaults",
            {"items": "['a']"},
            "Failed to parse the flow input. The value for flow input 'items' in line 0 of input data was interpreted "
            "as JSON string since its type is 'list'. However, the value '['a']' is invalid for JSON parsing. Error "
            "details: (JSONDecodeError) Expecting value: line 1 column 2 (char 1). Please make sure your inputs are "
            "properly formatted.",
        ),
    ],
)
def test_sample_flow_fails_with_the_originals_sentence(
    load_flow: Any, flow: str, inputs: dict[str, Any], message: str
) -> None:
    line = load_flow(flow).run_line(inputs)

    assert line.status is RunStatus.FAILED
    assert line.outputs == {}
    assert line.error.message == message


def test_other_variant_of_a_node_runs_when_chosen(load_flow: Any) -> None:
    line = load_flow("variants_of_node", variant="${greet.long}").run_line({})

    assert line.outputs == {"text": "Good morning, dear Ann"}
