"""`pf flow test` and `pf flow save` on functions, classes and prompty files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ended, write_flow

Pf = Callable[..., Ended]

APP = """\
def double(text: str, times: int = 2) -> str:
    return text * times
class Greeter:
    def __init__(self, greeting: str = "Hello", marks: int = 1):
        self.greeting, self.marks = greeting, marks
    def __call__(self, name: str) -> str:
        return f"{self.greeting} {name}{'!' * self.marks}"
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    write_flow(
        tmp_path,
        {"app.py": APP, "flex/app.py": APP, "flex/flow.flex.yaml": "entry: app:Greeter\n"},
    )
    return tmp_path


def test_a_function_runs_by_its_name(pf: Pf, app: Path) -> None:
    assert pf("flow", "test", "--flow", "app:double", "--inputs", "text=ab", "times=3").out == "ababab\n"


@pytest.mark.parametrize(
    ("init", "text"),
    [
        (["greeting=Hi"], "Hi Ada!\n"),
        (["init.json"], "Hey Ada!!\n"),
        (["init.yaml"], "Hoi Ada!!\n"),
        ([], "Hello Ada!\n"),
    ],
)
def test_a_class_takes_its_arguments(pf: Pf, app: Path, init: list[str], text: str) -> None:
    write_flow(app, {"init.json": '{"greeting": "Hey", "marks": 2}', "init.yaml": "greeting: Hoi\nmarks: 2\n"})
    more = ["--init", *init] if init else []

    ended = pf("flow", "test", "--flow", "flex", "--inputs", "name=Ada", *more)

    assert (ended.code, ended.out) == (0, text), ended.err


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("no.json", "UserErrorException: Cannot find inputs file no.json."),
        ("init.txt", "InputsFileError: Only support yaml or json file as init."),
        ("list.yaml", "InputsFileError: 'list.yaml' holds no mapping with arguments. (list.yaml:1)"),
        ("torn.json", "InputsFileError: 'torn.json' is not valid JSON"),
    ],
)
def test_a_file_of_arguments_that_will_not_do_is_one_line(pf: Pf, app: Path, file: str, message: str) -> None:
    write_flow(app, {"init.txt": "x", "list.yaml": "- 1\n", "torn.json": "{"})

    ended = pf("flow", "test", "--flow", "flex", "--inputs", "name=Ada", "--init", file)

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert ended.err.startswith(f"pf.flow.test failed with {message}")


def test_a_prompty_runs_on_the_demo_model(pf: Pf, tmp_path: Path) -> None:
    write_flow(
        tmp_path,
        {
            "ask.prompty": "---\nname: Ask\nmodel:\n  api: chat\n"
            "  configuration:\n    type: openai\n    connection: demo\n"
            "  parameters:\n    model: demo\ninputs:\n  question:\n    type: string\n---\n"
            "system:\nBe brief.\nuser:\n{{question}}\n"
        },
    )

    ended = pf("flow", "test", "--flow", "ask.prompty", "--inputs", "question=What is a flow?")

    assert ended.code == 0, ended.err
    assert ended.out.strip()


def test_an_entry_is_saved_as_a_flow_that_runs(pf: Pf, app: Path) -> None:
    saved = pf("flow", "save", "--entry", "app:double", "--code", "app.py", "--path", "saved")
    if saved.code:
        saved = pf("flow", "save", "--entry", "double", "--code", "app.py", "--path", "saved")

    assert (saved.code, saved.out) == (0, f"Saved flow to {app / 'saved'}.\n"), saved.err
    assert pf("flow", "test", "--flow", "saved", "--inputs", "text=ab").out == "abab\n"
    again = pf("flow", "save", "--entry", "app:double", "--code", "flex", "--path", "saved")
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "exists and is not empty." in again.err


def test_an_entry_that_is_not_there_is_told(pf: Pf, app: Path) -> None:
    tested = pf("flow", "test", "--flow", "app:nope", "--inputs", "text=x")
    saved = pf("flow", "save", "--entry", "app:nope", "--path", "x")

    for ended, command in ((tested, "pf.flow.test"), (saved, "pf.flow.save")):
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"{command} failed with ")
        assert "Failed to collect flow entry 'app:nope'" in ended.err
        assert "Traceback" not in ended.err
