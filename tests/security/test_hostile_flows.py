"""Flows that try to get out, each in a real studio: rows 1, 20 to 22 of the table of incidents, and scenario 15."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import closing
from typing import Any

import pytest

from security.hostile_flows import EVERY
from security.hostile_studio import ADA, MALLORY, Hostile

pytestmark = pytest.mark.timeout(120)

# Thirty attempts to a test of a flow: what is tried is the sandbox, not how often one is made.
RUN = """
FLOW = Path(__file__).parent
USERS = FLOW.parents[2]
DATA = USERS.parents[1]
LIBC = ctypes.CDLL(None, use_errno=True)
told = json.loads(given)
PORT, OWN = told['port'], told['own']
def ask(host, port):
    with socket.create_connection((host, port), timeout=1.0) as client:
        client.sendall(b'GET /api/health HTTP/1.0\\r\\n\\r\\n')
        return client.recv(100).decode()
got = {}
known = {**globals(), **locals()}
for name, body in told['attempts'].items():
    try:
        got[name] = repr(eval(body, known))
    except BaseException as error:
        got[name] = None
return got
"""


@pytest.fixture(scope="module")
def loot(hostile: Hostile) -> dict[str, str | None]:
    """What each attempt got; None for an error."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as trial:
        trial.connect(("192.0.2.1", 9))
        own = trial.getsockname()[0]
    given = json.dumps({"port": hostile.serving.port, "own": own, "attempts": EVERY})
    result = hostile.run(RUN, given)
    assert result["status"] == "Completed", result["error"]
    found: dict[str, str | None] = result["output"]["out"]
    return found


@pytest.mark.parametrize("name", EVERY)
def test_what_is_not_the_authors_is_not_got(loot: dict[str, str | None], name: str) -> None:
    assert loot[name] is None, loot[name]


def test_an_attempt_that_may_succeed_is_seen_to(hostile: Hostile) -> None:
    given = json.dumps(
        {"port": 1, "own": "", "attempts": {"own": "(FLOW / 'mine').write_text('x')", "id": "os.getuid()"}}
    )

    assert hostile.run(RUN, given)["output"]["out"] == {"own": "1", "id": "1000"}


def test_only_the_usual_descriptors_and_the_workers_own_sockets_are_open(hostile: Hostile) -> None:
    body = """
found = {}
for number in os.listdir('/proc/self/fd'):
    try:
        found[number] = os.readlink('/proc/self/fd/' + number).split(':')[0]
    except OSError:
        pass
return [found, dict(os.environ)]
"""
    descriptors, environment = hostile.run(body)["output"]["out"]

    allowed = {"/dev/null", "pipe", "socket", "anon_inode"}
    assert {kind for kind in descriptors.values() if not kind.startswith("/proc/")} <= allowed
    assert sum(kind == "socket" for kind in descriptors.values()) <= 3, descriptors
    assert not [name for name in environment if name.startswith(("PFSTUDIO", "OPENAI", "AWS", "GIT", "SSH"))]


SIGNALS = {
    "everything": "os.kill(-1, signal.SIGKILL)",
    "the first process": "os.kill(1, signal.SIGKILL)\nreturn 'sent'",
    "its parent": "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(10)",
    "its group": "os.killpg(0, signal.SIGKILL)",
    "itself": "os.abort()",
}


@pytest.mark.parametrize("whom", SIGNALS)
def test_a_flow_that_kills_ends_nothing_but_its_own_sandbox(hostile: Hostile, whom: str) -> None:
    began = time.monotonic()

    result = hostile.run(SIGNALS[whom])

    assert result["status"] in ("Failed", "Completed")
    assert time.monotonic() - began < 10
    assert hostile.run("return 1")["output"]["out"] == 1


