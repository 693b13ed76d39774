"""Opening, listing, importing, checking and exporting a hostile flow starts no process and imports nothing of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studios import People

# Every place where Python code runs before anybody calls it, and the variables that change how programs start.
HOSTILE_PYTHON = """\
import os, subprocess, socket
{act}
from promptflow import tool

class Meta(type):
    def __new__(cls, *args, **kwargs):
        {act}
        return super().__new__(cls, *args, **kwargs)

class Base(metaclass=Meta):
    {act}
    def __init_subclass__(cls):
        {act}

class Child(Base):
    pass

def decorate(function=[{act}]):
    {act}
    return function

@decorate
@tool
def hostile(text: str = {act}, other: {act} = 1) -> {act}:
    return text
"""
HOSTILE_YAML = """\
inputs:
  text: {{type: string, default: "{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}}"}}
outputs:
  out: {{type: string, reference: "${{a.output}}"}}
environment_variables: {{LD_PRELOAD: /tmp/x.so, PYTHONSTARTUP: /tmp/x.py, PF_DISABLE_SANDBOX: "true"}}
additional_includes: [../../../../etc, "/etc/passwd"]
nodes:
- {{name: a, type: python, source: {{type: code, path: hostile.py}}, inputs: {{text: "${{inputs.text}}"}}}}
- name: b
  type: llm
  source: {{type: code, path: hostile.jinja2}}
  connection: demo
  inputs: {{text: "${{a.output}}"}}
- {{name: c, type: python, source: {{type: package, tool: os.system}}, inputs: {{command: "touch {mark}"}}}}
"""
WATCHED = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "ctypes.dlopen")
_seen: list[tuple[str, tuple[object, ...]]] | None = None
_hooked = False


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if _seen is not None and (event in WATCHED or (event in ("import", "exec") and "hostile" in repr(arguments))):
        _seen.append((event, arguments))


def _records_history(event: str, arguments: tuple[object, ...], data: Path) -> bool:
    """Whether this is the server's git, which runs on the snapshot store alone and knows nothing of the share."""
    if event != "subprocess.Popen":
        return False
    program, words, cwd, environment = arguments
    return (
        Path(str(program)).name == "git"
        and isinstance(words, list)
        and isinstance(environment, dict)
        and str(cwd) == str(data)
        and environment["GIT_DIR"] == str(data / "snapshots.git")
        and environment["GIT_CONFIG_GLOBAL"] == environment["HOME"] == os.devnull
        and not any(str(data / "share") in str(word) for word in words)
        and any(
            value == os.devnull and environment[key.replace("VALUE", "KEY")] == "core.hooksPath"
            for key, value in environment.items()
            if key.startswith("GIT_CONFIG_VALUE_")
        )
    )


@pytest.fixture
def ran() -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """What was started or imported during the test."""
    global _seen, _hooked  # noqa: PLW0603 - an audit hook stays for the life of the process.
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    _seen = []
    yield _seen
    _seen = None


def test_a_hostile_flow_that_is_only_looked_at_runs_nothing(
    people: People, tmp_path: Path, ran: list[tuple[str, tuple[object, ...]]]
) -> None:
    mark = tmp_path / "mark"
    act = f'__import__("os").system("touch {mark}")'
    files = {
        "flow.dag.yaml": HOSTILE_YAML.format(mark=mark),
        "hostile.py": HOSTILE_PYTHON.format(act=act),
        "hostile.jinja2": "{{ ''.__class__.__mro__[1].__subclasses__() }}{% for x in range(10**9) %}{% endfor %}",
        "conftest.py": act,
        "sitecustomize.py": act,
        "flow.py/__init__.py": act,
        ".promptflow/flow.tools.json": "{}",
        "setup.py": act,
        "requirements.txt": "-e .",
    }
    bob = people.browser("bob")
    upload = [("files", (f"hostile/{name}", text.encode())) for name, text in files.items()]
    path = "Users/bob/promptflow/hostile"
    os.system("true")
    assert ran  # The watch works.
    ran.clear()

    assert bob.post("/api/import", files=upload).status_code == 201
    read = bob.get(f"/api/flows/{path}")
    answers = [
        read,
        bob.get("/api/flows"),
        bob.get(f"/api/files/{path}"),
        bob.get(f"/api/content/{path}/hostile.py"),
        bob.put(f"/api/content/{path}/hostile.py", content=files["hostile.py"].encode()),
        bob.get(f"/api/export/{path}"),
        bob.post("/api/flows", json={"name": "copy", "copy_of": path}),
        bob.delete(f"/api/files/{path}"),
    ]

    assert [answer.status_code // 100 for answer in answers] == [2] * len(answers)
    assert people.studio.recorder.wait(20)
    assert [item for item in ran if not _records_history(*item, people.studio.settings.data)] == []
    assert not mark.exists()
    assert "forbidden_environment_variable" in [problem["code"] for problem in read.json()["problems"]]
