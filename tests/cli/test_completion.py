"""`pf completion`: scripts for shells, made from the parser and tried in a real bash."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Ended

Pf = Callable[..., Ended]


@pytest.fixture
def complete(pf: Pf, tmp_path: Path) -> Callable[..., list[str]]:
    """What bash offers for the last of the words typed."""
    script = tmp_path / "completion.bash"
    script.write_text(pf("completion", "bash").out)

    def offered(*words: str) -> list[str]:
        typed = " ".join(f"'{word}'" for word in ("pf", *words))
        code = (
            f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words)}; "
            '_pf_complete; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", code], capture_output=True, text=True, check=True, timeout=20
        )
        assert ended.stderr == ""
        return ended.stdout.split()

    return offered


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["f"], ["flow"]),
        (["con"], ["connection", "config"]),
        (["flow", "t"], ["test"]),
        (["flow", "test", "--int"], ["--interactive"]),
        (["flow", "test", "--flow", "x", "--no"], ["--node"]),
        (["flow", "init", "--type", ""], ["standard", "evaluation", "chat"]),
        (["flow", "init", "--type", "ch"], ["chat"]),
        (["completion", "z"], ["zsh"]),
        (["flow", "test", "--flow", "my"], []),
    ],
)
def test_bash_offers_what_fits(complete: Callable[..., list[str]], words: list[str], expected: list[str]) -> None:
    assert complete(*words) == expected


def test_every_command_is_offered(complete: Callable[..., list[str]]) -> None:
    assert {"flow", "run", "connection", "config", "tool", "completion", "version"} <= set(complete(""))
    assert {"create", "list", "show", "cancel"} <= set(complete("run", ""))


def test_hidden_options_are_not_offered(complete: Callable[..., list[str]]) -> None:
    assert "--user-agent" not in complete("flow", "test", "--")


def test_zsh_reads_the_same_script(pf: Pf, tmp_path: Path) -> None:
    text = pf("completion", "zsh").out

    assert text.startswith("autoload -U +X compinit && compinit\n")
    if zsh := shutil.which("zsh"):
        assert subprocess.run([zsh, "-n", "-c", text], check=False).returncode == 0


def test_fish_has_a_line_for_each_word(pf: Pf) -> None:
    lines = pf("completion", "fish").out.splitlines()

    assert "complete -c pf -n '__fish_use_subcommand' -f -a flow -d 'Make, test and check flows.'" in lines
    assert any(" -l interactive " in line and "__fish_seen_subcommand_from test" in line for line in lines)
    assert any(" -x -a 'standard evaluation chat'" in line for line in lines)
    if fish := shutil.which("fish"):
        assert subprocess.run([fish, "-n"], input="\n".join(lines), text=True, check=False).returncode == 0


def test_another_shell_is_a_usage_error(pf: Pf) -> None:
    assert pf("completion", "cmd").code == 2
