"""Repositories come in from a real `git http-backend`, and hostile ones do no harm."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from git_server import *  # noqa: F403 - fixtures.
from git_server import GitServer
from pfstudio.accounts.actor import Actor, Role
from pfstudio.errors import PromptflowException
from pfstudio.flows import git_process
from pfstudio.flows.errors import FlowNameTakenError, NoFlowFileError
from pfstudio.flows.git_address import parse_source
from pfstudio.flows.git_errors import (
    GitAddressRefusedError,
    GitFetchFailedError,
    GitMissingError,
    GitTooSlowError,
    ImportCanceledError,
)
from pfstudio.flows.git_import import GitOptions, import_git
from pfstudio.flows.git_repository import Progress
from pfstudio.flows.importing import Imported
from pfstudio.sandbox.isolation import Isolation, probe
from pfstudio.share.errors import ArchiveRefusedError, ArchiveTooLargeError, QuotaExceededError
from pfstudio.share.paths import Limits, Share

FLOW = b"nodes: []\n"
BOB = Actor("bob", Role.AUTHOR)
Bring = Callable[..., Imported]


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return Share(tmp_path / "data" / "share", limits=Limits(import_bytes=20_000_000, entries=500))


@pytest.fixture
def bring(share: Share, git_server: GitServer) -> Bring:
    def run(name: str, branch: str | None = None, folder: str | None = None, **options: Any) -> Imported:
        called = options.pop("called", None)
        source = parse_source(git_server.url(name), branch, folder)
        return import_git(
            options.pop("share", share), source, called, GitOptions(**{"private": True, **options}), actor=BOB
        )

    return run


def contents(folder: Path) -> dict[str, bytes]:
    found = [item for item in folder.rglob("*") if item.is_file() and not item.is_symlink()]
    return {item.relative_to(folder).as_posix(): item.read_bytes() for item in found}


def assert_nothing_is_left(share: Share) -> None:
    assert not list((share.users / "bob").rglob("*.yaml"))
    assert not list((share.root.parent / "repositories").iterdir())
    assert not list((share.root / ".incoming").iterdir())


def test_a_repository_becomes_a_flow_byte_for_byte(share: Share, git_server: GitServer, bring: Bring) -> None:
    files = {"flow.dag.yaml": FLOW, "data/ünï 🙂.bin": bytes(range(256)) * 500, "crlf.txt": b"a\r\nb\n", "empty": b""}
    lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    git_server.make(
        "my flow.git",
        {**files, "run.sh": ("100755", b"#!/bin/sh\n"), ".gitattributes": b"* text eol=crlf filter=lfs\n", "big": lfs}
        | {"to data": ("120000", b"data"), "sub": ("160000", b"1" * 40)},
    )
    told: list[Progress] = []

    imported = bring("my%20flow.git", told=told.append)

    folder = share.users / "bob/promptflow/my flow"
    assert (imported.path, imported.files, imported.problems) == ("Users/bob/promptflow/my flow", 8, ())
    assert imported.left_out == ["content of files in Git LFS", "submodules"]
    assert {path: data for path, data in contents(folder).items() if path in files} == files
    assert (folder / "big").read_bytes() == lfs
    assert (folder / "to data").readlink() == Path("data")
    assert [(folder / name).stat().st_mode & 0o111 for name in ("run.sh", "empty")] == [0o111, 0]
    assert not (folder / ".git").exists()
    assert told[0].phase == "connecting"
    assert told[-1] == Progress("writing", 8, 8)
    assert not list((share.root.parent / "repositories").iterdir())


def test_a_branch_a_tag_and_a_folder_are_taken(share: Share, git_server: GitServer, bring: Bring) -> None:
    git_server.make("r.git", {"flows/one/flow.dag.yaml": FLOW, "flows/two/flow.dag.yaml": FLOW, "README": b"main"})
    git_server.make("r.git", {"flows/one/flow.dag.yaml": FLOW, "README": b"other"}, branch="feature/x")
    git_server.git("r.git", "tag", "-a", "-m", "x", "v1", "feature/x")

    everything, one = bring("r.git"), bring("r.git", folder="flows/one")
    branch, tag = bring("r.git", branch="feature/x"), bring("r.git", branch="v1", called="tagged")

    base = "Users/bob/promptflow"
    assert everything.path == f"{base}/r/flows/one"
    assert everything.flows == (f"{base}/r/flows/one", f"{base}/r/flows/two")
    assert (one.path, one.files) == (f"{base}/one", 1)
    assert (branch.path, tag.path) == (f"{base}/r-2/flows/one", f"{base}/tagged/flows/one")
    assert (share.users / "bob/promptflow/tagged/README").read_bytes() == b"other"
    with pytest.raises(FlowNameTakenError, match="'tagged-2' is free"):
        bring("r.git", called="tagged")


def test_a_single_top_folder_stays_where_it_is(share: Share, git_server: GitServer, bring: Bring) -> None:
    git_server.make("r.git", {"only/flow.dag.yaml": FLOW, "only/a.zip": b"x"})

    assert bring("r.git").path == "Users/bob/promptflow/r/only"


@pytest.mark.parametrize(
    ("branch", "folder", "sentence"),
    [
        ("none", None, "no branch or tag of this name"),
        (None, "none", "no folder 'none'"),
        (None, "flow.dag.yaml", "no folder 'flow.dag.yaml'"),
        (None, "link", "no folder 'link'"),
    ],
)
def test_what_is_not_there_is_named(
    share: Share, git_server: GitServer, bring: Bring, branch: str | None, folder: str | None, sentence: str
) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW, "link": ("120000", b"/etc")})

    with pytest.raises(GitFetchFailedError, match=sentence):
        bring("r.git", branch, folder)
    assert_nothing_is_left(share)


def test_servers_that_refuse_redirect_or_do_not_answer_are_told_apart(
    share: Share, git_server: GitServer, bring: Bring
) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW})
    git_server.refused.add("private.git")
    git_server.redirects |= {"elsewhere.git": "/r.git", "evil.git": "http://169.254.169.254/", "r": "/r.git"}

    for name, sentence in {
        "private.git": "it is private, or there is none",
        "none.git": "no repository at this address",
        "elsewhere.git": "the server sends elsewhere",
        "evil.git": "the server sends elsewhere",
    }.items():
        with pytest.raises(GitFetchFailedError, match=sentence):
            bring(name)
    with pytest.raises(GitFetchFailedError, match="cannot be reached"):
        import_git(share, parse_source("http://127.0.0.1:1/x"), None, GitOptions(private=True), actor=BOB)
    assert bring("r").path == "Users/bob/promptflow/r"  # As some servers want, with `.git` at the end.
    assert not [path for path in git_server.asked if path.startswith("/elsewhere.git/r")]


def test_a_machine_inside_is_not_asked_unless_that_is_allowed(
    share: Share, git_server: GitServer, bring: Bring
) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW})

    for host in ("127.0.0.1", "localhost"):
        source = parse_source(f"http://{host}:{git_server.port}/r.git")
        with pytest.raises(GitAddressRefusedError, match="private network"):
            import_git(share, source, None, GitOptions(), actor=BOB)
    assert git_server.asked == []
    assert_nothing_is_left(share)


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    share: Share, git_server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW})
    monkeypatch.setattr("pfstudio.flows.git_import.resolve", lambda *_, **__: ["127.0.0.1"])

    source = parse_source(f"http://nowhere.invalid:{git_server.port}/r.git")

    assert import_git(share, source, None, GitOptions(), actor=BOB).path == "Users/bob/promptflow/r"


HOSTILE: dict[str, tuple[dict[str, bytes | tuple[str, bytes]], type[PromptflowException], str]] = {
    "a link to a file outside": ({"out": ("120000", b"/etc/passwd")}, ArchiveRefusedError, "leads out of the folder"),
    "a link above": ({"a/out": ("120000", b"../../x")}, ArchiveRefusedError, "leads out of the folder"),
    "a link through a link": (
        {"up": ("120000", b"a/b"), "a/b": ("120000", b".."), "out": ("120000", b"up/../../..")},
        ArchiveRefusedError,
        "leads out of the folder",
    ),
    "an endless link": ({"out": ("120000", b"x" * 9000)}, ArchiveRefusedError, "leads out of the folder"),
    "names that differ in case": ({"Readme": b"", "README": b""}, ArchiveRefusedError, "differ only in a way"),
    "a huge file": ({"big": bytes(21_000_000)}, ArchiveTooLargeError, "larger than 20 MB"),
    "many files": ({f"f{n}": b"" for n in range(600)}, ArchiveTooLargeError, "more than 500"),
    "a control character": ({"a\nb": b""}, ArchiveRefusedError, "no path inside a folder"),
    "our own temporary name": ({".pfstudio-tmp-x": b""}, ArchiveRefusedError, "no path inside a folder"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_may_not_come_in_is_refused_whole(share: Share, git_server: GitServer, bring: Bring, what: str) -> None:
    files, error, sentence = HOSTILE[what]
    git_server.make("r.git", {"flow.dag.yaml": FLOW, **files})

    with pytest.raises(error, match=sentence):
        bring("r.git")
    assert_nothing_is_left(share)


@pytest.mark.parametrize("name", [b"..", b"../../x", b"/etc/x", b"a\\..\\..\\x", b"C:", b"."])
def test_trees_that_git_itself_never_makes_lead_nowhere(
    share: Share, git_server: GitServer, bring: Bring, name: bytes
) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW})
    blob = git_server.git("r.git", "hash-object", "-w", "--stdin", stdin=FLOW)
    tree = git_server.make_tree("r.git", [("100644", name, blob), ("100644", b"flow.dag.yaml", blob)])
    git_server.commit("r.git", tree)

    with pytest.raises((ArchiveRefusedError, GitFetchFailedError)):
        bring("r.git")
    assert_nothing_is_left(share)


def test_a_repository_inside_and_names_that_are_no_text_stay_out(
    share: Share, git_server: GitServer, bring: Bring, tmp_path: Path
) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW, os.fsdecode(b"caf\xe9"): b"x"})
    hook = git_server.git("r.git", "hash-object", "-w", "--stdin", stdin=f"#!/bin/sh\ntouch {tmp_path}/ran\n".encode())
    hooks = git_server.make_tree("r.git", [("100755", b"post-checkout", hook)])
    inner = git_server.make_tree("r.git", [("40000", b"hooks", hooks)])
    top = git_server.git("r.git", "rev-parse", "main^{tree}")
    entries = [(mode, path, blob) for mode, path, blob in _entries(git_server, top)]
    names = (b".git", b".GIT", b"git~1", ".g\u200cit".encode())
    tree = git_server.make_tree(
        "r.git", sorted([*entries, *(("40000", name, inner) for name in names)], key=lambda e: e[1])
    )
    git_server.commit("r.git", tree)

    imported = bring("r.git")

    assert imported.left_out == [".git", "names that are not UTF-8"]
    assert contents(share.users / "bob/promptflow/r") == {"flow.dag.yaml": FLOW}
    assert not (tmp_path / "ran").exists()


def _entries(server: GitServer, tree: str) -> list[tuple[str, bytes, str]]:
    ended = subprocess.run(
        ["git", "ls-tree", "-z", tree],
        env={**os.environ, "GIT_DIR": str(server.root / "r.git")},
        capture_output=True,
        check=True,
    )
    records = [record.partition(b"\t") for record in ended.stdout.split(b"\0") if record]
    return [(about.split()[0].decode(), path, about.split()[2].decode()) for about, _, path in records]


def test_a_tree_that_unfolds_to_billions_of_files_ends_soon(share: Share, git_server: GitServer, bring: Bring) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW})
    tree = git_server.git("r.git", "rev-parse", "main^{tree}")
    for _ in range(10):
        tree = git_server.make_tree("r.git", [("40000", b"d%d" % n, tree) for n in range(10)])
    git_server.commit("r.git", tree)
    started = time.monotonic()

    with pytest.raises(ArchiveTooLargeError, match="more than 500"):
        bring("r.git")
    assert time.monotonic() - started < 10
    assert_nothing_is_left(share)


def test_a_pack_that_is_larger_than_may_come_in_is_cut_off(share: Share, git_server: GitServer, bring: Bring) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW, "big": os.urandom(30_000_000)})

    with pytest.raises((ArchiveTooLargeError, GitFetchFailedError), match="larger than"):
        bring("r.git")
    assert_nothing_is_left(share)


def test_no_more_than_the_quota_comes_in(git_server: GitServer, bring: Bring, tmp_path: Path) -> None:
    git_server.make("r.git", {"flow.dag.yaml": FLOW, "big": bytes(5000)})
    share = Share(tmp_path / "small" / "share", limits=Limits(user_bytes=4000))

    with pytest.raises(QuotaExceededError):
        bring("r.git", share=share)
    assert_nothing_is_left(share)


def test_a_server_that_never_answers_is_left_when_time_is_up_or_nobody_waits(
    share: Share, git_server: GitServer, bring: Bring
) -> None:
    git_server.slow.add("slow.git")
    canceled = threading.Event()
    threading.Timer(0.7, canceled.set).start()

    started = time.monotonic()
    with pytest.raises(ImportCanceledError):
        bring("slow.git", is_canceled=canceled.is_set)
    with pytest.raises(GitTooSlowError):
        bring("slow.git", seconds=1)
    assert time.monotonic() - started < 6
    assert_nothing_is_left(share)


def test_git_reads_nobodys_configuration_and_sees_nothing_of_the_share(
    share: Share, git_server: GitServer, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text("[core]\n\thooksPath = /evil\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_SSH_COMMAND", "evil")
    monkeypatch.setenv("SECRET_OF_THE_STUDIO", "hunter2")
    seen: dict[str, str] = {}
    real = git_process.GitProcesses._command

    def look(self: git_process.GitProcesses, arguments: Any) -> list[str]:
        command = real(self, arguments)
        if arguments[0] != "init":
            return command
        at = command.index("git")
        looks = ("env", "config", "share")
        words = ("env", "git config --list --show-scope", f"ls {share.root}")
        script = "; ".join(f"{word} > {self.folder}/{name}" for name, word in zip(looks, words, strict=True))
        return [*command[:at], "sh", "-c", f'{script}; exec "$@"', "sh", *command[at:]]

    def keep(progress: Progress) -> None:
        if progress.phase == "connecting":
            (folder,) = (share.root.parent / "repositories").iterdir()
            seen.update({name: (folder / name).read_text() for name in ("env", "config", "share")})

    monkeypatch.setattr(git_process.GitProcesses, "_command", look)
    git_server.make("r.git", {"flow.dag.yaml": FLOW})

    bring("r.git", told=keep)

    assert "hunter2" not in seen["env"]
    assert "GIT_SSH_COMMAND" not in seen["env"]
    assert "evil" not in seen["config"]
    assert seen["share"] == ""


def test_without_bubblewrap_it_works_the_same_and_leaves_no_process(
    share: Share, git_server: GitServer, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_process, "probe", lambda: Isolation("none", "there is none", "none", "host"))
    git_server.make("r.git", {"flow.dag.yaml": FLOW, "a/b": b"x"})
    git_server.slow.add("slow.git")

    assert bring("r.git").files == 2
    with pytest.raises(GitTooSlowError):
        bring("slow.git", seconds=1)
    remaining = subprocess.run(
        ["pgrep", "-f", f"{share.root.parent}/repositories"], capture_output=True, text=True, check=False
    )
    assert remaining.stdout == ""


def test_git_runs_in_the_sandbox_where_there_is_one(share: Share, git_server: GitServer, bring: Bring) -> None:
    assert probe().active
    commands: list[list[str]] = []
    real = git_process.sandbox_command

    def spy(*args: Any) -> Any:
        made = real(*args)
        commands.append(made[0])
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(git_process, "sandbox_command", spy)
        git_server.make("r.git", {"flow.dag.yaml": FLOW})
        bring("r.git")
    assert [command[command.index("cat-file" if "cat-file" in command else "git")] for command in commands[-1:]] == [
        "cat-file"
    ]
    assert len(commands) == 4
    assert all("--unshare-pid" in command for command in commands)


@pytest.mark.parametrize("version", [(), (2, 36)])
def test_a_git_that_would_look_the_host_up_again_is_not_used(
    share: Share, git_server: GitServer, bring: Bring, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]
) -> None:
    assert git_process.git_version() >= (2, 37)
    monkeypatch.setattr(git_process, "git_version", lambda: version)
    git_server.make("r.git", {"flow.dag.yaml": FLOW})

    with pytest.raises(GitMissingError, match=r"2\.37"):
        bring("r.git")
    assert git_server.asked == []
    assert_nothing_is_left(share)


def test_a_repository_without_a_flow_is_refused(share: Share, git_server: GitServer, bring: Bring) -> None:
    git_server.make("r.git", {"README": b"x", ".runs/a/flow.dag.yaml": FLOW})

    with pytest.raises(NoFlowFileError):
        bring("r.git")
    assert json.dumps(sorted(item.name for item in (share.users / "bob").rglob("*"))) in ("[]", '["promptflow"]')
