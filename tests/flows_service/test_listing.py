"""The list of all flows: cheap, and never wrong for long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pfstudio.accounts.actor import Actor, Role
from pfstudio.flows.listing import list_flows
from pfstudio.share.paths import Share

BOB = Actor("bob", Role.AUTHOR)


def make_flow(share: Share, name: str, text: str = "nodes: []\n") -> Path:
    folder = share.users / name
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(text)
    return folder


def test_five_hundred_flows_are_listed_twice(tmp_path: Path) -> None:
    share = Share(tmp_path / "share")
    for number in range(500):
        folder = make_flow(share, f"bob/promptflow/repo{number % 10}/flow{number}")
        (folder / "data").mkdir()
    list_flows(share, actor=BOB)

    assert len(list_flows(share, actor=BOB)) == 500


def test_the_list_follows_every_change_on_disk(tmp_path: Path) -> None:
    share = Share(tmp_path / "share")
    first = make_flow(share, "bob/promptflow/first")

    def names() -> list[str]:
        return sorted(flow.name for flow in list_flows(share, actor=BOB))

    assert names() == ["first"]
    make_flow(share, "bob/promptflow/deep/in/second")
    assert names() == ["first", "second"]
    first.rename(first.parent / "renamed")
    assert names() == ["renamed", "second"]
    (first.parent / "renamed" / "flow.dag.yaml").unlink()
    assert names() == ["second"]


def test_of_many_who_list_at_once_nobody_misses_what_was_there_when_they_asked(tmp_path: Path) -> None:
    share = Share(tmp_path / "share")
    eve = Actor("eve", Role.AUTHOR)
    make_flow(share, "eve/promptflow/theirs")

    def make_and_list(number: int) -> bool:
        actor = BOB if number % 2 else eve
        make_flow(share, f"bob/promptflow/flow{number}")
        listed = {flow.name: flow.writable for flow in list_flows(share, actor=actor)}
        return listed[f"flow{number}"] is (actor is BOB) and listed["theirs"] is (actor is eve)

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(make_and_list, range(200)))


def test_the_type_is_what_the_file_says_or_what_its_content_means(tmp_path: Path) -> None:
    share = Share(tmp_path / "share")
    for name, text in {
        "said": "type: evaluation\nnodes: []\n",
        "chat": "inputs:\n  question: {type: string, is_chat_input: true}\nnodes: []\n",
        "evaluation": "nodes:\n- {name: a, type: python, aggregation: true}\n",
        "odd": "type: [1]\nnodes: 5\ninputs: x\n",
        "broken": "nodes: [\n",
        "empty": "",
    }.items():
        make_flow(share, f"bob/promptflow/{name}", text)

    types = {flow.name: flow.type for flow in list_flows(share, actor=BOB)}

    assert types == {
        "said": "evaluation",
        "chat": "chat",
        "evaluation": "evaluation",
        "odd": "standard",
        "broken": "standard",
        "empty": "standard",
    }


def test_who_may_write_is_told_for_each_flow(tmp_path: Path) -> None:
    share = Share(tmp_path / "share")
    make_flow(share, "bob/promptflow/a")
    make_flow(share, "bob2/promptflow/b")

    def writable(actor: Actor) -> dict[str, bool]:
        return {flow.name: flow.writable for flow in list_flows(share, actor=actor)}

    assert writable(BOB) == {"a": True, "b": False}
    assert writable(Actor("root", Role.ADMIN)) == {"a": True, "b": True}
    assert writable(Actor("bob", Role.VIEWER)) == {"a": False, "b": False}
