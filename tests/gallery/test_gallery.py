"""The example flows run as they are, and also when everything in them has another name."""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pfstudio import gallery
from pfstudio.connections.local_store import LocalConnections
from pfstudio.engine.executor import FlowExecutor
from pfstudio.engine.results import LineResult, RunStatus
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.validation import check_flow
from pfstudio.gallery import GalleryEntry

ENTRIES = gallery.entries()
MAKING_METRICS = {
    "evaluation": {"accuracy", "lines"},
    "classification-accuracy": {"accuracy", "lines", "precision.shop", "recall.shop"},
    "groundedness": {"groundedness", "grounded_share", "unread"},
    "answer-overlap": {"f1", "exact_match"},
}

each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


@pytest.fixture
def executor_of(tmp_path: Path) -> Any:
    opened: list[FlowExecutor] = []

    def load(folder: Path, variant: str | None = None) -> FlowExecutor:
        opened.append(FlowExecutor.load(folder, variant=variant, connections=LocalConnections(tmp_path / "home")))
        return opened[-1]

    yield load
    for executor in opened:
        executor.close()


def copied(entry: GalleryEntry, tmp_path: Path) -> Path:
    return Path(shutil.copytree(entry.folder, tmp_path / "copy"))


def data_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines()]


def run_all(executor: FlowExecutor, rows: list[dict[str, Any]]) -> list[LineResult]:
    inputs = executor.flow.inputs
    return [
        executor.run_line({name: row[name] for name in inputs if name in row}, index=index)
        for index, row in enumerate(rows)
    ]


def named(name: str) -> GalleryEntry:
    return next(entry for entry in ENTRIES if entry.name == name)


def test_every_type_has_a_blank_flow_and_an_example() -> None:
    for kind in ("standard", "chat", "evaluation"):
        assert gallery.blank_flow(kind).name == kind
        assert [entry for entry in ENTRIES if entry.type == kind and not entry.blank]
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES) >= 8


@each_entry
def test_folder_has_readme_data_and_no_problems(entry: GalleryEntry) -> None:
    checked = check_flow(FolderFiles(entry.folder), "flow.dag.yaml")

    assert checked.problems == []
    assert checked.flow is not None
    assert len(data_of(entry.folder)) >= 5
    assert (entry.folder / "README.md").read_text(encoding="utf-8").startswith("# ")
    assert entry.description.endswith(".")


@each_entry
def test_every_model_is_the_demo_model(entry: GalleryEntry) -> None:
    source = yaml.safe_load((entry.folder / "flow.dag.yaml").read_text(encoding="utf-8"))
    variants = [v["node"] for n in source.get("node_variants", {}).values() for v in n["variants"].values()]

    models = [node for node in [*source["nodes"], *variants] if node.get("type") == "llm"]

    assert all(node["connection"] == "demo" and node["inputs"]["model"] == "demo" for node in models)


@each_entry
def test_code_needs_nothing_but_python_and_promptflow(entry: GalleryEntry) -> None:
    for file in entry.folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = [node.module] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                assert module == "promptflow.core" or str(module).split(".")[0] in sys.stdlib_module_names, file


@each_entry
def test_every_line_of_its_data_runs(entry: GalleryEntry, executor_of: Any) -> None:
    executor = executor_of(entry.folder)
    rows = data_of(entry.folder)

    results = run_all(executor, rows)

    assert [result.error for result in results] == [None] * len(rows)
    assert all(result.status is RunStatus.COMPLETED for result in results)
    assert all(value not in (None, "") for result in results for value in result.outputs.values())
    assert set(executor.run_aggregation(results).metrics) >= MAKING_METRICS.get(entry.name, set())


@each_entry
def test_defaults_run_and_answer_the_same_again(entry: GalleryEntry, executor_of: Any) -> None:
    executor = executor_of(entry.folder)

    outputs = [executor.run_line({}).outputs for _ in range(2)]

    assert outputs[0] == outputs[1]
    assert list(outputs[0]) == list(executor.flow.outputs)


@each_entry
def test_running_leaves_the_folder_as_it_was(entry: GalleryEntry, executor_of: Any, tmp_path: Path) -> None:
    folder = copied(entry, tmp_path)
    before = sorted(str(path) for path in folder.rglob("*") if "__pycache__" not in str(path))

    executor_of(folder).run_line({})

    assert sorted(str(path) for path in folder.rglob("*") if "__pycache__" not in str(path)) == before


