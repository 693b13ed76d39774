"""Functions, classes, objects and prompties run over lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pfstudio.sdk.client import PFClient
from pfstudio.sdk.runs.errors import EntryNotImportableError
from sdk.run_flows import make_data, read_lines

MODULE = """\
from pathlib import Path

def double(q: int):
    return 2 * q

class Adder:
    def __init__(self, plus: int = 1):
        self.plus = plus

    def __call__(self, q: int, unused: str = "x"):
        return {"a": q + self.plus}

    def __aggregate__(self, line_results):
        return {"sum": sum(result["a"] for result in line_results)}
"""
MAPPING = {"q": "${data.q}"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module and data, as the working folder and on the path."""
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path / "home"))
    folder = tmp_path / "code"
    (folder / "package").mkdir(parents=True)
    (folder / "callables_under_test.py").write_text(MODULE)
    (folder / "package" / "__init__.py").touch()
    (folder / "package" / "inner.py").write_text("def triple(q: int):\n    return 3 * q\n")
    make_data(folder / "data.jsonl", [{"q": number} for number in range(3)])
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    return folder


def outputs(run: object) -> list:
    return [next(iter(row.values())) for row in read_lines(run._output_path / "outputs.jsonl")]  # type: ignore[attr-defined]


def test_an_entry_is_named_by_its_module(place: Path) -> None:
    run = PFClient().run(flow="callables_under_test:double", data="data.jsonl", column_mapping=MAPPING)

    assert outputs(run) == [0, 2, 4]
    assert sorted(path.name for path in place.iterdir()) == ["callables_under_test.py", "data.jsonl", "package"]
    assert run.name.startswith("code_20"), "no variant in the name of a flex flow's run"


def test_an_entry_may_lie_in_another_folder(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    run = PFClient().run(flow="package.inner:triple", code=place, data=place / "data.jsonl")

    assert outputs(run) == [0, 3, 6]


def test_a_function_of_a_module_is_run(place: Path) -> None:
    import callables_under_test  # type: ignore[import-not-found]
    from package.inner import triple  # type: ignore[import-not-found]

    assert outputs(PFClient().run(flow=callables_under_test.double, data="data.jsonl")) == [0, 2, 4]
    assert outputs(PFClient().run(flow=triple, data="data.jsonl")) == [0, 3, 6]


def test_a_class_is_run_with_its_arguments_and_aggregates(place: Path) -> None:
    from callables_under_test import Adder  # type: ignore[import-not-found]

    run = PFClient().run(flow=Adder, init={"plus": 10}, data="data.jsonl", column_mapping=MAPPING)

    assert outputs(run) == [10, 11, 12]
    assert PFClient().get_metrics(run) == {"sum": 33}
    assert run.properties["init_kwargs"] == {"plus": 10}


def test_an_object_is_run_as_it_is(place: Path) -> None:
    from callables_under_test import Adder  # type: ignore[import-not-found]

    adder = Adder(100)
    adder.plus = 200

    run = PFClient().run(flow=adder, data="data.jsonl", column_mapping=MAPPING)

    assert outputs(run) == [200, 201, 202]
    assert PFClient().get_metrics(run) == {"sum": 603}


def test_what_no_other_process_can_import_is_refused_by_name(place: Path) -> None:
    def inside(q: int) -> int:
        return q

    for target in (lambda q: q, inside):
        with pytest.raises(EntryNotImportableError, match="Move it into a file of its own"):
            PFClient().run(flow=target, data="data.jsonl")


def test_an_object_of_a_class_that_is_in_no_file_is_refused_by_name(place: Path) -> None:
    program = (
        "from pfstudio.sdk.client import PFClient\nclass Typed:\n    def __call__(self, q: int): return q\n"
        "PFClient().run(flow=Typed(), data='data.jsonl')\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert "'Typed' cannot be run over lines" in ended.stderr


@pytest.mark.parametrize("target", ["double", "Adder", "Adder(5)"])
def test_an_unguarded_script_runs_what_it_defines_and_once(place: Path, target: str) -> None:
    (place / "script.py").write_text(
        f"{MODULE}\nfrom pfstudio.sdk.client import PFClient\nprint('begun')\n"
        f"run = PFClient().run(flow={target}, data='data.jsonl')\n"
        "print((run._output_path / 'outputs.jsonl').read_text())\n"
    )

    ended = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, timeout=60, check=False)

    assert ended.stdout.count("begun") == 1, ended.stderr
    assert len([line for line in ended.stdout.splitlines() if "line_number" in line]) == 3, ended.stderr
    assert not list(place.glob("*.yaml"))


def test_a_run_of_a_function_is_resumed(place: Path) -> None:
    run = PFClient().run(flow="callables_under_test:double", data="data.jsonl", name="r1")

    again = PFClient().run(resume_from=run, name="r2")

    assert outputs(again) == [0, 2, 4]


def test_a_flex_flow_folder_is_run(place: Path) -> None:
    (place / "flow.flex.yaml").write_text("entry: callables_under_test:Adder\n")

    run = PFClient().run(flow=place, data="data.jsonl", init={"plus": 1})

    assert outputs(run) == [1, 2, 3]
    assert (run._output_path / "snapshot" / "callables_under_test.py").exists()


def test_a_prompty_is_run_and_so_is_a_loaded_one(place: Path) -> None:
    from pfstudio.sdk.prompty import Prompty

    file = place / "ask.prompty"
    file.write_text(
        "---\nmodel:\n  api: chat\n  configuration:\n    type: openai\n    connection: demo\n    model: demo\n"
        "inputs:\n  q: {type: int}\n---\nuser:\nSay {{q}}.\n"
    )

    run = PFClient().run(flow=file, data="data.jsonl", column_mapping=MAPPING)
    loaded = PFClient().run(flow=Prompty.load(file, model={"parameters": {"max_tokens": 5}}), data="data.jsonl")

    assert len(outputs(run)) == len(outputs(loaded)) == 3
    assert run._to_dict()["flow_name"] == "ask"
    assert loaded.properties["init_kwargs"] == {"model": {"parameters": {"max_tokens": 5}}}
