from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.graph import dependencies_of, graph_problems, run_order
from pfstudio.flow.spec import Flow, Node, NodeSource, Reference


def node(name: str, *needs: str) -> Node:
    inputs = {f"i{i}": Reference(f"${{{need}.output}}", node=need) for i, need in enumerate(needs)}
    return Node(name, "python", NodeSource(path="a.py"), inputs)


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    """Nodes in any order, each needing only nodes of a lower number."""
    count = draw(st.integers(1, 8))
    nodes = []
    for number in range(count):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        nodes.append(node(f"n{number}", *(f"n{need}" for need in sorted(needs))))
    return draw(st.permutations(nodes))


@given(graphs())
def test_every_node_comes_after_those_it_needs(nodes: list[Node]) -> None:
    order = run_order(nodes)

    places = {item.name: place for place, item in enumerate(order)}
    assert len(order) == len(nodes)
    assert all(places[need] < places[item.name] for item in order for need in dependencies_of(item))
    assert list(graph_problems(Flow("f", "flow.dag.yaml", nodes=nodes))) == []


@given(graphs(), st.data())
def test_cycle_is_found_with_exactly_its_nodes(nodes: list[Node], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 4))
    ring = [node(f"c{i}", f"c{(i + 1) % size}") for i in range(size)]
    behind = node("behind", "c0")
    mixed = data.draw(st.permutations([*nodes, *ring, behind]))

    (problem,) = graph_problems(Flow("f", "flow.dag.yaml", nodes=mixed))

    assert str([f"c{i}" for i in range(size)]) in str(problem)


def test_file_order_is_kept_where_references_leave_a_choice() -> None:
    nodes = [node("late", "mid"), node("b"), node("mid", "a"), node("a")]

    assert [item.name for item in run_order(nodes)] == ["b", "a", "mid", "late"]
