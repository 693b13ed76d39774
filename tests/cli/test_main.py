"""The two entry points: help, versions, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pfstudio import __version__
from pfstudio.cli import arguments, main
from pfstudio.errors import UserErrorException

from .conftest import Ended

Pf = Callable[..., Ended]


def test_version_says_who_answers_promptflow(pf: Pf) -> None:
    ended = pf("--version")

    body, _, rest = ended.out.partition("\n\n")
    assert ended.code == 0
    assert json.loads(body) == {"pfstudio": __version__}
    assert "Executable '" in rest
    assert f"`import promptflow` is answered by pfstudio {__version__}" in rest
    assert pf("-v").out == ended.out


def test_version_names_the_original_where_it_is_installed(pf: Pf, tmp_path: Path) -> None:
    package = tmp_path / "elsewhere" / "promptflow"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('must not be imported')")

    ended = pf("--version", PYTHONPATH=str(package.parent))

    assert f"is answered by promptflow unknown ({package})" in ended.out


def test_the_version_command_is_json_only(pf: Pf) -> None:
    assert json.loads(pf("version").out) == {"pfstudio": __version__}


@pytest.mark.parametrize(("command", "shown"), [("pf", "usage: pf"), ("pfstudio", "usage: pfstudio")])
def test_alone_a_command_shows_its_help(pf: Pf, command: str, shown: str) -> None:
    ended = pf(command=command)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(shown)


def test_a_group_alone_shows_its_help(pf: Pf) -> None:
    assert pf("flow").code == 0
    assert "Run a flow, or one of its nodes, once." in pf("flow").out
    assert pf("gallery", command="pfstudio").code == 0


@pytest.mark.parametrize("typed", [["bogus"], ["flow", "bogus"], ["flow", "test"], ["flow", "test", "--flow"]])
def test_what_cannot_be_parsed_is_a_usage_error(pf: Pf, typed: list[str]) -> None:
    ended = pf(*typed)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("usage: pf")


def test_pf_has_a_second_name(pf: Pf, flow: Path) -> None:
    ended = pf("pf", "flow", "test", "--flow", str(flow), "--inputs", "s=x", command="pfstudio")

    assert json.loads(ended.out) == {"r": 6, "t": "X6"}
    assert pf("pf", "flow", "bogus", command="pfstudio").err.startswith("usage: pfstudio pf flow")


def test_doctor_says_what_is_active(pf: Pf, tmp_path: Path) -> None:
    ended = pf("doctor", "--data", str(tmp_path / "data"), command="pfstudio")

    assert ended.code == 0
    rows = dict(line.split("  ", 1) for line in ended.out.splitlines())
    assert rows["isolation"].strip().startswith("bubblewrap")
    assert rows["data folder"].strip() == f"{tmp_path / 'data'} (will be made by `pfstudio serve`)"
    assert {"pfstudio", "python", "promptflow", "memory limit", "network", "git"} <= set(rows)


def test_an_interrupted_command_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    parser = main.pf_parser("pf")
    parser.set_defaults(handler=interrupted)

    assert main.run(parser, []) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.mark.parametrize(
    ("items", "values"),
    [
        (["a=1"], {"a": "1"}),
        (["a=1=2"], {"a": "1=2"}),
        (["a="], {"a": ""}),
        (["'a=1'"], {"a": "1"}),
        (['a="x y"'], {"a": "x y"}),
        (["a='\"'"], {"a": '"'}),
        (["a=1", "a=2"], {"a": "2"}),
        (["é=ü"], {"é": "ü"}),
    ],
)
def test_key_value_lists(items: list[str], values: dict[str, str]) -> None:
    assert arguments.key_values(items, "--inputs") == values


def test_an_item_without_an_equals_sign_is_refused() -> None:
    with pytest.raises(UserErrorException, match="Usage error: --inputs KEY=VALUE"):
        arguments.key_values(["word"], "--inputs")


def test_the_gallery_lists_flows_and_copies_one_that_runs(pf: Pf, tmp_path: Path) -> None:
    listed = pf("gallery", "list", command="pfstudio")
    assert "Web classification" in listed.out

    assert pf("gallery", "copy", "standard", command="pfstudio").code == 0
    again = pf("gallery", "copy", "standard", command="pfstudio")
    unknown = pf("gallery", "copy", "nothing", "x", command="pfstudio")

    assert pf("flow", "test", "--flow", "standard").code == 0
    assert (again.code, again.err.startswith("pfstudio.gallery.copy failed with FolderExistsError")) == (1, True)
    assert "There is no example flow 'nothing'. There are: standard, chat" in unknown.err


@pytest.mark.parametrize("kind", ["standard", "chat", "evaluation"])
def test_init_makes_a_flow_that_runs(pf: Pf, tmp_path: Path, kind: str) -> None:
    made = pf("flow", "init", "--flow", "new", "--type", kind)

    assert made.code == 0
    assert f"Done. Created {kind} flow folder: {tmp_path / 'new'}." in made.out
    data = sorted((tmp_path / "new").glob("*.jsonl"))
    more = ["--inputs", str(data[0])] if data else []
    assert pf("flow", "test", "--flow", "new", *more).code == 0


def test_init_asks_before_it_writes_over_a_folder(pf: Pf, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()

    asked = pf("flow", "init", "--flow", "new")
    told = pf("flow", "init", "--flow", "new", "--yes")

    assert (asked.code, asked.out) == (0, "")
    assert "The 'pf init' command has been cancelled." in asked.err
    assert told.code == 0
    assert (tmp_path / "new" / "flow.dag.yaml").exists()
