"""Flows without nodes for the journeys: written to disk as an editor would, seen by the studio at once."""

from __future__ import annotations

import base64
from pathlib import Path

from e2e.process import Studio

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CHAT = """\
import time


class Chat:
    def __init__(self, style: str = "plain"):
        self.style = style

    def __call__(self, question: str, chat_history: list = None):
        earlier = [message["content"] for message in chat_history or [] if message["role"] == "user"]
        if question == "break":
            yield "It began well"
            raise ValueError("the answer broke off")
        for word in [self.style, question, "after", str(earlier)]:
            time.sleep(0.4)
            yield word + " "
"""
FLEX = """\
entry: chat:Chat
init:
  style: {type: string, default: plain}
inputs:
  question: {type: string, is_chat_input: true}
  chat_history: {type: list, default: [], is_chat_history: true}
outputs:
  output: {type: string, is_chat_output: true}
sample:
  inputs: {question: what is it}
"""
PROMPTY = """\
---
name: Shout
model:
  configuration: {type: openai, model: any, connection: demo}
inputs:
  word: {type: string, default: hey}
  tone: {type: string}
---
user:
{{word}} in a {{tone}} tone
"""
PICTURE = """\
inputs:
  picture: {type: image}
outputs:
  same: {type: image, reference: "${echo.output}"}
nodes:
- name: echo
  type: python
  source: {type: code, path: echo.py}
  inputs: {picture: "${inputs.picture}"}
"""
ECHO = """\
from promptflow.contracts.multimedia import Image
from promptflow.core import tool


@tool
def echo(picture: Image) -> Image:
    return picture
"""
LOOK = """\
inputs:
  question: {type: list, is_chat_input: true}
  chat_history: {type: list, default: [], is_chat_history: true}
outputs:
  answer: {type: object, reference: "${look.output}", is_chat_output: true}
nodes:
- name: look
  type: python
  source: {type: code, path: look.py}
  inputs: {question: "${inputs.question}"}
"""
LOOK_CODE = """\
from promptflow.core import tool


@tool
def look(question: list):
    return ["You sent", *question[1:]]
"""


def write_flow(studio: Studio, name: str, files: dict[str, str]) -> Path:
    folder = studio.home / name
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def address_of(studio: Studio, path: str) -> str:
    return f"{studio.address}/flows/Users/ada/promptflow/{path}"
