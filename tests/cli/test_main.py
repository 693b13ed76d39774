"""The two entry points: help, versions, exit codes."""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
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
    assert rows["history"].strip() == "nothing is kept yet"
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


def test_an_error_nobody_foresaw_is_one_line_and_debug_shows_more(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: object) -> None:
        raise LookupError("nobody\n  foresaw this")

    for typed, traceback in ((["version"], False), (["version", "--debug"], True)):
        parser = main.pf_parser("pf")
        commands = next(action for action in parser._actions if isinstance(action.choices, dict))
        assert isinstance(commands.choices, dict)
        commands.choices["version"].set_defaults(handler=broken)

        assert main.run(parser, typed) == 1
        err = capsys.readouterr().err
        assert err.splitlines()[-1] == "pf.version failed with LookupError: nobody foresaw this"
        assert ("Traceback" in err) is traceback


def test_a_structured_error_is_written_for_errors_nobody_foresaw(pf: Pf, flow: Path) -> None:
    ended = pf("connection", "show", "-n", "x", PROMPTFLOW_STRUCTURE_EXCEPTION_OUTPUT="true")

    record = json.loads(ended.err.splitlines()[-1])
    assert (record["message"], record["command"]) == ("Connection 'x' is not found.", "pf.connection.show")
    assert record["code"] == "UserError"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp932"])
def test_a_console_without_unicode_shows_what_it_can(pf: Pf, flow: Path, encoding: str) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=日本 é", PYTHONIOENCODING=encoding, decode=encoding)

    assert ended.code == 0
    assert '"r": 6' in ended.out


def test_help_loads_no_command(pf: Pf) -> None:
    program = (
        "import sys\nfrom pfstudio.cli.main import pf\n"
        "try:\n    pf(['--help'])\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('pfstudio.cli.')], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    loaded = set(ast.literal_eval(ended.stderr))
    assert not {f"pfstudio.cli.{name}" for name in ("run", "flow", "connection", "tool", "config")} & loaded
    assert "pfstudio.sdk" not in ended.stderr


def test_every_command_has_a_help_with_examples(pf: Pf) -> None:
    from pfstudio.cli.completion import _walk

    parser = main.pf_parser("pf")
    leaves = [command.path for command in _walk(parser, ()) if "--debug" in command.words]

    without = [path for path in leaves if "examples:" not in _help_of(parser, path)]

    assert len(leaves) > 20
    assert without == []


def _help_of(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> str:
    for word in path:
        commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        parser = commands.choices[word]
    return parser.format_help()
