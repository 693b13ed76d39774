"""`pfstudio pull` and `push` as typed, against a studio that runs as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import post

from server.process import PFSTUDIO, environment, serving

FLOW = "Users/ada/promptflow/flow"


class Walk:
    """A studio, its flow on disk, and a local folder."""

    def __init__(self, address: str, token: str, there: Path, here: Path) -> None:
        self.address, self.there, self.here = address, there, here
        self.variables = {"PFSTUDIO_TOKEN": token}

    def type(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PFSTUDIO, *arguments],
            env=environment(**{**self.variables, **variables}),
            cwd=self.here.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def plan(self, *arguments: str, code: int = 0) -> dict[str, str]:
        ended = self.type(*arguments)
        assert ended.returncode == code, ended.stderr
        return {change["path"]: change["action"] for change in json.loads(ended.stdout)}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    data = tmp_path_factory.mktemp("studio") / "data"
    admin = {"PFSTUDIO_ADMIN_USERNAME": "ada", "PFSTUDIO_ADMIN_PASSWORD": "correct horse battery"}
    with serving(data, **admin) as started:
        credentials = {"username": "ada", "password": "correct horse battery"}
        token = post(f"{started.address}/api/auth/token", json=credentials).json()["token"]
        yield started.address, token, data / "share"


@pytest.fixture
def walk(studio: tuple[str, str, Path], tmp_path: Path, request: pytest.FixtureRequest) -> Walk:
    address, token, share = studio
    there = share / f"{FLOW}-{request.node.name}"
    there.mkdir(parents=True)
    (there / "flow.dag.yaml").write_text("nodes: []\n")
    (there / "data.bin").write_bytes(bytes(range(256)) * 10_000)
    made = Walk(address, token, there, tmp_path / "my flow")
    dry = made.plan("pull", "my flow", _flow(made), "--studio", address, "--dry-run")
    assert dry == {"data.bin": "add", "flow.dag.yaml": "add"}
    assert not made.here.exists()
    assert made.plan("pull", "my flow", _flow(made), "--studio", address) == dry
    assert (made.here / "data.bin").read_bytes() == (there / "data.bin").read_bytes()
    return made


def _flow(walk: Walk) -> str:
    return f"Users/ada/promptflow/{walk.there.name}"


def test_a_day_of_work_on_both_sides(walk: Walk) -> None:
    assert walk.type("push", "my flow").stderr == "Both sides are the same.\n"
    (walk.here / "tool.py").write_text("x = 1\n")
    (walk.here / "tool.py").chmod(0o755)
    (walk.here / ".venv").mkdir()
    (walk.here / ".venv" / "big").write_text("x")
    (walk.here / ".gitignore").write_text(".venv/\n")
    (walk.there / "theirs.txt").write_text("by the browser")
    (walk.here / "data.bin").unlink()

    expected = {".gitignore": "add", "data.bin": "delete", "theirs.txt": "keep", "tool.py": "add"}
    assert walk.plan("push", "my flow", "--dry-run") == expected
    assert walk.plan("push", "my flow") == expected
    assert (walk.there / "data.bin").exists()
    assert walk.plan("push", "my flow", "--delete") == {"data.bin": "delete", "theirs.txt": "keep"}
    assert sorted(item.name for item in walk.there.iterdir()) == [
        ".gitignore",
        "flow.dag.yaml",
        "theirs.txt",
        "tool.py",
    ]
    assert (walk.there / "tool.py").stat().st_mode & 0o111 == 0o111
    assert walk.plan("pull", "my flow") == {"theirs.txt": "add"}
    assert walk.plan("push", "my flow") == {}


def test_a_conflict_is_reported_and_forced_from_either_side(walk: Walk) -> None:
    for folder, text in ((walk.here, "mine"), (walk.there, "theirs")):
        (folder / "flow.dag.yaml").write_text(text)
        (folder / "new.txt").write_text(text)

    for command in ("push", "pull"):
        assert walk.plan(command, "my flow", "--dry-run", code=1) == {
            "flow.dag.yaml": "conflict",
            "new.txt": "conflict",
        }
        refused = walk.type(command, "my flow")
        assert refused.returncode == 1
        assert [change["why"] for change in json.loads(refused.stdout)] == [
            "changed on both sides",
            "made on both sides",
        ]
        assert "flow.dag.yaml (changed on both sides), new.txt (made on both sides)" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    assert ((walk.here / "new.txt").read_text(), (walk.there / "new.txt").read_text()) == ("mine", "theirs")
    walk.plan("pull", "my flow", "--force")
    assert (walk.here / "new.txt").read_text() == "theirs"
    (walk.here / "new.txt").write_text("again mine")
    assert walk.plan("push", "my flow") == {"new.txt": "update"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("command", ["pull", "push"])
def test_ended_in_the_middle_and_begun_again(walk: Walk, command: str, number: int) -> None:
    source, target = (walk.there, walk.here) if command == "pull" else (walk.here, walk.there)
    for index in range(300):
        (source / f"{index:03}.bin").write_bytes(os.urandom(30_000))
    process = subprocess.Popen(
        [PFSTUDIO, command, "my flow"], env=environment(**walk.variables), cwd=walk.here.parent, stderr=subprocess.PIPE
    )
    ends = time.monotonic() + 30
    while len(list(target.glob("0*.bin"))) < 5 and time.monotonic() < ends:
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    arrived = len(list(target.glob("*.bin")))
    assert 5 < arrived < 301
    assert b"Traceback" not in said

    changes = walk.plan(command, "my flow")

    assert set(changes.values()) == {"add"}
    assert len(changes) <= 301 - arrived + 1
    for index in range(300):
        assert (target / f"{index:03}.bin").read_bytes() == (source / f"{index:03}.bin").read_bytes()
    assert walk.plan(command, "my flow") == {}


WRONG: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "no token": ((), {"PFSTUDIO_TOKEN": ""}, "Put your token into the variable PFSTUDIO_TOKEN"),
    "a wrong token": ((), {"PFSTUDIO_TOKEN": "x"}, "Make a new one"),
    "no studio": (("--studio", "http://127.0.0.1:1"), {}, "cannot be reached"),
    "no address": (("--studio", "nonsense"), {}, "cannot be reached"),
    "no folder": (("Users/ada/none",), {}, "There is nothing at 'Users/ada/none'"),
    "no share path": (("../x",), {}, "There is nothing at"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_one_sentence(walk: Walk, what: str) -> None:
    arguments, variables, words = WRONG[what]

    ended = walk.type("pull", "my flow", *arguments, **variables)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_new_flow_is_made_by_a_push(walk: Walk, studio: tuple[str, str, Path]) -> None:
    target = f"{_flow(walk)}-new"

    changes: dict[str, Any] = walk.plan("push", "my flow", target)

    assert changes == {"data.bin": "add", "flow.dag.yaml": "add"}
    assert (studio[2] / target / "flow.dag.yaml").read_text() == "nodes: []\n"
