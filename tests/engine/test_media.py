"""Images in flows: on their way in, through the nodes, and out into files or base64."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from flow_folders import TOOL
from pfstudio.engine.media import InlineMedia, MediaWriter, outward
from pfstudio.engine.record import to_detail
from pfstudio.engine.serialize import json_safe
from pfstudio.tools.media import Image, Text

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
FLOW = """
inputs:
  picture: {{type: {type}}}
outputs:
  o: {{type: object, reference: "${{look.output}}"}}
nodes:
- name: look
  type: python
  source: {{type: code, path: look.py}}
  inputs: {{picture: {bound}}}
"""
LOOK = TOOL + "def look(picture):\n    return [type(picture).__name__, len(picture)]\n"
TYPED = "from promptflow.contracts.multimedia import Image\n" + TOOL + "def look(picture: Image):\n    return picture\n"


def flow(type_name: str = "image", bound: str = '"${inputs.picture}"') -> str:
    return FLOW.format(type=type_name, bound=bound)


@pytest.fixture
def write_image_flow(write_flow: Any) -> Any:
    def write(yaml: str, look: str = LOOK) -> Path:
        folder: Path = write_flow(yaml, {"look.py": look})
        (folder / "p.png").write_bytes(PNG)
        return folder

    return write


def test_path_of_an_image_input_counts_from_the_flow_folder(load_flow: Any, write_image_flow: Any) -> None:
    line = load_flow(write_image_flow(flow())).run_line({"picture": "p.png"})

    assert line.outputs == {"o": ["Image", len(PNG)]}


def test_several_images_in_one_image_input_are_a_list(load_flow: Any, write_image_flow: Any) -> None:
    look = TOOL + "def look(picture):\n    return [type(item).__name__ for item in picture]\n"

    line = load_flow(write_image_flow(flow(), look)).run_line({"picture": ["p.png", {"data:image/png;path": "p.png"}]})

    assert line.outputs == {"o": ["Image", "Image"]}


def test_text_inputs_are_never_read_as_images(load_flow: Any, write_image_flow: Any) -> None:
    line = load_flow(write_image_flow(flow("string"))).run_line({"picture": {"data:image/png;path": "p.png"}})

    assert line.outputs["o"][0] == "str"


def test_image_that_cannot_be_read_fails_the_line_with_its_input(load_flow: Any, write_image_flow: Any) -> None:
    line = load_flow(write_image_flow(flow())).run_line({"picture": "none.png"})

    assert line.error.message == (
        "Failed to load image for input 'picture': (FileNotFoundError) [Errno 2] No such file or directory: 'none.png'"
    )
    assert (line.error.code, line.error.file, line.error.line) == ("load_multimedia_data", "flow.dag.yaml", 3)
    assert line.error.record["code"] == "UserError"


@pytest.mark.parametrize("written", ["p.png", "{'data:image/png;path': p.png}"])
def test_image_written_at_a_node_is_loaded(load_flow: Any, write_image_flow: Any, written: str) -> None:
    line = load_flow(write_image_flow(flow(bound=written), TYPED)).run_line({"picture": "p.png"})

    assert line.outputs["o"] == PNG


def test_image_written_at_a_prompt_is_shown_by_its_text(load_flow: Any, write_flow: Any) -> None:
    folder = write_flow(
        "outputs:\n  o: {type: string, reference: '${ask.output}'}\nnodes:\n- name: ask\n  type: prompt\n"
        "  source: {type: code, path: ask.jinja2}\n  inputs: {x: p.png, y: p.png}\n",
        {"ask.jinja2": "![image]({{x}}) {{y}}"},
    )
    (folder / "p.png").write_bytes(PNG)

    assert load_flow(folder).run_line({}).outputs == {"o": f"![image]({Image(PNG)}) p.png"}


def test_images_of_a_node_tested_alone_are_loaded(load_flow: Any, write_image_flow: Any) -> None:
    run = load_flow(write_image_flow(flow())).run_node("look", {"picture": "p.png"})

    assert run.output == ["Image", len(PNG)]


def test_record_names_the_files_of_its_images(load_flow: Any, write_image_flow: Any, tmp_path: Path) -> None:
    executor = load_flow(write_image_flow(flow(), TYPED))
    line = executor.run_line({"picture": "p.png"})
    media = MediaWriter(tmp_path / "kept", prefix=".promptflow/intermediate")

    detail = to_detail(line, run_id="r", media=media)

    files = list((tmp_path / "kept").iterdir())
    assert [file.read_bytes() for file in files] == [PNG]  # One image is one file, however often it is shown.
    shown = {"data:image/png;path": f".promptflow/intermediate/{files[0].name}"}
    run, node = detail["flow_runs"][0], detail["node_runs"][0]
    assert run["inputs"] == {"picture": shown}
    assert run["output"] == run["result"] == {"o": shown}
    assert node["inputs"] == {"picture": shown}
    assert node["output"] == shown
    assert node["api_calls"][0]["output"] == shown


def test_written_image_has_an_absolute_path_and_its_kinds_ending(tmp_path: Path) -> None:
    media = MediaWriter(tmp_path)

    written = [media.wire(Image(b"x", kind)) for kind in ("image/png", "image/*", "image/svg+xml")]

    paths = [Path(next(iter(item.values()))) for item in written]
    assert [path.suffix for path in paths] == [".png", "", ".svg+xml"]
    assert all(path.parent == tmp_path and path.read_bytes() == b"x" for path in paths)


def test_image_with_an_address_is_named_by_it(tmp_path: Path) -> None:
    image = Image(b"x", "image/png", "https://example.com/x.png")

    assert MediaWriter(tmp_path).wire(image) == {"data:image/png;url": "https://example.com/x.png"}
    assert MediaWriter(tmp_path, message_format="openai-vision").wire(image) == {
        "type": "image_url",
        "image_url": {"url": "https://example.com/x.png"},
    }
    assert list(tmp_path.iterdir()) == []


def test_vision_format_writes_images_and_texts_in_its_own_way(tmp_path: Path) -> None:
    media = MediaWriter(tmp_path, message_format="openai-vision", prefix="out")

    written = json_safe({"i": Image(PNG), "t": [Text("hi", [1]), Text("plain"), "word"]}, media=media)

    name = next(tmp_path.iterdir()).name
    assert written == {
        "i": {"type": "image_file", "image_file": {"path": f"out/{name}"}},
        "t": [
            {"type": "text", "text": {"value": "hi", "annotations": [1]}},
            {"type": "text", "text": "plain"},
            "word",
        ],
    }


def test_answers_over_http_carry_images_as_base64() -> None:
    data = base64.b64encode(PNG).decode()

    assert InlineMedia().wire(Image(PNG)) == {"data:image/png;base64": data}
    assert InlineMedia("openai-vision").wire(Image(PNG)) == {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{data}"},
    }


def test_outward_form_changes_nothing_but_images(tmp_path: Path) -> None:
    thing = object()

    assert outward({"a": [thing, 1], "b": Text("t")}, MediaWriter(tmp_path)) == {"a": [thing, 1], "b": "t"}
