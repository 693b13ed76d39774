"""`pf flow test --interactive`, on a real terminal and with its input from a pipe."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import PF, write_flow
from .terminal import Terminal

YAML = """\
inputs:
  chat_history: {type: list, is_chat_history: true, default: []}
  question: {type: string, is_chat_input: true}
  tone: {type: string, default: calm}
outputs:
  answer: {type: string, reference: "${say.output}", is_chat_output: true}
  turns: {type: int, reference: "${count.output}"}
nodes:
- name: count
  type: python
  source: {type: code, path: count.py}
  inputs: {h: "${inputs.chat_history}"}
- name: say
  type: python
  source: {type: code, path: say.py}
  inputs: {q: "${inputs.question}", n: "${count.output}", tone: "${inputs.tone}"}
"""
COUNT = """\
from promptflow.core import tool
@tool
def count(h):
    print("history", [(turn["inputs"]["question"], turn["outputs"]["turns"]) for turn in h])
    return len(h)
"""
SAY = """\
import time
from promptflow.core import tool
@tool
def say(q, n, tone):
    def pieces():
        for word in ["You ", "said ", q, f" {tone}", f" {n}"]:
            if q == "fail":
                raise ValueError("no")
            if q == "slow":
                time.sleep(0.4)
            yield word
    return pieces()
"""
WELCOME = """\
===========================
Welcome to chat flow, talk.
Press Enter to send your message.
You can quit with ctrl+C.
===========================
"""


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    write_flow(tmp_path / "talk", {"flow.dag.yaml": YAML, "count.py": COUNT, "say.py": SAY})
    return tmp_path / "talk"


def piped(folder: Path, text: str, *more: str) -> Any:
    return subprocess.run(
        [PF, "flow", "test", "--flow", str(folder), "--interactive", *more],
        input=text,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder.parent / "home"), "LANG": "C.UTF-8"},
        timeout=60,
        check=False,
    )


def test_a_conversation_from_a_pipe_reads_like_the_originals(talk: Path) -> None:
    ended = piped(talk, "hello\n\nbye\n")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == WELCOME + (
        "User: [count]: history []\nBot: You said hello calm 0\n"
        "User: User: [count]: history [('hello', 0)]\nBot: You said bye calm 1\n"
        "User: Terminate the chat.\n"
    )
    records = talk / ".promptflow"
    assert {path.name for path in records.iterdir()} == {"chat.detail.json", "chat.log", "chat.output.json"}
    assert json.loads((records / "chat.output.json").read_text()) == {"answer": "You said bye calm 1", "turns": 1}


def test_verbose_shows_what_each_node_gave(talk: Path) -> None:
    assert "count: 0\n" in piped(talk, "hello\n", "--verbose").stdout


def test_other_inputs_stay_the_same_over_the_turns(talk: Path) -> None:
    out = piped(talk, "a\nb\n", "--inputs", "tone=loud").stdout

    assert ("You said a loud 0" in out, "You said b loud 1" in out) == (True, True)


def test_a_turn_that_fails_ends_the_chat(talk: Path) -> None:
    ended = piped(talk, "fail\nnever\n")

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(
        "pf.flow.test failed with UserErrorException: ValueError: "
        "Execution failure in 'say': (ValueError) no (say.py:8)"
    )
    assert "never" not in ended.stdout


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((", is_chat_input: true", ""), "the flow has no chat input."),
        ((", is_chat_output: true", ""), "the flow has no chat output."),
        (("default: calm", "is_chat_input: true"), "chat flow does not support multiple chat inputs."),
        (
            ("chat_history: {type: list, is_chat_history: true", "chat_history: {type: list, is_chat_history: false"),
            "chat_history is required in the inputs of chat flow.",
        ),
    ],
)
def test_a_flow_that_is_no_chat_says_why(talk: Path, change: tuple[str, str], reason: str) -> None:
    write_flow(talk, {"flow.dag.yaml": YAML.replace(*change)})

    ended = piped(talk, "hello\n")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"pf.flow.test failed with UserErrorException: Only support chat flow in interactive mode, {reason}\n"
    )


def test_the_answer_comes_piece_by_piece_on_a_terminal(talk: Path) -> None:
    with Terminal(["flow", "test", "--flow", str(talk), "--interactive"], cwd=talk, home=talk / "home") as terminal:
        terminal.wait_for("User: ")
        terminal.type("slow\n")
        terminal.wait_for("You said ")
        early = terminal.screen
        terminal.wait_for("calm 0")
        terminal.wait_for("User: ", times=2)
        terminal.type("\x04")
        code = terminal.end()

    assert "calm" not in early
    assert code == 0
    assert terminal.screen.rstrip().endswith("Terminate the chat.")
    assert "\x1b[33mBot: " in terminal.screen


def test_ctrl_c_ends_the_chat_well(talk: Path) -> None:
    with Terminal(["flow", "test", "--flow", str(talk), "--interactive"], cwd=talk, home=talk / "home") as terminal:
        terminal.wait_for("User: ")
        terminal.type("hi\n")
        terminal.wait_for("User: ", times=2)
        while "Terminate" not in terminal.screen:
            terminal.process.send_signal(2)  # Again where it fell between the prompt and the waiting for a key.
            terminal.read_for(0.5)
        code = terminal.end()

    assert code == 0
    assert "Terminate the chat." in terminal.screen


def test_a_model_streams_into_the_terminal(tmp_path: Path) -> None:
    write_flow(
        tmp_path / "talk",
        {
            "flow.dag.yaml": YAML.split("  turns:", maxsplit=1)[0]
            + "nodes:\n- name: say\n  type: llm\n  source: {type: code, path: say.jinja2}\n  api: chat\n"
            "  connection: demo\n  inputs: {model: demo, question: '${inputs.question}'}\n",
            "say.jinja2": "# system:\nBe brief.\n# user:\n{{question}}\n",
        },
    )

    ended = piped(tmp_path / "talk", "What is prompt flow?\n")

    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.partition("Bot: ")[2].splitlines()[0]) > 10
