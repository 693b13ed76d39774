"""What a shell finds around it: the flow's packages, and git's credentials without their secrets lying anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from live_studio import Live, until
from package_index import PackageIndex, package_index, write_wheel
from pfstudio.accounts.actor import Actor, Role
from pfstudio.audit.service import Filters, all_entries
from pfstudio.git import credentials, identities
from pfstudio.share.paths import SharePath
from studios import People
from terminals.sockets import Page

OpenPage = Callable[..., Page]
BOB = Actor("bob", Role.AUTHOR)
SECRET = "hush-4711-hush"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    write_wheel(tmp_path / "packages", "aaa", "2.0")
    with package_index(tmp_path / "packages") as running:
        yield running


@pytest.fixture
def people(make_people: Callable[..., People], index: PackageIndex) -> People:
    return make_people(flow_network="host", environment_index_url=index.url(), environment_account=False)


def test_python_and_pf_are_those_of_the_flow_once_it_has_packages(live: Live, open_page: OpenPage) -> None:
    folder = live.people.make_flow("bob")
    (folder / "requirements.txt").write_text("aaa==2.0\n")
    (folder / "inner").mkdir()
    studio, path = live.people.studio, SharePath.parse("Users/bob/promptflow/flow")
    assert "No module" in open_page("bob", f"?folder={path}").run("python -c 'import aaa'")
    with studio.database.write() as session:
        studio.environments.build(session, path, fresh=False, actor=BOB)
    until(lambda: studio.environments.state(path).kind == "ready", 60)

    page = open_page("bob", f"?folder={path}/inner")

    assert page.run("python -c 'import aaa; print(aaa.VERSION)'") == "2.0"
    assert "pfstudio" in page.run("pf --version")
    assert page.run("touch $VIRTUAL_ENV/x 2>/dev/null || echo read-only") == "read-only"


def test_git_is_handed_ones_own_token_and_it_lies_nowhere(live: Live, open_page: OpenPage) -> None:
    studio = live.people.studio
    with studio.database.write() as session:
        credentials.save_token(session, studio.vault, host="git.example", username="bob-there", token=SECRET, actor=BOB)
        identities.set_identity(session, BOB, "Bob Builder", "bob@example.org")
    page, other = open_page("bob"), open_page("bob2")
    ask = r"printf 'protocol=https\nhost=git.example\n\n' | GIT_TERMINAL_PROMPT=0 git credential fill 2>&1"

    assert SECRET in page.run(ask)
    assert SECRET not in other.run(ask)
    assert SECRET not in page.run("env; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'; git config -l")
    assert page.run("git var GIT_AUTHOR_IDENT").startswith("Bob Builder <bob@example.org>")
    assert other.run("git var GIT_AUTHOR_IDENT").startswith("bob2 <bob2@localhost>")
    page.type("exit\n")
    page.end_of_it()

    def used() -> list[str]:
        with studio.database.read() as session:
            return [entry.subject for entry in all_entries(session, Filters(act="git_credential"))]

    until(lambda: "https://git.example" in used())
