"""What git in a sandbox is handed, and what it is not."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pfstudio.git.handing import HANDING_FOLDER, Handing, Token
from pfstudio.git.ssh_keys import KeyAgent, fingerprint, new_key, require_host_key
from pfstudio.sandbox.isolation import Bind, SandboxSpec, sandbox_command
from pfstudio.sandbox.limits import GIT

PAIR = new_key("ada@pfstudio")


class _Source:
    def token(self, origin: str) -> Token | None:
        return Token("ada", "s3cret") if origin in ("https://a.example", "http://127.0.0.1:81") else None

    def key(self) -> KeyAgent:
        return KeyAgent(PAIR.private, "ada@pfstudio")

    def known_hosts(self) -> str:
        return "a.example ssh-ed25519 AAAA\n"


@pytest.fixture
def handing() -> Iterator[Handing]:
    with Handing(_Source()) as handing:
        yield handing


def _inside(handing: Handing, *command: str, stdin: str = "", add: tuple[Bind, ...] = ()) -> str:
    binds = (Bind(handing.folder, at=Path(HANDING_FOLDER)), *add)
    spec = SandboxSpec(binds=binds, variables=handing.environment(), network="none")
    argv, descriptors = sandbox_command(spec, GIT, command)
    ended = subprocess.run(
        argv, input=stdin, capture_output=True, text=True, pass_fds=descriptors, timeout=30, check=False
    )
    return ended.stdout + ended.stderr


def _fill(handing: Handing, url: str) -> str:
    return _inside(handing, "env", "GIT_TERMINAL_PROMPT=0", "git", "credential", "fill", stdin=f"url={url}\n\n")


def test_git_in_a_sandbox_gets_the_token_of_the_host_it_asks_for(handing: Handing) -> None:
    said = _fill(handing, "https://a.example/x.git")

    assert "username=ada\npassword=s3cret\n" in said
    assert handing.asked == {"https://a.example"}


def test_a_port_and_plain_http_are_another_host(handing: Handing) -> None:
    assert "s3cret" in _fill(handing, "http://127.0.0.1:81/x.git")
    assert "s3cret" not in _fill(handing, "http://a.example/x.git")
    assert "s3cret" not in _fill(handing, "https://a.example:444/x.git")


def test_one_command_gets_the_token_of_its_own_host_only() -> None:
    with Handing(_Source(), only="https://b.example") as handing:
        assert "s3cret" not in _fill(handing, "https://a.example/x.git")
        assert not handing.asked


def test_nothing_is_handed_over_once_it_is_closed(handing: Handing) -> None:
    handing.close()

    assert not handing.folder.exists()


def test_neither_environment_nor_files_hold_a_secret(handing: Handing) -> None:
    said = _inside(handing, "sh", "-c", f"env; cat {HANDING_FOLDER}/known_hosts; cat /proc/self/cmdline")

    assert "known_hosts" in said
    assert "s3cret" not in said
    assert PAIR.private not in said


def test_ssh_gets_signatures_but_never_the_key(handing: Handing) -> None:
    listed = _inside(handing, "ssh-add", "-L")
    signed = _inside(
        handing,
        *("sh", "-c", "ssh-add -L > /tmp/k.pub; echo hi > /tmp/m; ssh-keygen -Y sign -n x -f /tmp/k.pub /tmp/m; "),
        *("cat", "/tmp/m.sig"),
    )

    assert listed.strip() == PAIR.public
    assert "Couldn't" not in signed
    assert "ssh" in handing.asked
    assert PAIR.private not in listed + signed


def test_a_fingerprint_is_the_one_that_ssh_shows(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(PAIR.public)
    shown = subprocess.run(["ssh-keygen", "-lf", tmp_path / "key.pub"], capture_output=True, text=True, check=True)

    assert fingerprint(PAIR.public) in shown.stdout


def test_a_key_of_a_server_is_its_kind_and_body_alone() -> None:
    kind, body, _ = PAIR.public.split()

    assert require_host_key(f"{kind} {body}") == f"{kind} {body}"
    for bad in (PAIR.public, f"ssh-rsa {body}", f"{kind} AAAA", f"{kind} {body}\n@cert-authority * {kind} {body}"):
        with pytest.raises(Exception, match="no public key"):
            require_host_key(bad)
