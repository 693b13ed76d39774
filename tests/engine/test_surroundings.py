"""What a flow's code finds around it, and that the caller's own surroundings stay as they were."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from flow_folders import TOOL, Recorder
from pfstudio.connections.types import ConnectionNotFoundError, CustomConnection
from pfstudio.engine.errors import UnknownConnectionKeyError
from pfstudio.engine.results import RunStatus
from pfstudio.engine.workspace import Workspace
from pfstudio.flow.errors import ForbiddenEnvironmentVariableError, IncludeNotFoundError

ONE_NODE = """
outputs:
  out: {type: object, reference: "${n.output}"}
nodes:
- name: n
  type: python
  source: {type: code, path: n.py}
"""
LOOK = "import os\n" + TOOL + "def look():\n    return os.environ.get('SAMPLE_WORD')\n"


def with_environment(values: str) -> str:
    return f"environment_variables: {values}\n{ONE_NODE}"


def test_environment_of_the_caller_is_restored(load_flow: Any, write_flow: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("SAMPLE_WORD", "callers")
    folder = write_flow(with_environment("{SAMPLE_WORD: flows}"), {"n.py": LOOK})

    line = load_flow(folder).run_line({})

    assert line.outputs == {"out": "flows"}
    assert os.environ["SAMPLE_WORD"] == "callers"


@pytest.mark.parametrize(
    ("precedence", "set_before", "overrides", "seen"),
    [
        ("flow", "process", None, "flow"),
        ("process", "process", None, "process"),
        ("process", None, None, "flow"),
        ("none", None, None, None),
        ("process", "process", {"SAMPLE_WORD": "given"}, "given"),
        ("flow", "process", {"SAMPLE_WORD": "given"}, "given"),
    ],
)
def test_who_wins_over_an_environment_variable(
    load_flow: Any, write_flow: Any, monkeypatch: Any, precedence: str, set_before: Any, overrides: Any, seen: Any
) -> None:
    monkeypatch.delenv("SAMPLE_WORD", raising=False)
    if set_before:
        monkeypatch.setenv("SAMPLE_WORD", set_before)
    folder = write_flow(with_environment("{SAMPLE_WORD: flow}"), {"n.py": LOOK})

    executor = load_flow(folder, precedence=precedence, environment_variables=overrides)

    assert executor.run_line({}).outputs == {"out": seen}


def test_flows_that_overlap_and_end_in_any_order_leave_nothing_behind(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SAMPLE_WORD", "callers")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = Workspace(tmp_path / "one", {"SAMPLE_WORD": "one", "SAMPLE_OTHER": "1"})
    two = Workspace(tmp_path / "two", {"SAMPLE_WORD": "two"})
    before = (Path.cwd(), list(sys.path))

    one.__enter__()
    two.__enter__()
    one.__exit__()
    assert (os.environ["SAMPLE_WORD"], os.environ.get("SAMPLE_OTHER")) == ("two", None)
    two.__exit__()

    assert os.environ["SAMPLE_WORD"] == "callers"
    assert (Path.cwd(), list(sys.path)) == before
    assert sys.dont_write_bytecode is False


def test_environment_variable_takes_the_field_of_a_connection(load_flow: Any, write_flow: Any) -> None:
    connection = CustomConnection(name="service", configs={"place": "here"}, secrets={"key": "s"})
    folder = write_flow(with_environment('{SAMPLE_WORD: "${service.place}"}'), {"n.py": LOOK})

    assert load_flow(folder, connection).run_line({}).outputs == {"out": "here"}


def test_environment_variable_of_an_unknown_connection_or_key_is_refused(load_flow: Any, write_flow: Any) -> None:
    connection = CustomConnection(name="service", configs={"place": "here"}, secrets={"key": "s"})
    unknown = write_flow(with_environment('{SAMPLE_WORD: "${nobody.place}"}'), {"n.py": LOOK}, name="unknown")
    no_key = write_flow(with_environment('{SAMPLE_WORD: "${service.nothing}"}'), {"n.py": LOOK}, name="no_key")

    with pytest.raises(ConnectionNotFoundError, match="Connection 'nobody' is not found"):
        load_flow(unknown, connection)
    with pytest.raises(UnknownConnectionKeyError, match="'nothing'"):
        load_flow(no_key, connection)


@pytest.mark.parametrize(
    "name",
    [
        "LD_PRELOAD",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PATH",
        "GIT_DIR",
        "NODE_OPTIONS",
        "BROWSER",
        "PF_USE_SANDBOX_FOR_JINJA",
        "PFSTUDIO_X",
    ],
)
def test_flow_may_not_set_a_variable_that_starts_programs(load_flow: Any, write_flow: Any, name: str) -> None:
    folder = write_flow(with_environment(f"{{{name}: x}}"), {"n.py": LOOK})

    with pytest.raises(ForbiddenEnvironmentVariableError, match=name) as caught:
        load_flow(folder)

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 1)


def test_current_folder_and_path_of_the_caller_are_restored(load_flow: Any, write_flow: Any) -> None:
    where = "import os, sys\n" + TOOL + "def where():\n    return [os.getcwd(), sys.path[0]]\n"
    folder = write_flow(ONE_NODE, {"n.py": where})
    before = (Path.cwd(), list(sys.path))

    line = load_flow(folder).run_line({})

    assert line.outputs == {"out": [str(folder), str(folder)]}
    assert (Path.cwd(), list(sys.path)) == before


def test_helper_modules_of_the_same_name_do_not_meet(load_flow: Any, write_flow: Any) -> None:
    tool = TOOL + "def n():\n    from helper import word\n    return word\n"
    executors = [
        load_flow(write_flow(ONE_NODE, {"n.py": tool, "helper.py": f"word = '{name}'\n"}, name=name))
        for name in ("one", "two")
    ]

    seen = [executor.run_line({}).outputs["out"] for executor in [*executors, *executors]]

    assert seen == ["one", "two", "one", "two"]
    assert "helper" not in sys.modules


def test_state_of_a_helper_module_lasts_from_line_to_line(load_flow: Any, write_flow: Any) -> None:
    tool = TOOL + "def n():\n    import helper\n    helper.count += 1\n    return helper.count\n"
    executor = load_flow(write_flow(ONE_NODE, {"n.py": tool, "helper.py": "count = 0\n"}))

    assert [executor.run_line({}).outputs["out"] for _ in range(3)] == [1, 2, 3]


def test_edited_tool_and_helper_are_seen_by_the_next_load(load_flow: Any, write_flow: Any) -> None:
    tool = TOOL + "def n():\n    import helper\n    return helper.word\n"
    folder = write_flow(ONE_NODE, {"n.py": tool, "helper.py": "word = 'old'\n"})
    assert load_flow(folder).run_line({}).outputs == {"out": "old"}

    (folder / "helper.py").write_text("word = 'new'\n", encoding="utf-8")

    assert load_flow(folder).run_line({}).outputs == {"out": "new"}


def test_running_a_flow_writes_no_compiled_files_into_its_folder(load_flow: Any, write_flow: Any) -> None:
    tool = TOOL + "def n():\n    import helper\n    return helper.word\n"
    folder = write_flow(ONE_NODE, {"n.py": tool, "helper.py": "word = 'old'\n"})

    load_flow(folder).run_line({})

    assert sorted(file.name for file in folder.iterdir()) == ["flow.dag.yaml", "helper.py", "n.py"]


def test_same_file_in_two_nodes_is_two_modules(load_flow: Any, write_flow: Any) -> None:
    yaml = ONE_NODE + '- name: m\n  type: python\n  source: {path: n.py}\n  inputs: {after: "${n.output}"}\n'
    count = "calls = []\n" + TOOL + "def n(after=None):\n    calls.append(1)\n    return [__name__, len(calls)]\n"

    line = load_flow(write_flow(yaml, {"n.py": count})).run_line({})

    assert [run.output for run in line.node_runs.values()] == [["__pf_main__", 1], ["__pf_main__", 1]]
    assert "__pf_main__" not in sys.modules


def test_lines_of_two_flows_at_the_same_time_keep_their_prints_apart(load_flow: Any, write_flow: Any) -> None:
    barrier = Barrier(2)
    tool = TOOL + "def n(word, barrier):\n    for _ in range(20):\n        print(word)\n    barrier.wait(10)\n"
    yaml = ONE_NODE.replace("path: n.py}", 'path: n.py}\n  inputs: {word: "${inputs.w}", barrier: "${inputs.b}"}')
    yaml = "inputs: {w: {type: string}, b: {type: object}}\n" + yaml
    executors = {name: load_flow(write_flow(yaml, {"n.py": tool}, name=name)) for name in ("one", "two")}
    seen: dict[str, Any] = {}

    def run(name: str) -> None:
        seen[name] = executors[name].run_line({"w": name, "b": barrier})

    threads = [Thread(target=run, args=(name,)) for name in executors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(line.status is RunStatus.COMPLETED for line in seen.values())
    assert {name: line.node_runs["n"].logs.stdout for name, line in seen.items()} == {
        "one": "one\n" * 20,
        "two": "two\n" * 20,
    }


INCLUDES = """
outputs:
  o: {type: object, reference: "${look.output}"}
