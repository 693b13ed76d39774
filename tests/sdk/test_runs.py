"""`PFClient().run` and what can be done with a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pfstudio.errors import UserErrorException
from pfstudio.runfolder.errors import InvalidRunNameError, RunExistsError, RunNotFoundError
from pfstudio.sdk.client import PFClient
from pfstudio.sdk.operations.runs import ListViewType
from pfstudio.sdk.runs.entity import Run
from pfstudio.sdk.runs.errors import InvalidRunError, InvalidRunStatusError, RunOperationParameterError
from pfstudio.sdk.runs.yaml_file import RunFileError, load_run
from sdk.run_flows import make_data, make_flow, read_lines

MAPPING = {"q": "${data.q}"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    return make_flow(tmp_path / "my-flow")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_data(tmp_path / "data.jsonl", [{"q": number, "extra": f"e{number}"} for number in range(5)])


@pytest.fixture
def pf(home: Path) -> PFClient:
    return PFClient()


def test_a_run_has_the_outputs_of_its_lines_and_the_metrics_of_its_aggregation(
    pf: PFClient, flow: Path, data: Path
) -> None:
    run = pf.run(flow=flow, data=data, column_mapping=MAPPING, name="r1", tags={"k": "v"})

    assert run.status == "Completed", "lines that fail alone leave a run completed"
    shown = run._to_dict()
    assert list(shown) == [
        "name", "created_on", "status", "display_name", "description", "tags", "properties", "flow_name", "data",
        "output", "error",
    ]  # fmt: skip
    assert shown["error"]["message"].startswith("Failed to run 1/5 lines. First error message is: Execution failure")
    assert shown["error"]["additionalInfo"][0]["info"]["errors"][0]["line_number"] == 3
    assert read_lines(Path(shown["output"]) / "output.jsonl") == [{"line_number": n, "a": 2 * n} for n in (0, 1, 2, 4)]
    assert pf.get_metrics(run) == {"total": 14, "aligned": True}
    assert not any(key.startswith("__pf__") for key in shown["properties"]["system_metrics"])
    assert run.properties["system_metrics"]["__pf__.lines.failed"] == 1


def test_an_evaluation_joins_by_line_number_and_skips_lines_that_failed(pf: PFClient, flow: Path, data: Path) -> None:
    pf.run(flow=flow, data=data, column_mapping=MAPPING, name="r1")

    run = pf.run(flow=flow, data=data, run="r1", column_mapping={"q": "${data.q}", "w": "${run.outputs.a}"}, name="e1")

    assert [(row["line_number"], row["w"]) for row in read_lines(run._output_path / "inputs.jsonl")] == [
        (0, "0"), (1, "2"), (2, "4"), (4, "8"),
    ]  # fmt: skip
    assert run._to_dict()["run"] == "r1"
    raw = pf.run(flow=flow, run=run, column_mapping={"q": "${run.inputs.q}", "w": "${run.inputs.extra}"})
    assert read_lines(raw._output_path / "inputs.jsonl")[3]["w"] == "e4", "run.inputs is the data of the other run"


def test_what_is_refused_leaves_no_run_behind(pf: PFClient, home: Path, flow: Path, data: Path) -> None:
    cases = [
        ({}, ValueError, "'flow' is required to create a run"),
        ({"flow": flow}, ValueError, "at least one of data or run must be provided"),
        ({"flow": flow, "data": "nope.jsonl"}, FileNotFoundError, "data path nope.jsonl does not exist"),
        (
            {"flow": "nope", "data": data},
            UserErrorException,
            "Flow path nope does not exist and it's not",
        ),
        ({"flow": flow, "data": data, "column_mapping": {"q": 1}}, UserErrorException, "at least one mapping binding"),
        ({"flow": flow, "data": data, "name": "a/b"}, InvalidRunNameError, "contains '/'"),
        ({"flow": flow, "data": data, "run": "zz"}, RunNotFoundError, "Run name 'zz' cannot be found"),
        ({"flow": flow, "data": data, "run": 3}, InvalidRunError, "Invalid run 3, expected 'str' or 'Run' object"),
        ({"flow": flow, "data": data, "variant": "${n.x}"}, UserErrorException, "Variant x not found for node n"),
        ({"flow": flow, "data": data, "connections": {"z": {"a": "b"}}}, UserErrorException, "Node z not found"),
        ({"resume_from": "x", "data": data}, ValueError, "'resume_from' is not supported"),
        ({"resume_from": "x"}, RunNotFoundError, "Run name 'x' cannot be found"),
    ]
    for arguments, kind, message in cases:
        with pytest.raises(kind, match=message):
            pf.run(**arguments)

    assert not (home / ".runs").exists()


def test_a_mapping_to_nothing_fails_the_run_and_is_told(pf: PFClient, flow: Path, data: Path) -> None:
    run = pf.run(flow=flow, data=data, column_mapping={"q": "${data.zz}"}, name="bad")

    assert run.status == "Failed"
    assert "First error message is: The input for batch run is incorrect." in run._to_dict()["error"]["message"]
    with pytest.raises(InvalidRunStatusError, match="Couldn't find these mapping relations"):
        pf.stream("bad")
    assert pf.stream("bad", raise_on_error=False).name == "bad"
    with pytest.raises(InvalidRunStatusError, match="Run 'bad' is not completed, the status is 'Failed'"):
        pf.get_metrics("bad")
    with pytest.raises(InvalidRunStatusError, match="Cannot visualize non-completed run"):
        pf.visualize("bad", html_path="x.html")
    with pytest.raises(UserErrorException, match="Referenced run bad is not completed, got status Failed"):
        pf.run(flow=flow, run="bad", column_mapping=MAPPING)


def test_a_broken_data_file_is_named_with_its_line(pf: PFClient, flow: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"q": 1}\n{"q": \n', encoding="utf-8")

    run = pf.run(flow=flow, data=broken, column_mapping=MAPPING)

    assert run.status == "Failed"
    assert "broken.jsonl', line 2" in run._to_dict()["error"]["message"]


def test_data_with_columns_that_defaults_hide_is_warned_about(
    pf: PFClient, flow: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_data(tmp_path / "d.jsonl", [{"q": 1, "w": "from data"}])

    run = pf.run(flow=flow, data=data)

    assert "Columns of the data are ignored: 'w'" in capsys.readouterr().err
    assert read_lines(run._output_path / "inputs.jsonl") == [{"q": 1, "line_number": 0, "w": "d"}]


def test_names_are_made_of_flow_variant_and_time_and_macros_are_filled(pf: PFClient, flow: Path, data: Path) -> None:
    run = pf.run(flow=flow, data=data, display_name="x ${variant_id} ${run}")
    again = pf.run(flow=flow, run=run, column_mapping={"q": "${run.outputs.a}"}, display_name="of ${run}")

    assert run.name.startswith("my_flow_variant_0_20")
    assert run.display_name == "x variant_0 ${run}"
    assert again.display_name == f"of {run.name}"


def test_runs_are_listed_archived_restored_updated_and_deleted(pf: PFClient, flow: Path, data: Path) -> None:
    for name in ("r1", "r2"):
        pf.run(flow=flow, data=data, column_mapping=MAPPING, name=name)
    pf.runs.archive("r1")

    assert [run.name for run in pf.runs.list()] == ["r2"]
    assert [run.name for run in pf.runs.list(list_view_type=ListViewType.ARCHIVED_ONLY)] == ["r1"]
    assert [run.name for run in pf.runs.list(1, list_view_type="All")] == ["r2"]
    pf.runs.restore(pf.runs.get("r1"))
    assert [run.name for run in pf.runs.list()] == ["r2", "r1"]
    updated = pf.runs.update("r1", display_name="new", description="desc", tags={"z": "1"})
    assert (updated.display_name, updated.description, updated.tags) == ("new", "desc", {"z": "1"})
    assert pf.runs.get("r1").display_name == "new"
    pf.runs.delete("r1")
    with pytest.raises(RunNotFoundError, match="Run name 'r1' cannot be found"):
        pf.runs.get("r1")
    with pytest.raises(RunOperationParameterError, match="'max_results' must be a positive integer, got 0"):
        pf.runs.list(0)
    with pytest.raises(InvalidRunError):
        pf.runs.get(3)  # type: ignore[arg-type]


def test_printing_a_run_shows_yaml(pf: PFClient, flow: Path, data: Path) -> None:
    run = pf.run(flow=flow, data=data, column_mapping=MAPPING, name="r1")

    assert str(run).startswith("name: r1\ncreated_on: '20")
    assert "display_name: r1\ndescription:\ntags:\n" in str(run)


def test_the_snapshot_is_the_flow_without_ignored_files(pf: PFClient, tmp_path: Path, data: Path) -> None:
    flow = make_flow(tmp_path / "f", **{".gitignore": "*.log\n!keep.log\n/secret/\n", "a.log": "x", "keep.log": "y"})
    for place in ("secret", "sub", ".promptflow", ".git"):
        (flow / place).mkdir()
        (flow / place / "file.txt").write_text("z")

    run = pf.run(flow=flow, data=data, column_mapping=MAPPING)

    kept = sorted(p.relative_to(run._output_path).as_posix() for p in (run._output_path / "snapshot").rglob("*.*"))
    assert kept == [
        "snapshot/.gitignore", "snapshot/flow.dag.yaml", "snapshot/keep.log", "snapshot/n.py", "snapshot/sub/file.txt",
        "snapshot/total.py",
    ]  # fmt: skip


def test_the_snapshot_has_the_chosen_variant_and_what_is_included(pf: PFClient, tmp_path: Path, data: Path) -> None:
    (tmp_path / "shared.py").write_text("FACTOR = 5\n")
    yaml = (
        "# first line\nadditional_includes:\n- ../shared.py\ninputs:\n  q: {type: int}\n"
        "outputs:\n  a: {type: int, reference: '${n.output}'}\n"
        "nodes:\n- name: n\n  use_variants: true\n"
        "node_variants:\n  n:\n    default_variant_id: one\n    variants:\n"
        "      one: {node: {type: python, source: {type: code, path: n.py}, inputs: {q: '${inputs.q}', plus: 1}}}\n"
        "      two: {node: {type: python, source: {type: code, path: n.py}, inputs: {q: '${inputs.q}', plus: 2}}}\n"
    )
    node = "from promptflow.core import tool\nfrom shared import FACTOR\n@tool\ndef n(q: int, plus: int):\n"
    flow = make_flow(tmp_path / "f", **{"flow.dag.yaml": yaml, "n.py": f"{node}    return q * FACTOR + plus\n"})

    run = pf.run(flow=flow, data=data, column_mapping=MAPPING, variant="${n.two}")

    assert [row["a"] for row in read_lines(run._output_path / "outputs.jsonl")] == [2, 7, 12, 17, 22]
    snapshot = (run._output_path / "snapshot" / "flow.dag.yaml").read_text()
    assert "plus: 2" in snapshot
    assert "additional_includes" not in snapshot
    assert (run._output_path / "snapshot" / "shared.py").exists()
    assert run.name.startswith("f_two_20")
    assert pf.test(run._output_path / "snapshot", inputs={"q": 1}) == {"a": 7}, "a snapshot is a flow that runs"


def test_variables_reach_the_run_and_only_their_names_stand_in_its_record(
    pf: PFClient, tmp_path: Path, data: Path
) -> None:
    node = "import os\nfrom promptflow.core import tool\n@tool\ndef n(q, w):\n    return os.environ['COLOR']\n"
    total = "from promptflow.core import tool\n@tool\ndef total(xs, qs): pass\n"
    flow = make_flow(tmp_path / "f", **{"n.py": node, "total.py": total})
    (tmp_path / ".env").write_text("COLOR=blue\n")

    given = pf.run(flow=flow, data=data, column_mapping=MAPPING, environment_variables={"COLOR": "secret-red"})
    from_file = pf.run(flow=flow, data=data, column_mapping=MAPPING, environment_variables=tmp_path / ".env")

    assert read_lines(given._output_path / "outputs.jsonl")[0]["a"] == "secret-red"
    assert read_lines(from_file._output_path / "outputs.jsonl")[0]["a"] == "blue"
    assert "COLOR" not in os.environ
    record = (given._output_path / "record.json").read_text()
    assert "COLOR" in record
    assert "secret-red" not in record


def test_two_runs_of_one_name_at_once_make_one_run(pf: PFClient, flow: Path, data: Path) -> None:
    ended: list[object] = []
    script = (
        "import sys; from pfstudio.sdk.client import PFClient; from pfstudio.runfolder.errors import RunExistsError\n"
        "try: print(PFClient().run(flow=sys.argv[1], data=sys.argv[2], name='same').status)\n"
        "except RunExistsError: print('exists')\n"
    )

    def start() -> None:
        command = [sys.executable, "-c", script, str(flow), str(data)]
        ended.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, ended)) == ["Completed", "exists"]
    assert len(pf.runs.list()) == 1
    with pytest.raises(RunExistsError, match="Run 'same' already exists"):
        pf.run(flow=flow, data=data, name="same")


def test_runs_in_several_threads_of_one_process_do_not_meet(pf: PFClient, flow: Path, data: Path) -> None:
    ended: dict[str, str] = {}

    def start(name: str) -> None:
        ended[name] = pf.run(flow=flow, data=data, column_mapping=MAPPING, name=name).status

    threads = [threading.Thread(target=start, args=(f"r{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ended == {f"r{number}": "Completed" for number in range(3)}
    assert pf.get_metrics("r2") == {"total": 14, "aligned": True}


def test_a_connection_that_is_missing_is_told_before_the_run_exists(
    pf: PFClient, home: Path, tmp_path: Path, data: Path
) -> None:
    yaml = (
        "inputs:\n  q: {type: int}\noutputs:\n  a: {type: string, reference: '${n.output}'}\n"
        "nodes:\n- name: n\n  type: llm\n  source: {type: code, path: n.jinja2}\n  connection: missing\n"
        "  api: chat\n  inputs: {q: '${inputs.q}', model: demo}\n"
    )
    flow = make_flow(tmp_path / "llm", **{"flow.dag.yaml": yaml, "n.jinja2": "user:\nsay {{q}}\n"})

    with pytest.raises(UserErrorException, match="Connection 'missing' is not found"):
        pf.run(flow=flow, data=data, column_mapping=MAPPING)

    assert not (home / ".runs").exists()
    run = pf.run(flow=flow, data=data, column_mapping=MAPPING, connections={"n": {"connection": "demo"}})
    assert len(read_lines(run._output_path / "outputs.jsonl")) == 5
    assert "connection: demo" in (run._output_path / "snapshot" / "flow.dag.yaml").read_text()


def test_an_unguarded_script_runs_once(home: Path, flow: Path, data: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from pfstudio.sdk.client import PFClient\n"
        f"run = PFClient().run(flow={str(flow)!r}, data={str(data)!r}, column_mapping={{'q': '${{data.q}}'}})\n"
        "print('status', run.status)\n"
    )

    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)

    assert ended.stdout == "status Completed\n", ended.stderr


def test_run_output_path_moves_new_runs_and_they_are_found_again(
    home: Path, pf: PFClient, flow: Path, data: Path
) -> None:
    moved = PFClient(config={"run.output_path": "${flow_directory}/.runs"})

    run = moved.run(flow=flow, data=data, column_mapping=MAPPING, name="moved")

    assert run._output_path == flow / ".runs" / "moved"
    assert pf.runs.get("moved").status == "Completed"
    with pytest.raises(RunExistsError):
        pf.run(flow=flow, data=data, name="moved")
    pf.runs.delete("moved")
    assert not (flow / ".runs" / "moved").exists()


def test_a_run_file_is_read_with_paths_from_its_own_folder(
    pf: PFClient, flow: Path, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "run.yaml"
    file.write_text(
        "$schema: x\nname: y1\nflow: my-flow\ndata: data.jsonl\ncolumn_mapping:\n  q: ${data.q}\nunknown: 1\n"
        "environment_variables: {A: b}\n"
    )

    described = load_run(file, params_override=[{"display_name": "disp"}, {"tags.k": "v"}])
    assert (described.name, described.status, described.display_name) == ("y1", "NotStarted", "disp")
    run = pf.runs.create_or_update(described)

    assert (run.status, run.display_name, run.tags) == ("Completed", "disp", {"k": "v"})
    by_hand = pf.runs.create_or_update(Run(flow=flow, data=data, column_mapping=MAPPING, name="m1"))
    assert by_hand.status == "Completed"
    renamed = pf.runs.get("m1")
    renamed.display_name = "renamed"
    assert pf.runs.create_or_update(renamed).display_name == "renamed"
    file.write_text("flow: my-flow\ncolumn_mapping: 3\n")
    with pytest.raises(RunFileError) as error:
        load_run(file)
    assert error.value.line == 2


def test_a_run_folder_from_elsewhere_is_taken_in(pf: PFClient, flow: Path, data: Path, tmp_path: Path) -> None:
    run = pf.run(flow=flow, data=data, column_mapping=MAPPING, name="r1")
    (run._output_path).rename(tmp_path / "elsewhere")

    taken = pf.runs.take_in(tmp_path / "elsewhere", name="r2")

    assert (taken.name, pf.runs.get("r2").status) == ("r2", "Completed")
    assert pf.get_metrics("r2") == {"total": 14, "aligned": True}


def test_the_commit_a_flow_was_at_is_recorded_without_credentials(pf: PFClient, flow: Path, data: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=flow, check=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("remote", "add", "origin", "https://user:token@example.com/x/y.git?token=z")
    (flow / "n.py").write_text((flow / "n.py").read_text() + "\n")

    run = pf.run(flow=flow, data=data, column_mapping=MAPPING)

    state = json.loads((run._output_path / "record.json").read_text())["git"]
    assert (state["branch"], state["dirty"], state["repository"]) == ("main", True, "https://example.com/x/y.git")
    assert len(state["commit"]) == 40
