"""What packages, and those who name them, may not do to others, to the studio, or to its passwords."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from environment_flows import TRIES_TO_WRITE, build, flow, output, read, run
from package_index import PackageIndex, package_index, write_source, write_wheel
from pfstudio.flows.errors import FlowNotFoundError
from pfstudio.share.paths import SharePath
from studios import People


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("packages")
    write_wheel(folder, "aaa", "1.0")
    write_wheel(folder, "aaa", "2.0")
    write_wheel(folder, "old-tool", requires=["promptflow-core>=1", "aaa<2"])
    write_wheel(folder, "picky", requires=["aaa<2"])
    write_source(folder, "sourced")
    write_source(folder, "broken", setup="raise RuntimeError('no')")
    with package_index(folder) as running:
        yield running


@pytest.fixture
def people(make_people: Callable[..., People], index: PackageIndex) -> People:
    return make_people(environment_index_url=index.url(), environment_account=False)


def test_nothing_of_the_studio_comes_in_but_its_own_code_and_what_the_engine_needs(people: People) -> None:
    path = flow(people, "aaa\n")
    (people.share / path / "node.py").write_text(
        "from promptflow.core import tool\nimport importlib.util as u\n\n@tool\ndef run():\n"
        "    names = ('aaa', 'jinja2', 'dotenv', 'requests', 'fastapi', 'sqlalchemy', 'pytest')\n"
        "    return [name for name in names if u.find_spec(name)]\n"
    )

    assert output(run(people.browser("bob"), path)) == ["aaa", "jinja2", "dotenv", "requests"]


def test_an_environment_is_read_only_to_the_flow_that_runs_with_it(people: People) -> None:
    path = flow(people, "aaa\n")
    (people.share / path / "node.py").write_text(TRIES_TO_WRITE)

    assert output(run(people.browser("bob"), path)) == ["OSError", "OSError"]


def test_a_package_of_source_is_built_for_its_owner_alone(people: People) -> None:
    path = flow(people, "sourced\n", module="sourced")
    theirs = flow(people, "sourced\n", owner="bob2", module="sourced")
    bob = people.browser("bob")

    state = build(bob, path)

    assert (state["state"], state["from_source"]) == ("ready", True)
    assert output(run(bob, path)) == "1.0"
    assert read(people.browser("bob2"), theirs)["state"] == "missing"


def test_code_of_packages_sees_no_share_no_database_and_no_password(
    make_people: Callable[..., People], tmp_path: Path
) -> None:
    folder = tmp_path / "packages"
    spy = (
        "import os\n"
        "seen = sorted(os.environ.items())\n"
        f"for place in ({str(tmp_path / 'data' / 'share')!r}, {str(tmp_path / 'data' / 'pfstudio.db')!r}):\n"
        "    if os.path.exists(place): seen.append(place)\n"
        "raise RuntimeError('SEEN ' + repr(seen))\n"
    )
    write_source(folder, "spy", setup=spy)
    with package_index(folder) as open_index, package_index(folder, credentials="me:hunter2hunter2") as closed:
        people = make_people(
            environment_index_url=open_index.url(),
            environment_extra_index_urls=(closed.url("me:hunter2hunter2"),),
            environment_account=False,
        )
        path = flow(people, "spy\n")
        bob = people.browser("bob")
        assert build(bob, path)["state"] == "failed"
        log = bob.get(f"/api/environment-log/{path}").text

    assert "SEEN" in log
    assert "hunter2" not in log
    assert str(tmp_path / "data" / "share") not in log
    assert "pfstudio.db" not in log


def test_passwords_of_private_indexes_reach_the_index_and_no_log(
    make_people: Callable[..., People], tmp_path: Path
) -> None:
    write_wheel(tmp_path / "packages", "private")
    with package_index(tmp_path / "packages", credentials="me:hunter2hunter2") as closed:
        people = make_people(environment_index_url=closed.url("me:hunter2hunter2"), environment_account=False)
        bob = people.browser("bob")
        assert build(bob, flow(people, "private\n"))["state"] == "ready"
        own = flow(people, f"--index-url {closed.url('me:wrong4wrong4')}\nprivate\nno-such\n", name="own")
        state = build(bob, own)
        log = bob.get(f"/api/environment-log/{own}").text

    assert state["problem"] == "The package index at 127.0.0.1 refused: a user name and password are needed."
    for text in (log, json.dumps(state)):
        assert "wrong4" not in text and "hunter2" not in text
    for file in (tmp_path / "data" / "environments").rglob("*.txt"):
        assert "hunter2" not in file.read_text(errors="replace")


def test_building_is_the_owners_act_or_an_admins_and_others_run_with_what_is_there(people: People) -> None:
    path = flow(people, "aaa==1.0\n")
    other = people.browser("bob2")

    assert other.post(f"/api/environments/{path}", json={}).status_code == 403
    assert run(other, path)["error"] is not None
    assert read(other, path)["state"] == "missing"
    assert build(people.browser("root"), path)["state"] == "ready"
    assert output(run(other, path)) == "1.0"
    assert other.delete(f"/api/environments/{path}").status_code == 403
    assert other.post(f"/api/environment-cancel/{path}").status_code == 403


def test_terminals_find_what_is_built_and_build_nothing(people: People) -> None:
    path = flow(people, "aaa==1.0\n")
    environments = people.studio.environments
    assert environments.built_for(SharePath.parse(path)) is None

    build(people.browser("bob"), path)

    found = environments.built_for(SharePath.parse(path))
    assert found is not None
    assert found.variables("/bin")["PATH"] == f"{found.venv}/bin:/bin"
    with pytest.raises(FlowNotFoundError):
        environments.built_for(SharePath.parse("Users/bob/promptflow"))


def test_code_of_packages_that_puts_links_in_the_way_leads_the_studio_nowhere(
    make_people: Callable[..., People], tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    (outside / f"python3.{sys.version_info.minor}" / "site-packages").mkdir(parents=True)
    trick = (
        "import glob, os\n"
        "for venv in glob.glob(os.environ['UV_CACHE_DIR'] + '/../building/*/venv'):\n"
        f"    os.rename(venv + '/lib', venv + '/lib2'); os.symlink({str(outside)!r}, venv + '/lib')\n"
    )
    write_source(tmp_path / "packages", "tricky", setup=trick)
    with package_index(tmp_path / "packages") as running:
        people = make_people(environment_index_url=running.url(), environment_account=False)
        state = build(people.browser("bob"), flow(people, "tricky\n"))

    assert state["state"] == "failed"
    assert [file for file in outside.rglob("*") if not file.is_dir()] == []


def test_packages_that_are_too_large_are_stopped(make_people: Callable[..., People], tmp_path: Path) -> None:
    write_wheel(tmp_path / "packages", "large", files={"large.py": "x = '" + "y" * 3_000_000 + "'\n"})
    with package_index(tmp_path / "packages") as running:
        people = make_people(environment_index_url=running.url(), environment_account=False, environment_size=1)
        state = build(people.browser("bob"), flow(people, "large\n"))

    assert state["problem"] == "The packages were not installed: together they are larger than 1 MB."