nodes:
- name: look
  type: python
  source: {type: code, path: look.py}
additional_includes:
"""
SEE = TOOL + "def look():\n    import pathlib\n    return [pathlib.Path(name).read_text() for name in %r]\n"


def test_link_that_leaves_the_flow_folder_still_leads_there_in_a_copy(
    load_flow: Any, write_flow: Any, tmp_path: Path
) -> None:
    names = ["out.txt", "in.txt", "linked/one.txt"]
    folder = write_flow(INCLUDES + "- ../linked\n", {"look.py": SEE % names, "own.txt": "own"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "one.txt").write_text("one", encoding="utf-8")
    (folder / "out.txt").symlink_to("../elsewhere/one.txt")
    (folder / "in.txt").symlink_to("own.txt")
    (tmp_path / "linked").symlink_to("elsewhere", target_is_directory=True)

    executor = load_flow(folder)

    assert executor.run_line({}).outputs == {"o": ["one", "own", "one"]}
    assert (executor.folder / "in.txt").readlink() == Path("own.txt")


def test_folder_is_zipped_for_an_include_that_asks_for_a_zip(load_flow: Any, write_flow: Any, tmp_path: Path) -> None:
    look = TOOL + "def look():\n    import zipfile\n    return sorted(zipfile.ZipFile('lib.zip').namelist())\n"
    folder = write_flow(INCLUDES + "- ../lib.zip\n", {"look.py": look})
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "m.py").write_text("", encoding="utf-8")

    assert load_flow(folder).run_line({}).outputs == {"o": ["m.py"]}


def test_include_over_a_file_of_the_flow_wins_and_warns(
    load_flow: Any, write_flow: Any, tmp_path: Path, recorder: Recorder
) -> None:
    folder = write_flow(INCLUDES + "- ../shared/a.txt\n", {"look.py": SEE % ["a.txt"], "a.txt": "own"})
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a.txt").write_text("shared", encoding="utf-8")

    assert load_flow(folder, observer=recorder).run_line({}).outputs == {"o": ["shared"]}
    assert recorder.logs[0][:2] == (
        "warning",
        "The include 'a.txt' replaces the file of the same name in the flow folder.",
    )


def test_missing_include_is_told_with_its_place(load_flow: Any, write_flow: Any) -> None:
    with pytest.raises(IncludeNotFoundError, match=r"Unable to find additional include \.\./gone") as caught:
        load_flow(write_flow(INCLUDES + "- ../gone\n", {"look.py": SEE % []}))

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 8)
