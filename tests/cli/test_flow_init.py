"""`pf flow init`: blank flows that run, and flows around a function that exists."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ended, write_flow

Pf = Callable[..., Ended]

APP = """\
import nothing_of_that_name
def answer(system: str, question, count: int = 2, *, loud=False):
    return f"{system}|{question}|{count}|{loud}"
async def later(a: float = 0.5): return a
"""


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("standard", "pf flow test --flow new --inputs new/data.jsonl"),
        ("evaluation", "pf flow test --flow new --inputs new/data.jsonl"),
        ("chat", "pf flow test --flow new --interactive"),
    ],
)
def test_a_blank_flow_says_how_to_run_it_and_runs(pf: Pf, tmp_path: Path, kind: str, command: str) -> None:
    made = pf("flow", "init", "--flow", "new", "--type", kind)

    lines = made.out.splitlines()
    assert (made.code, lines[0]) == (0, "Creating flow from scratch...")
    assert lines[-2] == f"Done. Created {kind} flow folder: {tmp_path / 'new'}."
    assert lines[-1] == f"You can execute this command to test the flow, {command}"
    assert {"flow.dag.yaml", ".gitignore", "requirements.txt", "data.jsonl"} <= {
        path.name for path in (tmp_path / "new").iterdir()
    }
    assert pf(*command.split()[1:]).code == 0


def test_a_chat_flow_can_name_a_connection_and_deployment(pf: Pf, tmp_path: Path) -> None:
    pf("flow", "init", "--flow", "new", "--type", "chat", "--connection", "mine", "--deployment", "gpt-4o")

    text = (tmp_path / "new" / "flow.dag.yaml").read_text()
    assert "connection: mine\n" in text
    assert "deployment_name: gpt-4o\n" in text
    assert pf("connection", "create", "-f", "new/openai.yaml", "--set", "api_key=k").code == 0


def test_a_folder_is_written_over_only_when_told(pf: Pf, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()

    asked = pf("flow", "init", "--flow", "new")
    told = pf("flow", "init", "--flow", "new", "--yes")

    assert asked.code == 0
    assert asked.err.startswith(
        "The flow folder already exists, do you want to create the flow in this existing folder? [y/n]"
    )
    assert "The 'pf init' command has been cancelled." in asked.err
    assert (told.code, (tmp_path / "new" / "flow.dag.yaml").exists()) == (0, True)


def test_a_function_becomes_a_flow_without_being_run(pf: Pf, tmp_path: Path) -> None:
    write_flow(tmp_path / "app", {"app.py": APP, "system.jinja2": "You are {{role}}."})

    made = pf(
        *("flow", "init", "--flow", "app", "--entry", "app.py", "--function", "answer"),
        *("--prompt-template", "system=system.jinja2"),
    )

    assert made.code == 0, made.err
    assert made.out.splitlines()[-1] == f"Done. Generated flow in folder: {tmp_path / 'app'}."
    assert "nothing_of_that_name" in pf("flow", "validate", "--source", "app").out
    write_flow(tmp_path / "app", {"app.py": APP.replace("import nothing_of_that_name\n", "")})
    assert pf("flow", "validate", "--source", "app").out == '{\n  "result": "Succeeded"\n}\n'
    ended = pf("flow", "test", "--flow", "app", "--inputs", "role=kind", "question=hi")
    assert json.loads(ended.out) == {"output": "You are kind.|hi|2|False"}


def test_an_async_function_and_a_connection_are_wrapped_too(pf: Pf, tmp_path: Path) -> None:
    code = "import os\nasync def later(a: float = 0.5):\n    return os.environ['KEY'] + str(a)\n"
    write_flow(tmp_path, {"app/app.py": code, "c.yaml": "name: keys\ntype: custom\nsecrets: {KEY: k}\n"})
    pf("connection", "create", "-f", "c.yaml")

    pf("flow", "init", "--flow", "app", "--entry", "app.py", "--function", "later", "--connection", "keys")

    assert json.loads(pf("flow", "test", "--flow", "app").out) == {"output": "k0.5"}


def test_files_of_the_user_are_not_replaced_unasked(pf: Pf, tmp_path: Path) -> None:
    write_flow(tmp_path / "app", {"app.py": "def f(): return 1\n", "flow.dag.yaml": "mine", ".gitignore": "mine"})

    asked = pf("flow", "init", "--flow", "app", "--entry", "app.py", "--function", "f")
    assert "exists, do you want to overwrite it?" in asked.err
    assert (tmp_path / "app" / "flow.dag.yaml").read_text() == "mine"

    pf("flow", "init", "--flow", "app", "--entry", "app.py", "--function", "f", "-y")
    assert (tmp_path / "app" / ".gitignore").read_text() == "mine"
    assert json.loads(pf("flow", "test", "--flow", "app").out) == {"output": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--entry", "app.py"], "A flow around a function needs --entry and --function; --function is not given."),
        (["--entry", "no.py", "--function", "f"], "There is no Python file 'no.py' in 'app'."),
        (["--entry", "app.py", "--function", "f"], "There is no function 'f' in 'app.py'. (app.py:1)"),
        (
            ["--entry", "app.py", "--function", "later", "--prompt-template", "b=x.jinja2"],
            "The function 'later' has no parameter 'b'; it has ['a'].",
        ),
        (
            ["--entry", "app.py", "--function", "later", "--prompt-template", "a=x.jinja2"],
            "The template 'x.jinja2' cannot be read in 'app'.",
        ),
    ],
)
def test_what_cannot_be_wrapped_is_one_line(pf: Pf, tmp_path: Path, arguments: list[str], message: str) -> None:
    write_flow(tmp_path / "app", {"app.py": APP})

    ended = pf("flow", "init", "--flow", "app", *arguments)

    assert (ended.code, ended.err) == (1, f"pf.flow.init failed with UserErrorException: {message}\n")
