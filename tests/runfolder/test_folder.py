"""A run's folder: who may make it, write it, and what is read back whatever happened."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.runfolder.errors import InvalidRunNameError, RunBusyError, RunExistsError, RunNotFoundError
from pfstudio.runfolder.folder import RunFolder, delete_run, list_runs, sweep
from pfstudio.runfolder.lines import LINES_FILE
from pfstudio.runfolder.lock import LOCK_FILE, take_lock
from pfstudio.runfolder.names import check_name
from runfolder.conftest import line, make_record


def test_lines_come_back_by_number_and_the_first_of_each_counts(folder: RunFolder) -> None:
    for record in (line(2), line(0), line(2, status="Failed"), line(1)):
        folder.append(record)

    assert [(r["line_number"], r["status"]) for r in folder.lines()] == [(n, "Completed") for n in range(3)]


def test_a_torn_last_line_is_not_there_and_not_in_the_way(root: Path, folder: RunFolder) -> None:
    folder.append(line(0))
    folder.close()
    with (folder.path / LINES_FILE).open("ab") as file:
        file.write(line(1)[:20])
    assert [r["line_number"] for r in folder.lines()] == [0]

    again = RunFolder.open(root, "r")
    again.take()
    again.append(line(2))
    again.close()

    assert [r["line_number"] for r in again.lines()] == [0, 2]
    assert all(json.loads(text) for text in (folder.path / LINES_FILE).read_text().splitlines())


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 400)), max_size=12))
def test_wherever_writing_stops_every_whole_line_is_read(
    tmp_path_factory: pytest.TempPathFactory, writes: list
) -> None:
    root = tmp_path_factory.mktemp("runs")
    folder = RunFolder.create(root, make_record())
    expected: dict[int, None] = {}
    for number, cut in writes:
        folder.append(line(number))
        expected.setdefault(number)
        folder.close()
        with (folder.path / LINES_FILE).open("ab") as file:  # A kill in the middle of the next write.
            file.write(line(9)[:cut].rstrip(b"\n"))
        folder = RunFolder.open(root, "r")
        folder.take()
    folder.close()

    assert [record["line_number"] for record in folder.lines() if record["line_number"] != 9] == sorted(expected)


def test_a_second_run_of_a_name_is_refused(root: Path, folder: RunFolder) -> None:
    with pytest.raises(RunExistsError, match="Run 'r' already exists"):
        RunFolder.create(root, make_record())

    assert [path.name for path in root.iterdir()] == ["r"]


def test_of_many_runs_of_one_name_at_once_exactly_one_is_made(root: Path) -> None:
    start, made, refused = threading.Barrier(8), [], []

    def create(number: int) -> None:
        start.wait()
        try:
            made.append(RunFolder.create(root, make_record(display_name=str(number))))
        except RunExistsError:
            refused.append(number)

    threads = [threading.Thread(target=create, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert len(refused) == 7
    assert [path.name for path in root.iterdir()] == ["r"]
    made[0].close()


@pytest.mark.parametrize("name", ["a/b", "a\\b", "..", ".", "", " a", "a\0b", "nul", "COM1.x", "a:b", "x" * 201, ".a"])
def test_a_name_that_is_no_folder_name_everywhere_is_refused_before_anything_is_made(root: Path, name: str) -> None:
    with pytest.raises(InvalidRunNameError):
        RunFolder.create(root, make_record(name))

    assert not root.exists()


@pytest.mark.parametrize("name", ["run 1", "web-classification_variant_0_20260131", "föö", "a.b", "console"])
def test_ordinary_names_are_fine(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["../x", "a/../r", "", "..", "zz"])
def test_reading_never_leaves_the_place_of_runs(root: Path, folder: RunFolder, name: str) -> None:
    with pytest.raises(RunNotFoundError):
        RunFolder.open(root, name)


def test_only_one_process_writes(root: Path, folder: RunFolder) -> None:
    with pytest.raises(RunBusyError, match=f"process {os.getpid()}"):
        RunFolder.open(root, "r").take()
    with pytest.raises(RunBusyError):
        delete_run(root, "r")
    folder.close()

    RunFolder.open(root, "r").take()


def _die_with_a_run(root: str) -> None:
    folder = RunFolder.create(Path(root), make_record("dead"))
    folder.append(line(0))
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_run_whose_process_was_killed_is_failed_and_can_be_taken_over(root: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=_die_with_a_run, args=(str(root),))
    process.start()
    process.join()

    folder = RunFolder.open(root, "dead")
    record = folder.record()
    assert record.status == "Failed"
    assert "interrupted" in record.error["message"]
    assert list_runs(root)[0].status == "Failed"

    folder.take()
    assert folder.record().status == "Running"
    assert [r["line_number"] for r in folder.lines()] == [0]
    folder.close()


def test_a_lock_whose_number_belongs_to_another_process_now_is_dead(root: Path, folder: RunFolder) -> None:
    folder.close()
    lock = take_lock(folder.path)
    owner = json.loads((folder.path / LOCK_FILE).read_text())
    (folder.path / LOCK_FILE).write_text(json.dumps({**owner, "start": "1"}))

    assert not folder.is_live
    again = take_lock(folder.path)
    lock.release()
    assert folder.is_live, "who lost the lock does not take it away from the next owner"
    again.release()


def test_of_many_that_take_over_a_dead_lock_exactly_one_gets_it(root: Path, folder: RunFolder, rounds: int) -> None:
    folder.close()
    script = (
        "import sys; from pathlib import Path; from pfstudio.runfolder.lock import take_lock\n"
        "from pfstudio.runfolder.errors import RunBusyError\n"
        "sys.stdin.read(1)\n"
        "try: take_lock(Path(sys.argv[1])); print('got', flush=True); sys.stdin.read()\n"
        "except RunBusyError: print('busy', flush=True)\n"
    )
    for _ in range(min(rounds, 20)):
        lock = {"pid": 1, "start": "0", "host": os.uname().nodename, "token": "t"}
        (folder.path / LOCK_FILE).write_text(json.dumps(lock))
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", script, str(folder.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        for process in processes:
            process.stdin.write("x")
            process.stdin.flush()
        answers = [process.stdout.readline().strip() for process in processes]
        for process in processes:
            process.communicate()
        assert sorted(answers) == ["busy", "busy", "got"]


def test_the_newest_run_is_listed_first_and_other_folders_are_left_out(root: Path) -> None:
    for number in range(3):
        RunFolder.create(root, make_record(f"r{number}", created_on=f"2026-01-0{number + 1}")).close()
    (root / "something").mkdir()
    (root / "file").touch()
    (root / "broken").mkdir()
    (root / "broken" / "record.json").write_text("{")

    assert [record.name for record in list_runs(root)] == ["r2", "r1", "r0"]
    assert list_runs(root / "none") == []


def test_what_a_newer_version_wrote_into_a_record_is_kept(root: Path, folder: RunFolder) -> None:
    path = folder.path / "record.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "color": "red"}))

    folder.update(display_name="new")

    assert json.loads(path.read_text())["color"] == "red"
    assert folder.record().display_name == "new"


def test_a_deleted_run_is_gone_with_its_files(root: Path, folder: RunFolder) -> None:
    folder.close()
    delete_run(root, "r")

    assert list(root.iterdir()) == []
    with pytest.raises(RunNotFoundError):
        delete_run(root, "r")


def test_what_a_killed_creation_left_is_swept_and_a_living_one_is_not(root: Path) -> None:
    (root / ".new-dead").mkdir(parents=True)
    (root / ".new-alive").mkdir()
    take_lock(root / ".new-alive")

    sweep(root)

    assert [path.name for path in root.iterdir()] == [".new-alive"]


def test_variables_of_a_run_are_readable_by_its_owner_only(folder: RunFolder) -> None:
    folder.keep_environment({"KEY": "secret"})

    assert folder.environment() == {"KEY": "secret"}
    assert (folder.path / ".environment.json").stat().st_mode & 0o077 == 0
