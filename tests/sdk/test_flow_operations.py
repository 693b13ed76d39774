"""`PFClient().flows` and `PFClient().test` beyond the plain case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pfstudio.errors import UserErrorException
from pfstudio.sdk.client import PFClient

YAML = """\
inputs:
  chat_history: {type: list, is_chat_history: true, default: []}
  question: {type: string, is_chat_input: true}
outputs:
  answer: {type: string, reference: "${say.output}", is_chat_output: true}
nodes:
- name: say
  type: python
  source: {type: code, path: say.py}
  inputs: {q: "${inputs.question}"}
"""
SAY = """\
from promptflow.core import tool
@tool
def say(q):
    if q == "fail":
        raise ValueError("no")
    return iter(["You ", "said ", q]) if q != "whole" else q
"""


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    folder = tmp_path / "talk"
    folder.mkdir()
    (folder / "flow.dag.yaml").write_text(YAML)
    (folder / "say.py").write_text(SAY)
    return folder


def test_a_streamed_answer_of_a_chat_is_a_generator_of_its_pieces(talk: Path) -> None:
    answer = PFClient().test(talk, inputs={"question": "hi"})["answer"]

    assert isinstance(answer, Iterator)
    assert list(answer) == ["You ", "said ", "hi"]
    assert not (talk / ".promptflow").exists()


def test_pieces_are_handed_out_while_the_answer_is_made(talk: Path, tmp_path: Path) -> None:
    gate = tmp_path / "go"
    (talk / "say.py").write_text(
        "import os, time\nfrom promptflow.core import tool\n@tool\ndef say(q):\n    yield 'first'\n"
        f"    while not os.path.exists({str(gate)!r}):\n        time.sleep(0.01)\n    yield 'last'\n"
    )

    answer = PFClient().test(talk, inputs={"question": "hi"})["answer"]

    assert next(answer) == "first"
    gate.touch()
    assert list(answer) == ["last"]


def test_a_stream_that_breaks_off_raises_behind_its_pieces(talk: Path) -> None:
    (talk / "say.py").write_text(
        "from promptflow.core import tool\n@tool\ndef say(q):\n    yield 'first'\n    raise ValueError('no more')\n"
    )

    answer = PFClient().test(talk, inputs={"question": "hi"})["answer"]

    assert next(answer) == "first"
    with pytest.raises(ValueError, match="no more"):
        next(answer)


def test_a_caller_may_want_text_only(talk: Path) -> None:
    found = PFClient().flows.test(talk, inputs={"question": "hi"}, allow_generator_output=False)

    assert found == {"answer": "You said hi"}


def test_a_whole_answer_of_a_chat_is_text(talk: Path) -> None:
    assert PFClient().test(talk, inputs={"question": "whole"}) == {"answer": "whole"}


def test_records_want_the_whole_answer(talk: Path, tmp_path: Path) -> None:
    found = PFClient().flows.test(talk, inputs={"question": "hi"}, output_path=tmp_path / "records")

    assert found == {"answer": "You said hi"}


def test_a_chat_that_fails_raises(talk: Path) -> None:
    with pytest.raises(UserErrorException, match=r"^ValueError: Execution failure in 'say': \(ValueError\) no$"):
        PFClient().test(talk, inputs={"question": "fail"})
    with pytest.raises(UserErrorException, match=r"Required input\(s\) \['question'\] are missing"):
        PFClient().test(talk)


def test_unknown_options_of_promptflow_are_taken(talk: Path) -> None:
    options = {"allow_generator_output": True, "stream_output": False}

    assert PFClient().flows.test(talk, inputs={"question": "whole"}, **options) == {"answer": "whole"}  # type: ignore[arg-type]


def test_building_is_left_out_with_a_sentence(talk: Path) -> None:
    with pytest.raises(UserErrorException, match="pip install pfstudio"):
        PFClient().flows.build(talk, output="x")


def test_tools_are_validated_and_listed(tmp_path: Path) -> None:
    file = tmp_path / "mine_to_check.py"
    file.write_text("from promptflow.core import tool\n@tool(icon='nope.png')\ndef mine(a: int): pass\n")

    result = PFClient().tools.validate(str(file))

    assert (result.passed, result.error_messages) == (False, {"mine": "Cannot find the icon path nope.png."})
    with pytest.raises(UserErrorException, match="icon path nope"):
        PFClient().tools.validate(str(file), raise_error=True)
    assert "promptflow.tools.embedding.embedding" in PFClient().tools.list()["package"]


def test_package_tool_that_nothing_installed_offers_is_a_warning_of_validation(tmp_path: Path) -> None:
    (tmp_path / "flow.dag.yaml").write_text(
        "nodes:\n"
        "- {name: a, type: python, source: {type: package, tool: promptflow.tools.serpapi.SerpAPI.serch}}\n"
        "- {name: b, type: python, source: {type: package, tool: promptflow.tools.embedding.embedding}}\n"
        "- name: c\n  type: python\n"
        "  source: {type: package, tool: content_safety_text.tools.content_safety_text_tool.analyze_text}\n"
    )

    checked = PFClient().flows.validate(tmp_path)

    assert checked.passed
    assert [(problem.line, problem.message) for problem in checked.problems] == [
        (
            2,
            "No installed package has the tool 'promptflow.tools.serpapi.SerpAPI.serch' of the node 'a'. "
            "Did you mean 'promptflow.tools.serpapi.SerpAPI.search'?",
        )
    ]
