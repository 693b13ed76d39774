"""The signature of an entry read from its source: the same as the one read from the loaded code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pfstudio.engine.flex_signature import infer_signature
from pfstudio.errors import PromptflowException
from pfstudio.flow.entry_errors import GenerateFlowMetaJsonError
from pfstudio.flow.entry_source import module_path, read_entry
from pfstudio.flow.entry_validation import check_flex, check_prompty
from pfstudio.flow.errors import BadFunctionInterface, PythonLoadError
from pfstudio.flow.files import FolderFiles

ANSWERS = Path(__file__).parents[1] / "engine"
REFUSED = (
    "GenerateFlowMetaJsonError",
    "InvalidFlexFlowEntry",
    "FlexFlowDefinitionError",
    "SignatureMismatchError",
)
SOURCES = [
    "def f(q: str, n: int = 2, x=None, y=1.5, z=True, w='a', l: list = None, o: dict = None): ...",
    "def f(q, *args, k: float = 1, **more) -> str: ...",
    "async def f(q: 'str', n: 'int | None' = None): ...",
    "from typing import Optional, Union\ndef f(q: Optional[str], n: Union[int, None] = 3): ...",
    "from enum import Enum\nclass E(Enum):\n    A = 'a'\ndef f(q: E = E.A): ...",
    "from dataclasses import dataclass\n@dataclass\nclass O:\n    a: str\n    n: int\ndef f(q: str) -> O: ...",
    "from typing import TypedDict\nclass O(TypedDict):\n    a: str\n    b: dict\ndef f() -> O: ...",
    "from promptflow.connections import OpenAIConnection as OpenAIConnection\n"
    "class f:\n    def __init__(self, c: OpenAIConnection, n: int = 1): ...\n    def __call__(self, q: str): ...",
    "from promptflow.core import AzureOpenAIModelConfiguration\n"
    "class f:\n    def __init__(self, m: AzureOpenAIModelConfiguration): ...\n    async def __call__(self): ...",
]
COMPLEX = [
    "from typing import List\ndef f(q: List[str]): ...",
    "def f(q: list[str]): ...",
    "def f(q: str | int): ...",
    "from typing import Any\ndef f(q: Any): ...",
    "class K: ...\ndef f(q: K): ...",
    "def f(q: str) -> dict: ...",
    "def f(q: str) -> int: ...",
    "from typing import Union\ndef f(q: Union[str, int]): ...",
]


def source_of(tmp_path: Path, code: str) -> Any:
    (tmp_path / "app.py").write_text(code, encoding="utf-8")
    return read_entry(FolderFiles(tmp_path), "app.py", "app:f")


@pytest.mark.parametrize("code", SOURCES)
def test_source_and_loaded_code_have_the_same_signature(tmp_path: Path, code: str) -> None:
    scope: dict[str, Any] = {"__name__": "app"}
    exec(compile(code, "app.py", "exec", dont_inherit=True), scope)

    read, loaded = source_of(tmp_path, code).signature, infer_signature(scope["f"])

    for kind in ("inputs", "outputs", "init"):
        ours, theirs = getattr(read, kind), getattr(loaded, kind)
        assert {n: (p.type, p.has_default) for n, p in ours.items()} == {
            n: (p.type, p.has_default) for n, p in theirs.items()
        }


@pytest.mark.parametrize("code", COMPLEX)
def test_a_type_that_no_port_has_is_refused_by_both(tmp_path: Path, code: str) -> None:
    scope: dict[str, Any] = {"__name__": "app"}
    exec(compile(code, "app.py", "exec", dont_inherit=True), scope)

    with pytest.raises(BadFunctionInterface) as from_code:
        infer_signature(scope["f"])
    with pytest.raises(BadFunctionInterface) as from_source:
        source_of(tmp_path, code)

    assert str(from_source.value).split(", but got")[0] == str(from_code.value).split(", but got")[0]
    assert from_source.value.line == code.count("\n") + 1


def test_what_only_running_would_tell_is_left_open(tmp_path: Path) -> None:
    for code in ("from elsewhere import f", "f = make()", "class f(Base): ...", "from elsewhere import *"):
        assert source_of(tmp_path, code).signature is None


def test_an_entry_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GenerateFlowMetaJsonError, match="Failed to collect flow entry 'app:f' in module 'app'"):
        source_of(tmp_path, "def g(): ...")


def test_a_file_that_is_no_python_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(PythonLoadError) as raised:
        source_of(tmp_path, "x = 1\ndef f(:\n")
    assert (raised.value.file, raised.value.line) == ("app.py", 2)


def test_the_last_definition_of_a_name_counts(tmp_path: Path) -> None:
    found = source_of(tmp_path, "try:\n    import f\nexcept ImportError:\n    pass\nif True:\n    def f(q: str): ...\n")

    assert list(found.signature.inputs) == ["q"]


def test_modules_are_found_in_the_code_folder_and_in_packages(tmp_path: Path) -> None:
    for name in ("src/app.py", "pkg/__init__.py", "pkg/inner.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    files = FolderFiles(tmp_path)

    assert module_path("app", "src", files) == "src/app.py"
    assert module_path("pkg", None, files) == "pkg/__init__.py"
    assert module_path("pkg.inner", ".", files) == "pkg/inner.py"
    assert module_path("gone", None, files) is None


def _recorded(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ANSWERS / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", _recorded("flex_answers.jsonl"), ids=lambda case: case["name"])
def test_validation_finds_what_loading_refuses(case: dict[str, Any], tmp_path: Path) -> None:
    """Only what the code itself decides when it runs may slip through."""
    folder = tmp_path / "flow"
    for name, text in case["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    answers = [call.get("ours", call["original"]) for call in case["calls"]]
    refused = any(answer[0] == "error" and answer[1] in REFUSED for answer in answers)
    refused |= case["name"] == "sample_missing"

    errors = [problem for problem in check_flex(FolderFiles(folder), "flow.flex.yaml") if problem.severity == "error"]

    if case["name"] not in ("not_callable", "bad_import", "instance_entry"):
        assert bool(errors) == refused, errors
    assert all(problem.line >= 1 and problem.message for problem in errors)


def test_every_fault_of_a_prompty_is_found_at_once(tmp_path: Path) -> None:
    (tmp_path / "p.prompty").write_text(
        "---\nmodel:\n  configuration: {type: foo, connection: c, api_key: k}\nsample: gone.json\n---\n"
        "user:\n{% if %}\n",
        encoding="utf-8",
    )

    found = {(problem.line, problem.code) for problem in check_prompty(FolderFiles(tmp_path), "p.prompty")}

    assert found == {
        (2, "invalid_connection"),
        (2, "missing_model"),
        (4, "invalid_sample"),
        (7, "jinja_parsing"),
    }


def test_a_variable_without_an_input_is_warned_about(tmp_path: Path) -> None:
    (tmp_path / "p.prompty").write_text(
        "---\nmodel:\n  configuration: {type: openai, model: m}\ninputs: {q: {type: string}}\n---\n"
        "user:\n{{q}} {{r}}\n",
        encoding="utf-8",
    )

    (problem,) = check_prompty(FolderFiles(tmp_path), "p.prompty")

    assert (problem.severity, "'r'" in problem.message) == ("warning", True)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"entry: [", b"entry: a:b\ninputs: 3\nsample: ${file:x.json}\n"])
def test_bad_content_never_breaks_the_checks(tmp_path: Path, content: bytes) -> None:
    for name, check in (("flow.flex.yaml", check_flex), ("p.prompty", check_prompty)):
        (tmp_path / name).write_bytes(content)
        (tmp_path / "x.json").write_text("{torn", encoding="utf-8")
        problems = check(FolderFiles(tmp_path), name)
        assert any(problem.severity == "error" for problem in problems)


def test_errors_are_of_the_one_tree() -> None:
    assert issubclass(GenerateFlowMetaJsonError, PromptflowException)