# What is said to the studio over the worker's own socket, by a flow that looks for it.
FRAMES = {
    "a length without end": "b'\\xff\\xff\\xff\\xff' * 4",
    "no JSON": "b'\\x00\\x00\\x00\\x05hello'",
    "an event of nobody's": "frame({'event': 'evil', 'path': '../../x'})",
    "a result of its own": "frame({'event': 'finished', 'result': {'status': 'Completed', 'output': '$'}})",
    "a result that is none": "frame({'event': 'finished', 'result': 7})",
    "an order to the zygote": "frame({'do': 'start', 'id': 99, 'limits': {}})",
    "nesting without end": "b'\\x00\\x01\\x86\\xa0' + b'[' * 100000",
}
_TALK = """
def frame(message):
    data = json.dumps(message).encode()
    return len(data).to_bytes(4, 'big') + data
for number in range(3, 64):
    try:
        kind = os.readlink(f'/proc/self/fd/{number}')
    except OSError:
        continue
    if kind.startswith('socket'):
        try:
            os.set_blocking(number, False)
            os.write(number, %s)
        except OSError:
            pass
return 'said'
"""


@pytest.mark.parametrize("what", FRAMES)
def test_lies_over_the_workers_socket_spoil_only_its_own_test(hostile: Hostile, what: str) -> None:
    result = hostile.run(_TALK % FRAMES[what])

    assert result["status"] in ("Failed", "Completed", "Canceled")
    assert hostile.run("return 2")["output"]["out"] == 2


VARIABLES = ("LD_PRELOAD", "PYTHONPATH", "PATH", "GIT_SSH_COMMAND", "PFSTUDIO_DATABASE_URL", "PYTHONSTARTUP")


@pytest.mark.parametrize("name", VARIABLES)
def test_a_flow_sets_no_variable_that_changes_how_it_is_run(hostile: Hostile, name: str) -> None:
    flow = hostile.share / MALLORY / "flow.dag.yaml"
    usual = flow.read_text()
    flow.write_text(f"{usual}environment_variables:\n  {name}: /tmp/evil\n")
    try:
        result = hostile.run(f"return os.environ.get({name!r}, '')")
    finally:
        flow.write_text(usual)

    assert result["status"] == "Failed" or "/tmp/evil" not in json.dumps(result["output"])


def test_names_full_of_escapes_come_back_as_text(hostile: Hostile) -> None:
    names = ["\x1b]0;evil\x07", "\x1b[2J", "a\nb", "<script>alert(1)</script>", "\u202egnp.exe"]
    folder = hostile.share / MALLORY / "names"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name.replace("/", "\u2215")).write_text("x")

    status, answer = hostile.call("ada", "GET", f"/api/files/{MALLORY}/names")

    assert status == 200
    assert b"\x1b" not in answer
    assert len(json.loads(answer)["entries"]) == len(names)


CODE_AT_READING: dict[str, str] = {
    "a decorator": "@print_evil\ndef node(given: str): ...",
    "a default": "def node(given: str = evil()): ...",
    "a class body": "class A:\n    evil()",
    "a subclass": "class A:\n    def __init_subclass__(cls):\n        evil()\nclass B(A): ...",
    "an annotation": "def node(given: evil()): ...",
    "a metaclass": "class A(metaclass=evil): ...",
    "a module's end": "evil()",
}


@pytest.mark.parametrize("way", CODE_AT_READING)
def test_code_that_is_read_is_not_run(hostile: Hostile, way: str) -> None:
    """Row 1: everything that only looks at a tool runs nothing of it."""
    trace = hostile.share / MALLORY / "trace"
    trace.unlink(missing_ok=True)
    source = (
        "from promptflow.core import tool\n"
        f"def evil(*_, **__):\n    open({str(trace)!r}, 'w').write('ran')\n"
        f"def print_evil(function):\n    evil()\n    return tool(function)\n{CODE_AT_READING[way]}\n"
    )
    (hostile.share / MALLORY / "node.py").write_text(source)
    for path in (f"/api/flows/{MALLORY}", "/api/flows", f"/api/content/{MALLORY}/node.py", f"/api/export/{MALLORY}"):
        assert hostile.call("ada", "GET", path)[0] == 200

    assert not trace.exists()


