"""`pf config …` as a process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ended, write_flow

Pf = Callable[..., Ended]


def test_settings_are_stored_nested_and_shown(pf: Pf, tmp_path: Path) -> None:
    ended = pf("config", "set", "telemetry.enabled=false", "trace.destination=none")

    line = "Set config [{'telemetry.enabled': 'false', 'trace.destination': 'none'}] successfully.\n"
    assert (ended.code, ended.out, ended.err) == (0, line * 2, "")
    assert json.loads(pf("config", "show").out) == {"telemetry": {"enabled": "false"}, "trace": {"destination": "none"}}
    assert (tmp_path / "home" / ".promptflow" / "pf.yaml").read_text() == (
        "telemetry:\n  enabled: 'false'\ntrace:\n  destination: none\n"
    )


def test_nothing_set_is_an_empty_object(pf: Pf) -> None:
    assert (pf("config", "show").out, pf("config", "show").code) == ("{}\n", 0)


def test_the_home_file_comes_before_one_nearby(pf: Pf, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "deep").mkdir(parents=True)
    pf("config", "set", "user_agent=near", "run.output_path=/near", "--path", str(project))
    pf("config", "set", "user_agent=home")

    shown = json.loads(pf("config", "show", cwd=project / "deep").out)

    assert shown == {"user_agent": "home", "run": {"output_path": "/near"}}
    assert json.loads(pf("config", "show").out) == {"user_agent": "home"}


def test_an_unknown_key_is_stored_with_a_warning(pf: Pf) -> None:
    ended = pf("config", "set", "foo=bar")

    assert (ended.code, ended.out) == (0, "Set config [{'foo': 'bar'}] successfully.\n")
    assert ended.err == "'foo' is stored, but nothing here reads it.\n"


def test_the_flow_folder_itself_is_no_place_for_runs(pf: Pf) -> None:
    ended = pf("config", "set", "run.output_path=${flow_directory}", "user_agent=x")

    assert ended.code == 0
    assert ended.err.startswith(
        "Invalid config value '${flow_directory}' for 'run.output_path': Cannot specify flow directory as run output"
    )
    assert json.loads(pf("config", "show").out) == {"user_agent": "x"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["foo"], "UserErrorException: Usage error: set KEY=VALUE"),
        (["trace.destination=zzz"], "UserErrorException: Unsupported trace destination: zzz."),
        (["trace.destination=azureml://x"], "CloudSettingError: Traces are not sent to Azure Machine Learning"),
        (["connection.provider=zzz"], "UserErrorException: Unsupported connection provider: zzz"),
        (["user_agent=x", "--path", "nowhere"], "NotFoundError: The folder 'nowhere' does not exist."),
    ],
)
def test_what_cannot_be_set_is_one_line(pf: Pf, arguments: list[str], message: str) -> None:
    ended = pf("config", "set", *arguments)

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert ended.err.startswith(f"pf.config.set failed with {message}")


def test_a_file_that_is_no_yaml_is_told_with_its_line(pf: Pf, tmp_path: Path) -> None:
    (tmp_path / "pf.yaml").write_text("a: 1\nb: [\n")

    ended = pf("config", "show")

    assert ended.code == 1
    assert "pf.yaml, line 3: Not valid YAML" in ended.err


def test_a_provider_in_a_file_stops_the_connections_only(pf: Pf, tmp_path: Path, flow: Path) -> None:
    (tmp_path / "pf.yaml").write_text("connection: {provider: azureml}\n")

    write_flow(
        tmp_path / "asks",
        {
            "flow.dag.yaml": "nodes:\n- {name: n, type: python, source: {type: code, path: n.py}, inputs: {c: mine}}\n",
            "n.py": "from promptflow.core import tool\nfrom promptflow.connections import CustomConnection\n@tool\n"
            "def n(c: CustomConnection): pass\n",
        },
    )

    assert "CloudSettingError" in pf("connection", "list").err
    assert "cannot be reached from here" in pf("flow", "test", "--flow", "asks").err
    local = pf("flow", "test", "--flow", "asks", "--config", "connection.provider=local")
    assert "Connection 'mine' is not found" in local.err
    assert pf("flow", "test", "--flow", str(flow), "--inputs", "s=x").code == 0
