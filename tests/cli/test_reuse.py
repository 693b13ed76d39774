"""`--record`, `--replay` and `--reuse` of the commands, and `pf reuse`, with real processes and a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.model_servers import SECRET, ModelServer, chat_answer
from tests.sandbox.batches import write_flow

PF = Path(sys.executable).with_name("pf")
NODE = """\
import httpx2
asked = {{"model": "m", "messages": [{{"role": "user", "content": f"number {{given}}"}}]}}
answer = httpx2.post("{url}/v1/chat/completions", json=asked, headers={{"Authorization": "Bearer {secret}"}})
return answer.json()["choices"][0]["message"]["content"]
"""
Pf = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer(lambda call: chat_answer(f"said {call.body['messages'][0]['content']}"))
    yield server
    server.close()


@pytest.fixture
def flow(tmp_path: Path, server: ModelServer) -> Path:
    return write_flow(tmp_path / "flow", NODE.format(url=server.url, secret=SECRET)).parent


@pytest.fixture
def pf(tmp_path: Path) -> Pf:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PF), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PF_HOME_DIRECTORY": str(tmp_path / "home")},
            timeout=120,
            check=False,
        )

    return run


def shown(pf: Pf, *arguments: object) -> Any:
    done = pf(*arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_test_that_was_recorded_is_replayed_without_the_server(pf: Pf, flow: Path, server: ModelServer) -> None:
    recorded = pf("flow", "test", "--flow", flow, "--inputs", "given=1", "--record", "calls.jsonl")
    server.close()
    replayed = pf("flow", "test", "--flow", flow, "--inputs", "given=1", "--replay", "calls.jsonl")

    assert json.loads(recorded.stdout) == json.loads(replayed.stdout) == {"out": "said number 1"}


def test_replay_of_a_call_that_was_not_recorded_fails_in_one_line(pf: Pf, flow: Path, server: ModelServer) -> None:
    pf("flow", "test", "--flow", flow, "--inputs", "given=1", "--record", "calls.jsonl")
    failed = pf("flow", "test", "--flow", flow, "--inputs", "given=2", "--replay", "calls.jsonl")

    assert failed.returncode == 1
    assert "'number 2' is not in the recording" in failed.stderr.strip().splitlines()[-1]
    assert len(server.calls) == 1


def test_call_made_while_a_module_loads_is_told_in_one_line_too(pf: Pf, flow: Path) -> None:
    (flow.parent / "calls.jsonl").write_text("")
    node = flow / "node.py"
    node.write_text(
        "import httpx2\nhttpx2.post('http://127.0.0.1:9/v1/embeddings', json={'input': 'early'})\n" + node.read_text()
    )
    failed = pf("flow", "test", "--flow", flow, "--inputs", "given=1", "--replay", "calls.jsonl")

    assert failed.returncode == 1
    assert "'early' is not in the recording" in failed.stderr.strip().splitlines()[-1]
    assert "Traceback" not in failed.stderr


def test_recording_that_is_not_there_is_told_in_one_line(pf: Pf, flow: Path) -> None:
    failed = pf("flow", "test", "--flow", flow, "--inputs", "given=1", "--replay", "none.jsonl")

    assert failed.returncode == 1
    assert "There is no recording" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_runs_reuse_what_runs_before_them_kept(pf: Pf, flow: Path, server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text("".join(f'{{"given": {number}}}\n' for number in range(3)))
    create = ("run", "create", "--flow", flow, "--data", "data.jsonl", "--reuse")
    for name in ("one", "two"):
        done = pf(*create, "--name", name)
        assert done.returncode == 0, done.stderr

    assert len(server.calls) == 3
    kept = shown(pf, "reuse", "show")
    assert (kept["calls"], kept["saved_tokens"]) == (3, 15)
    metrics = shown(pf, "run", "show", "--name", "two")["properties"]["system_metrics"]
    assert (metrics["reused_calls"], metrics["saved_tokens"]) == (3, 15)


def test_kept_answers_can_be_listed_looked_at_and_deleted(pf: Pf, flow: Path) -> None:
    for number in (1, 2):
        pf("flow", "test", "--flow", flow, "--inputs", f"given={number}", "--reuse")

    [entry] = shown(pf, "reuse", "list", "--contains", "number 2")
    assert (entry["model"], entry["tokens"]) == ("m", 5)
    assert "said number 2" in entry["answered"]
    assert len(shown(pf, "reuse", "list", "--model", "m")) == 2
    assert shown(pf, "reuse", "show", "--key", entry["key"][:12])["status"] == 200
    assert shown(pf, "reuse", "clear", "--key", entry["key"]) == {"deleted": 1, "key": entry["key"]}
    assert shown(pf, "reuse", "clear")["deleted"] == 1
    unknown = pf("reuse", "show", "--key", "zz")
    assert (unknown.returncode, "No kept answer" in unknown.stderr) == (1, True)
