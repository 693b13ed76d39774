"""What a shell in a terminal can do, and what it cannot."""

from __future__ import annotations

from collections.abc import Callable

from live_studio import Live
from terminals.sockets import Page

OpenPage = Callable[..., Page]


def test_it_starts_in_ones_flows_at_the_path_that_workers_show(live: Live, open_page: OpenPage) -> None:
    folder = live.people.make_flow("bob", "mine")
    page = open_page("bob")
    inside = open_page("bob", "?folder=Users/bob/promptflow/mine")

    assert page.run("pwd") == str(folder.parent)
    assert inside.run("pwd; ls") == f"{folder}\nflow.dag.yaml"
    assert page.run("tty >/dev/null && echo has one; id -un >/dev/null; echo $USER") == "has one\nbob"


def test_git_pf_and_python_are_there(open_page: OpenPage) -> None:
    page = open_page("bob")

    assert page.run("python -c 'import pfstudio; print(6 * 7)'") == "42"
    assert "promptflow" in page.run("pf --version").lower()
    assert page.run("git init -q new && git -C new status --short --branch") == "## No commits yet on master"


def test_it_writes_ones_own_folder_and_nothing_else(live: Live, open_page: OpenPage) -> None:
    live.people.make_flow("bob2", "theirs")
    (live.people.studio.settings.data / "secret.key").write_text("the key of all secrets")
    page = open_page("bob")

    assert page.run("echo x > ../new.txt && cat ../new.txt") == "x"
    assert page.run("cat ../../bob2/promptflow/theirs/flow.dag.yaml | head -1") == "inputs: {}"
    data = live.people.studio.settings.data
    for place in ("../../bob2/promptflow/theirs/flow.dag.yaml", f"{data}/x", "/etc/x", "/usr/x", "/x"):
        assert page.run(f"echo x > {place} || echo refused").endswith("refused")
    assert "No such file" in page.run(f"cat {data}/secret.key")
    assert page.run(f"ls {data}") == "share"
    assert page.run("ls -d /proc/[0-9]* | wc -l") in ("3", "4", "5", "6")
    assert (live.people.share / "Users/bob/new.txt").read_text() == "x\n"


def test_the_home_is_kept_and_is_nobody_elses(live: Live, open_page: OpenPage) -> None:
    open_page("bob").run("echo mine > ~/kept")

    assert open_page("bob").run("cat ~/kept") == "mine"
    assert "No such file" in open_page("bob2").run("cat ~/kept")
    assert not list(live.people.share.rglob("kept"))


def test_ctrl_c_jobs_and_the_size_work(open_page: OpenPage) -> None:
    page = open_page("bob")
    page.tell(type="resize", columns=120, rows=40)

    assert page.run("stty size") == "40 120"
    page.type("sleep 100\n")
    page.read_until(b"sleep 100\r\n")
    page.type("\x03")
    assert "Running" in page.run("sleep 50 & jobs; kill %1")


def test_killing_everything_kills_ones_own(live: Live, open_page: OpenPage) -> None:
    page, other = open_page("bob"), open_page("bob2")
    page.read_until(b"$ ")
    page.type("exec python -c 'import os; os.kill(-1, 9); os.kill(os.getpid(), 9)'\n")

    assert page.end_of_it()["reason"] == "exited"
    assert other.run("echo here") == "here"
    assert live.call("root", "GET", "/api/health")[0] == 200
