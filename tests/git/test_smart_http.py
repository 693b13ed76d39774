"""The studio as a git remote, with real git on the other end."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
import time
from pathlib import Path

from live_studio import Live, until
from pfstudio.accounts import personal_tokens
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.sessions import Identity
from pfstudio.accounts.tokens import TokenScope
from studios import People

FLOW = "inputs: {}\noutputs: {}\nnodes: []\n"
_ENVIRONMENT = {
    **{f"GIT_{role}_{what}": "t@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
}


def run(folder: Path, *arguments: str, ok: bool = True) -> str:
    """Run git; what it said."""
    ended = subprocess.run(
        ["git", *arguments], cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, timeout=20, check=False
    )
    assert (ended.returncode == 0) is ok, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def make_repository(people: People, owner: str = "bob", name: str = "flow") -> Path:
    folder = people.make_flow(owner, name)
    (folder / "flow.dag.yaml").write_text(FLOW)
    run(folder, "init", "-q", "-b", "main")
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "first")
    return folder


def address(live: Live, path: str = "Users/bob/promptflow/flow") -> str:
    return f"http://127.0.0.1:{live.port}/git/{path}"


def as_user(live: Live, username: str = "bob", token: str | None = None) -> list[str]:
    """The words by which git signs in, as its own clients do: by a header."""
    basic = base64.b64encode(f"{username}:{token or live.token(username)}".encode()).decode()
    return ["-c", f"http.extraHeader=Authorization: Basic {basic}"]


def clone(live: Live, folder: Path, username: str = "bob", path: str = "Users/bob/promptflow/flow") -> Path:
    run(folder, *as_user(live, username), "clone", "-q", address(live, path), "copy")
    return folder / "copy"


def change(copy: Path, text: str, file: str = "flow.dag.yaml") -> None:
    (copy / file).write_text(text)
    run(copy, "add", ".")
    run(copy, "commit", "-q", "-m", "changed")


def test_a_clone_is_what_the_folder_holds_and_a_push_changes_the_folder(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    copy = clone(live, tmp_path)
    assert (copy / "flow.dag.yaml").read_text() == FLOW

    change(copy, FLOW + "# mine\n")
    run(copy, *as_user(live), "push", "-q")

    assert (folder / "flow.dag.yaml").read_text() == FLOW + "# mine\n"
    assert run(folder, "status", "--porcelain") == ""


def test_a_push_onto_changes_is_refused_with_the_reason_and_changes_nothing(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    copy = clone(live, tmp_path)
    (folder / "flow.dag.yaml").write_text(FLOW + "# edited here\n")

    change(copy, FLOW + "# mine\n")
    said = run(copy, *as_user(live), "push", ok=False)

    assert "unstaged changes" in said
    assert (folder / "flow.dag.yaml").read_text() == FLOW + "# edited here\n"


def test_a_push_over_a_file_that_git_does_not_know_is_refused(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    copy = clone(live, tmp_path)
    (folder / "new.txt").write_text("here")

    change(copy, "theirs", "new.txt")
    said = run(copy, *as_user(live), "push", ok=False)

    assert "rejected" in said
    assert (folder / "new.txt").read_text() == "here"


def test_a_broken_flow_is_taken_and_told(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    copy = clone(live, tmp_path)

    change(copy, "inputs: {}\nnodes: [\n")
    said = run(copy, *as_user(live), "push")

    assert "remote: pfstudio: Users/bob/promptflow/flow/flow.dag.yaml, line " in said
    assert (folder / "flow.dag.yaml").read_text() == "inputs: {}\nnodes: [\n"


def test_a_clone_of_8_mb_takes_less_than_a_second(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    (folder / "data.bin").write_bytes(os.urandom(8_000_000))
    for number in range(200):
        (folder / f"{number}.txt").write_text(f"{number}\n" * 20)
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "large")
    taken, plain = [], []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        began = time.monotonic()
        copy = clone(live, tmp_path / str(number))
        taken.append(time.monotonic() - began)
        began = time.monotonic()
        run(tmp_path / str(number), "clone", "-q", f"file://{folder}", "plain")
        plain.append(time.monotonic() - began)

    assert (copy / "data.bin").read_bytes() == (folder / "data.bin").read_bytes()
    # A machine that has other work to do lets git itself take longer than that.
    assert min(taken) < max(1.0, 3 * min(plain)), (taken, plain)


def test_a_large_push_arrives_whole(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    copy = clone(live, tmp_path)
    (copy / "data.bin").write_bytes(os.urandom(6_000_000))

    change(copy, FLOW)
    run(copy, *as_user(live), "push", "-q")

    assert (folder / "data.bin").read_bytes() == (copy / "data.bin").read_bytes()


def test_everyone_clones_but_only_owner_and_admins_push(live: Live, tmp_path: Path) -> None:
    make_repository(live.people)
    for username, may in (("bob2", False), ("vic", False), ("root", True)):
        (tmp_path / username).mkdir()
        copy = clone(live, tmp_path / username, username)
        change(copy, FLOW + f"# {username}\n")

        run(copy, *as_user(live, username), "push", ok=may)


def test_a_token_of_the_scope_reads_clones_and_does_not_push(live: Live, tmp_path: Path) -> None:
    make_repository(live.people)
    reading, git = (_token(live, scope) for scope in (TokenScope.READ, TokenScope.GIT))
    run(tmp_path, *as_user(live, token=reading), "clone", "-q", address(live), "copy")
    change(tmp_path / "copy", FLOW + "# mine\n")

    run(tmp_path / "copy", *as_user(live, token=reading), "push", ok=False)
    run(tmp_path / "copy", *as_user(live, token=git), "push")


def test_without_a_token_or_with_one_that_was_taken_back_nothing_is_told(live: Live, tmp_path: Path) -> None:
    make_repository(live.people)

    for words in ([], as_user(live, token="pfs_wrong")):
        said = run(tmp_path, *words, "clone", address(live), ok=False)
        assert "Authentication failed" in said or "could not read Username" in said


def test_a_folder_without_git_says_what_to_do(live: Live, tmp_path: Path) -> None:
    live.people.make_flow("bob", "plain")

    said = run(tmp_path, *as_user(live), "clone", address(live, "Users/bob/promptflow/plain"), ok=False)

    assert "remote: 'Users/bob/promptflow/plain' is a folder without git. Make it a repository first" in said


def test_a_folder_inside_a_repository_names_the_repository(live: Live, tmp_path: Path) -> None:
    (make_repository(live.people) / "inner").mkdir()

    said = run(tmp_path, *as_user(live), "clone", address(live, "Users/bob/promptflow/flow/inner"), ok=False)

    assert "is a part of the repository 'Users/bob/promptflow/flow'" in said


def test_what_is_no_repository_of_the_share_is_not_served(live: Live, tmp_path: Path) -> None:
    make_repository(live.people)
    run(tmp_path, "init", "-q", "outside")
    (live.people.share / "Users/bob/promptflow/away").symlink_to(tmp_path / "outside")

    for path in (
        *("Users/bob/promptflow/none", "Users/bob/../bob/promptflow/flow", "Users/nobody/x", "Users", "Users/bob"),
        *("Users/bob/promptflow/flow/.git", "Users/bob/promptflow/away"),
    ):
        status, _, _ = live.call("bob", "GET", f"/git/{path}/info/refs?service=git-upload-pack")
        assert status == 404, path


def test_the_files_of_a_repository_are_not_served(live: Live) -> None:
    make_repository(live.people)

    for file in ("HEAD", "objects/info/packs", "config", "info/refs", "info/refs?service=git-x"):
        status, body, _ = live.call("bob", "GET", f"/git/Users/bob/promptflow/flow/{file}")
        assert (status, b"Git's own protocol" in body) == (404, True), file


def test_nothing_that_a_repository_names_is_run(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    copy = clone(live, tmp_path)
    ran = folder / "ran"
    for hook in ("pre-receive", "update", "post-receive", "post-update", "push-to-checkout", "reference-transaction"):
        (folder / ".git/hooks").mkdir(exist_ok=True)
        (folder / ".git/hooks" / hook).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (folder / ".git/hooks" / hook).chmod(0o755)
    for name in ("core.fsmonitor", "filter.x.smudge", "filter.x.clean", "uploadpack.packObjectsHook", "gpg.program"):
        run(folder, "config", name, f"touch {ran}")
    run(folder, "config", "core.alternateRefsCommand", f"touch {ran}")
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/attributes").write_text("* filter=x\n")

    change(copy, FLOW + "# mine\n")
    run(copy, *as_user(live), "push", "-q")
    run(tmp_path, *as_user(live), "clone", "-q", address(live), "again")

    assert (folder / "flow.dag.yaml").read_text() == FLOW + "# mine\n"
    assert not ran.exists()
    assert "fsmonitor" in (folder / ".git/config").read_text()


def test_a_token_that_is_taken_back_ends_its_push_within_five_seconds(live: Live) -> None:
    make_repository(live.people)
    token = _token(live, TokenScope.GIT)
    connection = live.connect()
    connection.putrequest("POST", "/git/Users/bob/promptflow/flow/git-receive-pack")
    connection.putheader("Authorization", "Basic " + base64.b64encode(f"bob:{token}".encode()).decode())
    connection.putheader("Content-Type", "application/x-git-receive-pack-request")
    connection.putheader("Content-Length", "100000")
    connection.endheaders(b"0000")
    until(lambda: bool(live.people.studio.live._open))

    began = time.monotonic()
    live.people.browser("bob").delete(f"/api/tokens/{_id_of(live)}")
    answer = connection.getresponse()

    assert answer.status == 401
    assert time.monotonic() - began < 5
    connection.close()


def test_pushes_at_once_leave_one_of_them_in_the_folder(live: Live, tmp_path: Path) -> None:
    folder = make_repository(live.people)
    copies = []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        copies.append(clone(live, tmp_path / str(number)))
        change(copies[-1], FLOW + f"# {number}\n")
    words = as_user(live)

    def push(copy: Path) -> None:
        subprocess.run(["git", *words, "push"], cwd=copy, env=_ENVIRONMENT, capture_output=True, check=False)

    threads = [threading.Thread(target=push, args=(copy,)) for copy in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (folder / "flow.dag.yaml").read_text() in [FLOW + f"# {number}\n" for number in range(3)]
    assert run(folder, "status", "--porcelain") == ""


def _token(live: Live, scope: TokenScope) -> str:
    identity = Identity(Actor("bob", Role.AUTHOR), "session:x")
    with live.people.studio.database.write() as session:
        return personal_tokens.create_token(session, identity=identity, name=scope, scope=scope, days=1).secret


def _id_of(live: Live) -> str:
    return str(live.people.browser("bob").get("/api/tokens").json()["tokens"][0]["id"])
