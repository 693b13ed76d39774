"""Entries saved as flow folders, and what they take and give."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from flow_folders import KnownConnections
from pfstudio.engine.loading import load_executor
from pfstudio.errors import UserErrorException
from pfstudio.flow.errors import BadFunctionInterface
from pfstudio.sdk.entries import as_tested, entry_of
from pfstudio.sdk.flow_function import load_flow
from pfstudio.sdk.flow_save import infer_signature, save_flow

CODE = """
from helper import WORD

class Greeter:
    def __init__(self, style: str = "plain", n: int = 2):
        self.style = style

    def __call__(self, who: str, more: list = None) -> str:
        return f"{WORD} {who} {self.style}"

def broken(q: str) -> int:
    return 1
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "reply.py").write_text(CODE, encoding="utf-8")
    (folder / "helper.py").write_text("WORD = 'hi'\n", encoding="utf-8")
    return folder


def ask(folder: Path, **inputs: Any) -> Any:
    with load_executor(folder, connections=KnownConnections()) as executor:
        return executor.run_line(inputs).outputs


def test_a_saved_entry_is_a_flow_that_runs(code: Path, tmp_path: Path) -> None:
    requirements = tmp_path / "needs.txt"
    requirements.write_text("x\n", encoding="utf-8")

    target = save_flow(
        "reply:Greeter",
        code,
        tmp_path / "flow",
        python_requirements_txt=requirements,
        image="an/image",
        sample={"inputs": {"who": "sample", "more": None}},
    )

    assert target == tmp_path / "flow"
    assert (target / "flow.flex.yaml").read_text(encoding="utf-8") == (
        "inputs:\n  who:\n    type: string\n  more:\n    type: list\n    default: ''\n"
        "init:\n  style:\n    type: string\n    default: plain\n  n:\n    type: int\n    default: '2'\n"
        "entry: reply:Greeter\n"
        "environment:\n  python_requirements_txt: needs.txt\n  image: an/image\n"
        "sample: ${file:sample.json}\n"
    )
    assert (target / "needs.txt").is_file()
    assert json.loads((target / "sample.json").read_text(encoding="utf-8"))["inputs"]["who"] == "sample"
    assert ask(target, who="x") == {"output": "hi x plain"}
    assert ask(target) == {"output": "hi sample plain"}
    assert "reply" not in sys.modules


def test_without_a_target_the_code_folder_gets_the_flow_file(code: Path) -> None:
    (code / "requirements.txt").write_text("x\n", encoding="utf-8")

    assert save_flow("reply:Greeter", code) == code
    assert "python_requirements_txt: requirements.txt" in (code / "flow.flex.yaml").read_text(encoding="utf-8")
    assert ask(code, who="x") == {"output": "hi x plain"}


def test_of_a_code_file_only_that_file_is_copied(code: Path, tmp_path: Path) -> None:
    (code / "alone.py").write_text("def f(q: str):\n    return q\n", encoding="utf-8")

    target = save_flow("f", code / "alone.py", tmp_path / "flow")

    assert sorted(path.name for path in target.iterdir()) == ["alone.py", "flow.flex.yaml"]
    assert ask(target, q="x") == {"output": "x"}


def test_a_signature_may_say_more_but_names_the_same(code: Path, tmp_path: Path) -> None:
    who = {"type": "string", "description": "a name"}
    given = {"inputs": {"who": who, "more": {"type": "object"}}}
    target = save_flow("reply:Greeter", code, tmp_path / "flow", signature=given)

    assert "description: a name" in (target / "flow.flex.yaml").read_text(encoding="utf-8")
    with pytest.raises(UserErrorException, match="Provided signature of inputs does not match the entry"):
        save_flow("reply:Greeter", code, signature={"inputs": {"who": who}})
    with pytest.raises(UserErrorException, match="Provided signature for outputs, which can't be overridden"):
        save_flow("reply:Greeter", code, signature={"outputs": {"a": {"type": "string"}}})


def test_what_cannot_be_saved_is_refused(code: Path, tmp_path: Path) -> None:
    def refused(said: str, *args: Any, **options: Any) -> None:
        with pytest.raises(UserErrorException, match=said):
            save_flow(*args, **options)

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("", encoding="utf-8")
    (code / "needs.txt").write_text("", encoding="utf-8")
    refused("exists and is not empty", "reply:Greeter", code, tmp_path / "full")
    refused("Specified code .* does not exist", "reply:Greeter", tmp_path / "gone")
    refused("is not a valid entry for flow", "reply.Greeter", code)
    refused("already exists in code, please rename it", "reply:Greeter", code, python_requirements_txt="needs.txt")
    refused("Sample keys a do not match the inputs who, more", "reply:Greeter", code, sample={"inputs": {"a": 1}})
    refused("must be dataclass, TypedDict or string", "reply:broken", code)
    refused("can't be customized when entry is a callable", ask, code)
    refused("Entry must be a function or a class", 3)


def test_the_signature_of_callables_prompties_and_flex_flows(code: Path, tmp_path: Path) -> None:
    def f(q: str, n: int = 3) -> str:
        return q * n

    prompty = tmp_path / "p.prompty"
    prompty.write_text(
        "---\nmodel:\n  configuration: {type: openai, model: m}\ninputs:\n  q: {type: string}\n---\nuser:\n{{q}}\n",
        encoding="utf-8",
    )
    save_flow("reply:Greeter", code)
    ports = {"q": {"type": "string"}, "n": {"type": "int", "default": "3"}}
    output = {"outputs": {"output": {"type": "string"}}}

    assert infer_signature(f) == {"inputs": ports}
    assert infer_signature(f, include_primitive_output=True) == {"inputs": ports, **output}
    assert infer_signature(load_flow(code))["init"]["style"] == {"type": "string", "default": "plain"}
    loaded = infer_signature(load_flow(prompty), include_primitive_output=True)
    assert loaded["inputs"] == {"q": {"type": "string"}}
    assert loaded["outputs"] == output["outputs"]
    assert set(loaded["init"]) == {"configuration", "parameters", "api", "response"}


def test_only_entries_have_a_signature() -> None:
    def complex_type(q: bytes) -> str:
        return str(q)

    with pytest.raises(BadFunctionInterface, match="The input 'q' is of a complex python type"):
        infer_signature(complex_type)
    with pytest.raises(UserErrorException, match="Invalid entry int, only support callable object or prompty"):
        infer_signature(3)


def test_a_callable_is_named_for_other_processes() -> None:
    assert entry_of(save_flow)[0] == "flow_save:save_flow"
    with pytest.raises(UserErrorException, match="is not at the top of its file"):
        entry_of(lambda q: q)


def test_what_is_given_as_a_flow_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a:b").mkdir()

    assert as_tested("app:f") == "app:f"
    assert as_tested("a:b") == Path("a:b")
    assert as_tested("folder") == Path("folder")
    assert as_tested(ask) is ask