def rename_everything(folder: Path) -> dict[str, str]:
    """Give every node, code file and flow input another name; returns the new names of the inputs.

    Keys that templates and tools read out of values (history items have the flow's own names) are renamed with them.
    """
    file = folder / "flow.dag.yaml"
    text = file.read_text(encoding="utf-8")
    source = yaml.safe_load(text)
    inputs = {name: f"given_{name}" for name in source["inputs"]}
    for name, new in inputs.items():
        text = text.replace(f"${{inputs.{name}}}", f"${{inputs.{new}}}")
        text = re.sub(rf"^  {name}:$", f"  {new}:", text, count=1, flags=re.MULTILINE)
        for path in [*folder.glob("*.jinja2"), *folder.glob("*.py")]:
            code = path.read_text(encoding="utf-8")
            code = code.replace(f"turn.inputs.{name}", f"turn.inputs.{new}")
            path.write_text(code.replace(f'["inputs"]["{name}"]', f'["inputs"]["{new}"]'), encoding="utf-8")
    for node in source["nodes"]:
        name = node["name"]
        text = text.replace(f"- name: {name}\n", f"- name: step_{name}\n").replace(f"${{{name}.", f"${{step_{name}.")
        text = text.replace(f"\n  {name}:\n    default_variant_id", f"\n  step_{name}:\n    default_variant_id")
    for path in [*folder.glob("*.jinja2"), *folder.glob("*.py")]:
        text = text.replace(f"path: {path.name}\n", f"path: moved/file_{path.name}\n")
        (folder / "moved").mkdir(exist_ok=True)
        path.rename(folder / "moved" / f"file_{path.name}")
    for other in [path for path in folder.iterdir() if path.is_dir() and path.name != "moved"]:
        other.rename(folder / "moved" / other.name)
    file.write_text(text, encoding="utf-8")
    return inputs


def with_new_names(value: Any, names: dict[str, str]) -> Any:
    """A row, and the turns of a history in it, with the new names of the inputs."""
    if isinstance(value, dict):
        renamed = {key: with_new_names(item, names) for key, item in value.items()}
        if isinstance(value.get("inputs"), dict):
            renamed["inputs"] = {names.get(key, key): item for key, item in value["inputs"].items()}
        return renamed
    return [with_new_names(item, names) for item in value] if isinstance(value, list) else value


@each_entry
def test_flow_runs_alike_when_nodes_files_and_inputs_have_other_names(
    entry: GalleryEntry, executor_of: Any, tmp_path: Path
) -> None:
    rows = data_of(entry.folder)
    expected = run_all(executor_of(entry.folder), rows)
    folder = copied(entry, tmp_path)
    names = rename_everything(folder)

    executor = executor_of(folder)
    results = run_all(executor, [{names.get(k, k): v for k, v in with_new_names(row, names).items()} for row in rows])

    assert set(executor.flow.inputs) == set(names.values())
    assert all(node.name.startswith("step_") for node in executor.flow.nodes)
    assert [result.error for result in results] == [None] * len(rows)
    assert [result.outputs for result in results] == [result.outputs for result in expected]


def test_pages_are_sorted_as_their_data_says(executor_of: Any) -> None:
    entry = named("web-classification")
    rows = data_of(entry.folder)

    results = run_all(executor_of(entry.folder), rows)

    assert [result.outputs["category"] for result in results] == [row["answer"] for row in rows]


def test_web_classification_answers_its_documented_commands(executor_of: Any) -> None:
    folder = named("web-classification").folder
    url = "https://www.example.com"

    page = executor_of(folder).run_node("fetch_text_content_from_url", {"url": url})
    second = executor_of(folder, "${summarize_text_content.variant_1}").run_line({"url": url})

    assert page.output.startswith("This name is kept free")
    assert set(second.outputs) == {"category", "evidence"}
    long, short = (
        executor_of(folder, f"${{summarize_text_content.{variant}}}").run_line({}).node_runs["summarize_text_content"]
        for variant in ("variant_1", "variant_0")
    )
    assert len(long.output) > len(short.output)


@pytest.mark.parametrize("url", ["https://no-such-host.invalid/red-shoes", "ftp://x/y", "no address at all", ""])
def test_page_that_cannot_be_read_gives_the_words_of_its_address(executor_of: Any, url: str) -> None:
    result = executor_of(named("web-classification").folder).run_line({"url": url})

    assert result.status is RunStatus.COMPLETED
    assert result.node_runs["fetch_text_content_from_url"].output.startswith("A page with the address: ")


def test_triage_runs_only_the_branch_that_fits(executor_of: Any) -> None:
    entry = named("support-triage")
    rows = data_of(entry.folder)
    branches = {"billing": {"reply_billing"}, "technical": {"find_steps", "reply_technical"}, "other": {"hand_over"}}

    results = run_all(executor_of(entry.folder), rows)

    assert [result.outputs["team"] for result in results] == [row["team"] for row in rows]
    for result in results:
        ran = {name for name, run in result.node_runs.items() if run.status is RunStatus.COMPLETED}
        assert ran & set().union(*branches.values()) == branches[result.outputs["team"]]


def test_answers_over_documents_name_their_sources(executor_of: Any) -> None:
    entry = named("document-questions")

    result = executor_of(entry.folder).run_line({"question": "What happens when I lose a bicycle?"})

    assert result.outputs["answer"] == "Whoever loses a bicycle pays 180 euros."
    assert result.outputs["sources"] == ["bicycles.md"]


def test_chat_remembers_what_is_no_longer_in_the_prompt(executor_of: Any) -> None:
    entry = named("chat-with-memory")
    row = next(row for row in data_of(entry.folder) if len(row["chat_history"]) > 4)

    result = executor_of(entry.folder).run_line(row)

    assert result.outputs["answer"] == "You live in Bergen."


def test_groundedness_is_high_for_quotes_and_low_for_inventions(executor_of: Any) -> None:
    executor = executor_of(named("groundedness").folder)
    context = "Members may borrow a bicycle for up to three days."

    scores = [
        executor.run_line({"context": context, "answer": answer}).outputs["score"]
        for answer in (context, "Pianos are tuned on Sundays.")
    ]

    assert scores == [5, 1]
