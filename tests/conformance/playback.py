"""Runs the cases of a topic with an interpreter and gives their answers, cleaned of what changes from run to run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.case_files import HERE, Case
from conformance.model_endpoint import model_endpoint

ORIGINAL = (
    "promptflow.client",
    "promptflow.core",
    "promptflow.connections",
    "promptflow.entities",
    "promptflow.tools",
    "promptflow._cli._pf.entry",
    "promptflow.executor",
    "promptflow.batch",
    "pandas",
)
OURS = (
    "promptflow.client",
    "promptflow.core",
    "promptflow.connections",
    "promptflow.entities",
    "promptflow.tools.common",
    "pfstudio.cli.main",
    "pfstudio.cli.flow",
    "pfstudio.cli.run",
    "pfstudio.connections.local_store",
    "pfstudio.engine.flex",
    "pfstudio.engine.llm_nodes",
    "pfstudio.engine.loading",
    "pfstudio.engine.prompty",
    "pfstudio.models.client",
    "pfstudio.sandbox.flow_test",
    "pfstudio.sdk.client",
    "pfstudio.sdk.flow_function",
    "pfstudio.sdk.local",
    "pfstudio.sdk.operations.connections",
    "pfstudio.sdk.operations.flows",
    "pfstudio.sdk.operations.runs",
    "pfstudio.sdk.runs.execution",
    "pfstudio.tools.llm",
    "pfstudio.tools.prompt",
    "anyio",
    "cryptography.fernet",
    "httpcore2",
    "httpx2",
    "jinja2",
    "truststore",
)
CHANGING = [
    (re.compile(r"0x[0-9a-f]{6,}"), "0x…"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:?\d\d|Z)?"), "<time>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\d{8}_\d{6}_\d{6}"), "<stamp>"),
    (re.compile(r"\{tmp\}/[\w./-]*?(?=/flow\b|['\" ,]|$)"), "{tmp}/…"),
    (re.compile(r"process \d+\b"), "process <pid>"),
]
PLACE = re.compile(r" \([^()\s]+:\d+\)$")
UNSTABLE = {  # Times, and tracebacks that show the frames of one program or the other.
    "duration",
    "created_on",
    "start_time",
    "end_time",
    "portal_url",
    "debugInfo",
    "traceback",
}


def answers(cases: Sequence[Case], interpreter: Path, *, original: bool, timeout: int = 60) -> dict[str, Any]:
    """The answer of each case, by its id."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as place, model_endpoint() as server:
        work = Path(place).resolve()
        slugs = {case.id: f"c{number}" for number, case in enumerate(cases)}
        for case in cases:
            server.answers[slugs[case.id]] = case.model
            case.lay_out(work / slugs[case.id], server.url(slugs[case.id]))
        jobs = [case.job(work / slugs[case.id], server.url(slugs[case.id])) for case in cases]
        given = {case.id: {"died": "the driver"} for case in cases}
        for ended in _drive(jobs, work, interpreter, original=original, timeout=timeout):
            slug = slugs[ended["id"]]
            answer = ended["answer"]
            if server.requests.get(slug):
                answer["requests"] = server.requests[slug]
            given[ended["id"]] = _clean(answer, _places(work, server.url(slug), slug))
        return without_classes(given) if original else given


def without_classes(answer: Any) -> Any:
    """The answer without the base classes of errors, which only `as_expected` asks for."""
    if isinstance(answer, dict):
        return {key: without_classes(value) for key, value in answer.items() if key != "classes"}
    return [without_classes(item) for item in answer] if isinstance(answer, list) else answer


def as_expected(answer: Any, expected: Any) -> Any:
    """The answer, with an error named by the expected class where it is one of its base classes.

    What matters to a script is that its `except` clause still catches the error. A command's sentence may end with the
    place in the user's file.
    """
    if isinstance(answer, list) and isinstance(expected, list) and len(answer) == len(expected):
        return [as_expected(*pair) for pair in zip(answer, expected, strict=True)]
    if not isinstance(answer, dict):
        return answer
    other = expected if isinstance(expected, dict) else {}
    same = {key: as_expected(value, other.get(key)) for key, value in answer.items() if key != "classes"}
    if isinstance(other.get("error"), str) and PLACE.sub("", str(answer.get("error"))) == other["error"]:
        same["error"] = other["error"]
    if "classes" in answer and "error" in other:
        message = answer["error"].partition(": ")[2]
        names = [name for name in answer["classes"] if f"{name}: {message}" == other["error"]]
        same["error"] = f"{names[0]}: {message}" if names else answer["error"]
    return same


def _drive(
    jobs: list[dict[str, Any]], work: Path, interpreter: Path, *, original: bool, timeout: int
) -> list[dict[str, Any]]:
    """One process for all the jobs, in a home of its own."""
    home, temporary = work / "home", work / "tmp"
    (home / ".promptflow").mkdir(parents=True)
    temporary.mkdir()
    (home / ".promptflow" / "pf.yaml").write_text(
        "telemetry: {enabled: false}\ntrace: {destination: none}\nfirst_run: false\n", encoding="utf-8"
    )
    jobs_file, answers_file = work / "jobs.json", work / "answers.jsonl"
    preload = ORIGINAL if original else OURS
    jobs_file.write_text(json.dumps({"preload": preload, "timeout": timeout, "cases": jobs}), encoding="utf-8")
    environment = {
        "PATH": f"{interpreter.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
        "PYTHONWARNINGS": "ignore",
    }
    command = [interpreter, "-P", HERE / "driver.py", jobs_file, answers_file]
    ended = subprocess.run(command, env=environment, cwd=work, capture_output=True, text=True, check=False)
    if not answers_file.is_file():
        raise RuntimeError(f"The driver did not start:\n{ended.stderr}")
    return [json.loads(line) for line in answers_file.read_text(encoding="utf-8").splitlines()]


def _places(work: Path, server: str, slug: str) -> list[tuple[str, str]]:
    return [
        (server, "{server}"),
        (str(work / slug), "{case}"),
        (str(work / "home"), "{home}"),
        (str(work / "tmp"), "{tmp}"),
        (f"{slug}_", ""),
    ]


def _clean(value: Any, places: Sequence[tuple[str, str]]) -> Any:
    """The same value without what changes from run to run."""
    if isinstance(value, dict):
        return {_clean(key, places): _clean(item, places) for key, item in value.items() if key not in UNSTABLE}
    if isinstance(value, list):
        return [_clean(item, places) for item in value]
    if not isinstance(value, str):
        return value
    for place, name in places:
        value = value.replace(place, name)
    for pattern, name in CHANGING:
        value = pattern.sub(name, value)
    return value
