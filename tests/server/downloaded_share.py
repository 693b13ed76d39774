"""A file share as it is downloaded from Azure: five users with six folders each, and what people leave behind."""

from __future__ import annotations

import os
from pathlib import Path

LLM = """inputs: {q: {type: string}}
outputs: {a: {type: string, reference: "${ask.output}"}}
nodes:
- name: ask
  type: llm
  source: {type: code, path: ask.jinja2}
  inputs: {deployment_name: x, q: "${inputs.q}"}
  connection: azure_one
  provider: AzureOpenAI
  api: chat
"""
TOOL = """nodes:
- {name: look, type: python, source: {type: code, path: look.py}, inputs: {search: bing, other: other_one}}
"""
CODE = """from promptflow.core import tool
from promptflow.connections import CustomConnection, SerpConnection
raise SystemExit("nothing of a flow is run")
@tool
def look(search: SerpConnection, other: CustomConnection): ...
"""
ALIASES = ("ada.lovelace", "Bob.Smith@example.com", "carol", "\u65e5\u672c", "eve")
FOLDERS = ("chat", "search tool \N{SNOWMAN}", "broken", "missing", "with links", "prompts")


def make_downloaded_share(root: Path) -> Path:
    for alias in ALIASES:
        home = root / "Users" / alias
        for number, name in enumerate(FOLDERS):
            folder = home / "promptflow" / name
            folder.mkdir(parents=True)
            (folder / ".promptflow").mkdir()
            (folder / ".promptflow" / "flow.tools.json").write_text("{}")
            (folder / "number.txt").write_text(f"{alias} {number}")
        _fill(home / "promptflow", root)
        (home / "notebook.ipynb").write_text("{}")
    _oddities(root)
    return root


def _fill(home: Path, root: Path) -> None:
    write = {
        "chat/flow.dag.yaml": LLM,
        "chat/ask.jinja2": "system:\n{{q}}\n",
        "chat/flow.meta.yaml": "name: chat\n",
        f"{FOLDERS[1]}/flow.dag.yaml": TOOL,
        f"{FOLDERS[1]}/look.py": CODE,
        "broken/flow.dag.yaml": "nodes: [\n",
        "missing/flow.dag.yaml": LLM.replace("ask.jinja2", "gone.jinja2"),
        "with links/inner/flow.dag.yaml": "nodes: []\n",
        "prompts/basic.prompty": "---\nname: x\nmodel: {api: chat}\n---\nsystem:\nhi\n",
    }
    for path, text in write.items():
        (home / path).parent.mkdir(exist_ok=True)
        (home / path).write_text(text)
    links = home / "with links"
    (links / "inside").symlink_to("inner")
    (links / "shared.txt").symlink_to("../chat/ask.jinja2")
    (links / "out").symlink_to("/etc/passwd")
    (links / "loop").symlink_to("loop")
    os.mkfifo(links / "fifo")


def _oddities(root: Path) -> None:
    users = root / "Users"
    (users / "linked").symlink_to(users / "carol")
    (users / "frank").mkdir()
    (users / "frank" / "promptflow").symlink_to("/etc")
    (users / ".azure").mkdir()
    (users / "readme.txt").write_text("x")
    (users / "eve" / "promptflow" / "alone.prompty").write_text("x")
    (users / "eve" / "promptflow" / "to chat").symlink_to("chat")
    Path(os.fsdecode(os.fsencode(users / "eve" / "promptflow") + b"/caf\xe9")).mkdir()
    (users / "Ada.Lovelace" / "promptflow" / "chat").mkdir(parents=True)
    (users / "Ada.Lovelace" / "promptflow" / "chat" / "flow.dag.yaml").write_text("nodes: []\n")
