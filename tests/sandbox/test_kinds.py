"""Tests of flex flows and prompties, of streams that break, and of images, in real workers."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from pfstudio.connections.demo import demo_connection

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CLASS = """\
class Greeter:
    def __init__(self, style: str = "plain"):
        self.style = style

    def __call__(self, who: str) -> str:
        print("greeting", who)
        return f"{self.style} {who}"
"""


def folder_of(bench: Any, files: dict[str, str | bytes]) -> Path:
    folder: Path = bench.share / "Users/ada/promptflow/entry"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_a_class_is_made_with_init_and_its_text_is_the_output(bench: Any) -> None:
    folder = folder_of(bench, {"flow.flex.yaml": "entry: greet:Greeter\n", "greet.py": CLASS})

    test = bench.start(folder, flow_file="flow.flex.yaml", inputs={"who": "Eve"}, init={"style": "loud"})
    result = test.result(60)

    assert (result["status"], result["output"]) == ("Completed", {"output": "loud Eve"}), result
    assert [call["name"] for call in result["api_calls"]] == ["Greeter.__call__"]
    assert result["api_calls"][0]["inputs"] == {"who": "Eve"}
    logs = [event for event in test.seen() if event["event"] == "log"]
    assert [log["message"] for log in logs] == ["greeting Eve"]


def test_a_prompty_runs_by_its_name_beside_others(bench: Any) -> None:
    front = (
        "---\nmodel:\n  configuration: {type: openai, model: demo, connection: demo}\ninputs:\n  q: {type: string}\n"
    )
    text = front + "---\nuser:\n{{q}}\n"
    folder = folder_of(bench, {"a.prompty": text, "b.prompty": text.replace("{{q}}", "nothing")})
    connections = {"demo": demo_connection().to_fields(with_secrets=True)}

    result = bench.start(folder, flow_file="a.prompty", inputs={"q": "hello"}, connections=connections).result(60)

    assert result["status"] == "Completed", result
    assert isinstance(result["output"]["output"], str)
    assert result["system_metrics"]["total_tokens"] > 0
    assert [call["type"] for call in result["api_calls"][0]["children"]] == ["LLM"]


BROKEN = "def stream(text: str):\n    for piece in text:\n        yield piece\n    raise ValueError('no more')\n"


def test_a_flex_flow_that_breaks_while_it_streams_is_an_error_behind_its_pieces(bench: Any) -> None:
    folder = folder_of(bench, {"flow.flex.yaml": "entry: stream:stream\n", "stream.py": BROKEN})

    test = bench.start(folder, flow_file="flow.flex.yaml", inputs={"text": "ab"})
    result = test.result(60)

    assert [event["text"] for event in test.seen() if event["event"] == "chunk"] == ["a", "b"]
    assert (result["status"], result["output"]) == ("Failed", None)
    error = result["error"]
    assert (error["message"], error["file"], error["line"]) == (
        "Execution failure in 'stream': (ValueError) no more",
        "stream.py",
        4,
    )


def test_a_node_that_breaks_while_it_streams_keeps_its_pieces_and_has_the_error(bench: Any) -> None:
    folder = bench.flow("for piece in given:\n    yield piece\nraise ValueError('no more')")

    test = bench.start(folder, inputs={"given": "ab"})
    result = test.result(60)

    assert [event["text"] for event in test.seen() if event["event"] == "chunk"] == ["a", "b"]
    assert (result["status"], result["error"]["type"], result["error"]["node"]) == ("Failed", "ValueError", "node")
    (run,) = result["node_runs"]
    assert (run["status"], run["output"], run["error"]["type"]) == ("Failed", "ab", "ValueError")
    assert [event["run"]["status"] for event in test.seen() if event["event"] == "node_finished"] == ["Failed"]


@pytest.mark.parametrize(
    ("message_format", "shown"),
    [
        ("basic", {"data:image/png;base64": base64.b64encode(PIXEL).decode()}),
        (
            "openai-vision",
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"}},
        ),
    ],
)
def test_images_go_in_and_come_out_in_the_flows_own_form(bench: Any, message_format: str, shown: Any) -> None:
    folder = bench.flow("return given")
    (folder / "flow.dag.yaml").write_text(
        f"message_format: {message_format}\n"
        "inputs:\n  given: {type: image}\n"
        "outputs:\n  out: {type: image, reference: '${node.output}'}\n"
        "nodes:\n- name: node\n  type: python\n  source: {type: code, path: node.py}\n"
        "  inputs: {given: '${inputs.given}'}\n"
    )
    (folder / "node.py").write_text(
        "from promptflow.contracts.multimedia import Image\nfrom promptflow.core import tool\n\n\n"
        "@tool\ndef node(given: Image) -> Image:\n    return given\n"
    )

    result = bench.start(folder, inputs={"given": shown}).result(60)

    assert (result["status"], result["output"]) == ("Completed", {"out": shown}), result
    (run,) = result["node_runs"]
    assert (run["inputs"], run["output"]) == ({"given": shown}, shown)