def test_another_users_flow_runs_as_the_one_who_runs_it_and_writes_nothing(hostile: Hostile) -> None:
    hostile.write("(Path(__file__).parent / 'trap').write_text('x')\nreturn os.getuid()")

    status, answer = hostile.call("ada", "POST", f"/api/test/{MALLORY}", {"inputs": {}})

    assert (status, b"Completed" in answer) in ((200, False), (403, False), (409, False)), answer
    assert not (hostile.share / MALLORY / "trap").exists()


STRANGERS: dict[str, tuple[str, str, Any]] = {
    "reads the connections of ada": ("GET", "/api/connections/adas", None),
    "writes ada's notes": ("PUT", f"/api/content/{ADA}/notes.txt", b"x"),
    "deletes ada's flow": ("DELETE", f"/api/files/{ADA}", None),
    "moves ada's flow": ("PATCH", f"/api/files/{ADA}", {"path": f"{MALLORY}/stolen"}),
    "moves its own over ada's": ("PATCH", f"/api/files/{MALLORY}/node.py", {"path": f"{ADA}/node.py"}),
    "makes a folder of a user that is none": ("POST", "/api/files/Users/eve", {"kind": "folder"}),
    "climbs into the data folder": ("GET", "/api/content/..%2f..%2fsecret.key", None),
    "reads the key by a double encoding": ("GET", "/api/content/%252e%252e/secret.key", None),
    "makes itself an admin": ("PATCH", "/api/users/mallory", {"role": "admin"}),
    "makes another admin": ("POST", "/api/users", {"username": "eve", "password": "correct horse", "role": "admin"}),
    "removes the admin": ("DELETE", "/api/users/root", None),
    "asks for a way in as ada": ("POST", "/api/users/ada/reset", {}),
    "invites an admin": ("POST", "/api/invitations", {"role": "admin"}),
    "stops ada's test": ("DELETE", f"/api/test/{ADA}", None),
    "listens to another's stream": ("PUT", "/api/events/none", {"watch": [ADA]}),
    "restores over ada's flow": ("POST", f"/api/history-restore/{ADA}", {"version": "0" * 40}),
    "shortens everyone's history": ("POST", "/api/history-retention", {"days": 1, "keep": 0}),
    "finishes another's upload": ("POST", "/api/uploads/none/finish", None),
    "writes a hook": ("PUT", f"/api/content/{MALLORY}/.git/hooks/post-checkout", b"#!/bin/sh"),
    "writes a repository's settings": ("PUT", f"/api/content/{MALLORY}/.git/config", b"[core]\nfsmonitor = evil"),
    "imports from the metadata service": ("POST", "/api/import-git", {"url": "http://169.254.169.254/r.git"}),
    "imports from the studio itself": ("POST", "/api/import-git", {"url": "http://127.0.0.1:1/r.git"}),
    "imports by a helper": ("POST", "/api/import-git", {"url": "ext::sh -c evil"}),
    "imports a file": ("POST", "/api/import-git", {"url": "file:///etc"}),
}


@pytest.mark.parametrize("what", STRANGERS)
def test_a_request_for_what_is_not_ones_own_gets_nowhere(hostile: Hostile, what: str) -> None:
    method, path, body = STRANGERS[what]
    before = hostile.world()

    status, answer = hostile.call("mallory", method, path, body)

    assert (
        status in (400, 403, 404, 405, 409, 422)
        or b'"failed"' in answer
        or ("stops ada" in what and json.loads(answer or b"{}").get("canceled", 0) == 0)
    ), (status, answer)
    assert b"Traceback" not in answer
    assert hostile.world() == before


def test_the_hostile_suite_is_large_enough() -> None:
    corpora = (EVERY, SIGNALS, FRAMES, VARIABLES, CODE_AT_READING, STRANGERS)

    assert sum(map(len, corpora)) >= 60
    assert os.getpid() > 1
