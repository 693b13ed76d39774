"""The packages of flows: built by real uv in the real sandbox from an index on loopback, used by real runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from environment_flows import FLOW, NODE, build, flow, output, read, run
from package_index import PackageIndex, package_index, sha256_of, write_source, write_wheel
from pfstudio.accounts.actor import Actor, Role
from pfstudio.audit import service as audit
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


def test_a_first_run_installs_the_packages_and_runs_with_them(people: People) -> None:
    path = flow(people, "aaa==1.0\n")
    bob = people.browser("bob")
    assert read(bob, path)["state"] == "missing"

    assert output(run(bob, path)) == "1.0"

    state = read(bob, path)
    assert state["state"] == "ready"
    assert state["packages"] == [{"name": "aaa", "version": "1.0", "requested": True}]


def test_a_run_with_an_environment_that_is_there_takes_well_under_a_second(people: People) -> None:
    path = flow(people, "aaa==1.0\n")
    bob = people.browser("bob")
    run(bob, path)
    took = []
    for number in range(3):  # The quickest counts: other tests run beside this one.
        (people.share / path / "node.py").write_text(NODE.format(module="aaa") + f"# {number}\n")
        started = time.monotonic()
        assert output(run(bob, path)) == "1.0"
        took.append(time.monotonic() - started)

    assert min(took) < 0.8


def test_flows_with_the_same_packages_share_one_environment_also_between_users(people: People) -> None:
    first = flow(people, "aaa==2.0\n")
    second = flow(people, "# mine\naaa==2.0\n", owner="bob2")
    build(people.browser("bob"), first)

    assert read(people.browser("bob2"), second)["state"] == "ready"
    assert output(run(people.browser("bob2"), second)) == "2.0"
    run(people.browser("bob"), first)
    assert read(people.browser("bob"), first)["flows"] == 2


def test_promptflow_is_dropped_at_any_depth_and_ours_answers(people: People) -> None:
    path = flow(people, "promptflow[azure]==1.18\nold-tool\n", module="old_tool")
    bob = people.browser("bob")

    state = build(bob, path)

    assert state["state"] == "ready"
    assert [one["name"] for one in state["packages"]] == ["aaa", "old-tool"]
    assert state["dropped"] == ["promptflow"]
    assert output(run(bob, path)) == "1.0"


@pytest.mark.parametrize(
    ("requirements", "words"),
    [
        ("no-such-package-at-all\n", "No package index knows a package named 'no-such-package-at-all'."),
        ("aaa==9.9\n", "No package index has aaa==9.9."),
        ("picky\naaa==2.0\n", "all versions of picky depend on aaa<2"),
        ("aaa ; what == '1'\n", "requirements.txt, line 1: "),
        ("aaa==1.0 --hash=sha256:" + "0" * 64 + "\n", "What the index gives for aaa==1.0 does not have the hash."),
        ("broken\n", "broken==1.0 comes as source, and building it failed; the log says why."),
    ],
)
def test_packages_that_cannot_be_installed_have_one_sentence_and_the_flow_still_runs(
    people: People, requirements: str, words: str
) -> None:
    path = flow(people, requirements, module="os; os.VERSION = 'own'; os")
    (people.share / path / "node.py").write_text(
        "from promptflow.core import tool\n\n@tool\ndef run():\n    return 'own'\n"
    )
    bob = people.browser("bob")

    state = build(bob, path)

    assert state["state"] == "failed"
    assert words in state["problem"]
    assert "\n" not in state["problem"]
    assert output(run(bob, path)) == "own"


def test_hashes_are_checked_and_a_right_one_is_taken(people: People, index: PackageIndex) -> None:
    digest = sha256_of(index.folder / "aaa-1.0-py3-none-any.whl")
    path = flow(people, f"aaa==1.0 --hash=sha256:{digest}\npromptflow==1.18.0 --hash=sha256:{'1' * 64}\n")

    assert build(people.browser("bob"), path)["state"] == "ready"


@pytest.mark.parametrize(
    ("requirements", "words"),
    [
        ("-e .\n", "requirements.txt, line 1: '-e .' is left"),
        ("aaa\nb\xe9".encode("latin-1"), "requirements.txt, line 2: it is not UTF-8 text."),
        ("./wheels/none-1.0-py3-none-any.whl\n", "there is no file './wheels/none-1.0-py3-none-any.whl'"),
        ("../../../bob2/promptflow/x-1-py3-none-any.whl\n", "there is no file"),
        ("-f ../..\n", "there is no folder '../..'"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_before_anything_is_built(
    people: People, requirements: str | bytes, words: str
) -> None:
    path = flow(people, requirements)
    bob = people.browser("bob")

    assert words in read(bob, path)["problem"]
    answer = bob.post(f"/api/environments/{path}", json={})
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_wheels_of_the_flows_own_folder_are_installed(people: People) -> None:
    path = flow(people, "./wheels/own-3.0-py3-none-any.whl\n--find-links more\nother\n", module="own")
    write_wheel(people.share / path / "wheels", "own", "3.0")
    write_wheel(people.share / path / "more", "other")
    bob = people.browser("bob")

    assert [one["name"] for one in build(bob, path)["packages"]] == ["other", "own"]
    assert output(run(bob, path)) == "3.0"


def test_another_file_that_the_flow_names_counts(people: People) -> None:
    path = flow(people, "no-such-package\n")
    folder = people.share / path
    (folder / "flow.dag.yaml").write_text(FLOW + "environment:\n  python_requirements_txt: needs/real.txt\n")
    (folder / "needs").mkdir()
    (folder / "needs" / "real.txt").write_text("-r base.in\n")
    (folder / "needs" / "base.in").write_text("aaa<2\n")

    state = build(people.browser("bob"), path)

    assert (state["state"], state["file"]) == ("ready", "needs/real.txt")


def test_without_any_index_a_flow_runs_with_the_studios_packages_and_says_so(
    make_people: Callable[..., People], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    people = make_people(environment_index_url="http://127.0.0.1:9/simple")
    path = flow(people, "requests\n", module="requests; requests.VERSION = 'studio'; requests")
    bob = people.browser("bob")

    answer = bob.post(f"/api/test/{path}", json={"inputs": {}}, headers={"Accept": "text/event-stream"})

    assert "no package index could be reached at 127.0.0.1" in read(bob, path)["problem"]
    assert '"level":"warning"' in answer.text
    assert "no package index could be reached" in answer.text
    assert "event: environment" in answer.text


def test_a_build_is_canceled_at_once_and_leaves_nothing(people: People, index: PackageIndex) -> None:
    path = flow(people, "never\n")
    bob = people.browser("bob")
    index.hold.clear()
    try:
        assert bob.post(f"/api/environments/{path}", json={}).json()["state"] == "building"
        started = time.monotonic()
        state = bob.post(f"/api/environment-cancel/{path}").json()
    finally:
        index.hold.set()

    assert (state["state"], state["problem"]) == ("failed", "Installing the packages was canceled.")
    assert time.monotonic() - started < 2
    assert list((people.studio.settings.data / "environments" / "wheels" / "building").iterdir()) == []


def test_two_who_build_the_same_build_once(people: People, index: PackageIndex) -> None:
    path = flow(people, "aaa==2.0\n")
    index.hold.clear()
    try:
        ids = {
            people.browser(name).post(f"/api/environments/{path}", json={}).json()["build"]["id"]
            for name in ("bob", "root")
        }
    finally:
        index.hold.set()

    assert len(ids) == 1


def test_rebuilding_takes_what_is_new_and_the_old_one_stays_for_those_who_run(
    make_people: Callable[..., People], tmp_path: Path
) -> None:
    folder = tmp_path / "packages"
    write_wheel(folder, "aaa", "1.0")
    with package_index(folder) as running:
        people = make_people(environment_index_url=running.url(), environment_account=False)
        path = flow(people, "aaa\n")
        bob = people.browser("bob")
        assert output(run(bob, path)) == "1.0"
        write_wheel(folder, "aaa", "1.1")
        assert build(bob, path)["packages"][0]["version"] == "1.0"
        assert build(bob, path, fresh=True)["packages"][0]["version"] == "1.1"
        assert output(run(bob, path)) == "1.1"


def test_resetting_takes_it_from_this_flow_alone(people: People) -> None:
    first, second = flow(people, "aaa==1.0\n"), flow(people, "aaa==1.0\n", name="second")
    bob = people.browser("bob")
    run(bob, first)
    run(bob, second)

    assert bob.delete(f"/api/environments/{first}").json()["state"] == "ready"
    assert bob.delete(f"/api/environments/{second}").json()["state"] == "missing"


def test_what_nobody_uses_is_removed(people: People) -> None:
    path = flow(people, "aaa==1.0\n")
    bob = people.browser("bob")
    run(bob, path)
    environments = people.studio.environments
    environments.sweep()
    assert read(bob, path)["state"] == "ready"

    long_ago = time.time() - 31 * 24 * 3600
    built = environments.state(SharePath.parse(path)).built
    assert built is not None
    for file in [built.folder / "about.json", *(built.folder / "uses").iterdir()]:
        os.utime(file, (long_ago, long_ago))
    environments.sweep()
    assert read(bob, path)["state"] == "missing"
    os.utime(built.folder / "retired", (long_ago, long_ago))
    environments.sweep()
    assert not built.folder.exists()


def test_the_space_page_knows_whose_environments_they_are(people: People) -> None:
    bob = people.browser("bob")
    build(bob, flow(people, "aaa==1.0\n"))

    found = bob.get("/api/space").json()["users"][0]["kinds"]["environments"]

    assert found["bytes"] > 0


def test_building_is_in_the_audit_log_once(people: People) -> None:
    path = flow(people, "aaa==1.0\n")
    build(people.browser("bob"), path)

    with people.studio.database.read() as session:
        root = Actor("root", Role.ADMIN)
        found = audit.list_entries(session, audit.Filters(act="environment.built"), actor=root)

    assert [(entry.actor, entry.subject) for entry in found] == [("bob", path)]


def test_a_studio_that_builds_none_says_so(make_people: Callable[..., People]) -> None:
    people = make_people(environments=False)
    path = flow(people, "aaa\n")
    bob = people.browser("bob")

    assert read(bob, path)["state"] == "off"
    assert "PFSTUDIO_ENVIRONMENTS is off" in bob.post(f"/api/environments/{path}", json={}).json()["detail"]


def test_a_flow_without_requirements_runs_with_the_studios_packages(people: People) -> None:
    people.make_flow("bob")
    bob = people.browser("bob")

    state = read(bob, "Users/bob/promptflow/flow")

    assert (state["state"], state["file"]) == ("default", None)
    assert bob.post("/api/environments/Users/bob/promptflow/flow", json={}).json()["state"] == "default"
