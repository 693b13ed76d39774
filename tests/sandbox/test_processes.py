"""Programs in sandboxes of their own: what ends them, and that nothing of theirs is left."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pfstudio.sandbox import cgroups, growth, isolation, processes
from pfstudio.sandbox.errors import SandboxUnavailableError
from pfstudio.sandbox.isolation import Bind, SandboxSpec
from pfstudio.sandbox.limits import Limits

MEBIBYTE = 2**20
# Even where a test's own limit failed, the kernel's on each process would end what it starts.
SMALL = Limits(memory=150 * MEBIBYTE, processes=30, scratch=32 * MEBIBYTE, seconds=20.0, processor_seconds=20)


def run(script: str, use: Limits = SMALL, **spec: Any) -> tuple[str, processes.SandboxedProcess]:
    assert isolation.probe().active, isolation.probe().reason
    started = processes.start(
        SandboxSpec(network="none", **spec),
        use,
        ["bash", "-c", script],
        subject="The terminal",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output = started.process.stdout
    assert output is not None
    with output:
        said = output.read(100_000).decode()
    started.process.wait(timeout=20)
    started.end()
    return said, started


def test_a_program_runs_and_its_exit_code_is_its_own() -> None:
    said, started = run("id -un; exit 3")

    assert (said, started.process.returncode, started.reason) == ("flow\n", 3, None)


BOMB = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""


def test_a_fork_bomb_is_ended_as_a_whole_and_said_so() -> None:
    _, started = run(f"exec python3 -c '{BOMB}'")

    assert str(started.reason) == "The terminal was ended because it started more than 30 processes."


def test_the_usual_devices_work() -> None:
    said, _ = run(
        "echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c; exec 2>/dev/null"
    )

    assert said == "3\n3\n"


def test_one_that_takes_all_memory_is_ended() -> None:
    _, started = run("python3 -c 'x = bytearray(900 * 2**20); print(len(x))'; sleep 30")

    assert started.reason is not None
    assert "memory" in str(started.reason)


def test_one_that_takes_too_long_is_ended() -> None:
    _, started = run("sleep 30 & sleep 30", Limits(seconds=0.3))

    assert str(started.reason) == "The terminal was ended because it took longer than 0.3 seconds."


def test_a_flood_of_temporary_files_is_ended() -> None:
    _, started = run("cd /tmp; for i in {1..9999}; do : > $i; done; sleep 30", Limits(scratch_files=500, seconds=20.0))

    assert str(started.reason) == "The terminal was ended because it made more than 500 temporary files."


def _let_the_disk_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    """As seen from the studio: others write to the real one, too, and free it again."""
    seen = itertools.count()
    monkeypatch.setattr(growth, "_free", lambda _folder: growth.Added(*[2**40 // (1 + next(seen) * 99)] * 2))


@pytest.mark.parametrize("script", ["for i in {1..3000}; do : > $i; done", "head -c 9000000 /dev/zero > big"])
def test_a_flood_of_ones_own_folder_is_ended(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfstudio.sandbox.growth._LOOK_SECONDS", 0.05)
    _let_the_disk_fill(monkeypatch)
    mine = tmp_path / "share" / "ada"
    mine.mkdir(parents=True)
    (mine / "before").write_bytes(bytes(MEBIBYTE))
    binds = (Bind(mine, writable=True, below=tmp_path / "share"),)
    use = Limits(written=4 * MEBIBYTE, files=1000, seconds=20.0)

    _, started = run(f"{script}; sleep 30", use, binds=binds, working_folder=mine)

    assert "wrote too much to its folder" in str(started.reason)


def test_what_lay_there_before_counts_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfstudio.sandbox.growth._LOOK_SECONDS", 0.05)
    _let_the_disk_fill(monkeypatch)
    (tmp_path / "big").write_bytes(bytes(8 * MEBIBYTE))
    os.utime(tmp_path / "big", (1, 1))
    before = (tmp_path / "big").stat().st_ctime
    monkeypatch.setattr("pfstudio.sandbox.growth.time.time", lambda: before + 5)
    other = "head -c 6000000 /dev/zero > /tmp/elsewhere; sleep 0.3"

    _, started = run(other, Limits(written=4 * MEBIBYTE), binds=(Bind(tmp_path, writable=True),))

    assert started.reason is None


def test_killing_everything_kills_only_what_is_inside() -> None:
    said, started = run("sleep 30 & kill -9 -1; echo still here")

    assert started.reason is None
    assert said in ("", "still here\n")


@contextmanager
def _sleeping(**popen: Any) -> Iterator[processes.SandboxedProcess]:
    started = processes.start(SandboxSpec(network="none"), SMALL, ["sleep", "30"], **popen)
    try:
        yield started
    finally:
        started.end()


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_when_it_is_ended(wait_until: Callable[..., None]) -> None:
    descriptors = _open_descriptors()
    with _sleeping() as started:
        folders = list(started.watch.group._folders)
        assert all(folder.exists() for folder in folders)

    assert started.process.returncode is not None
    assert not any(folder.exists() for folder in folders)
    wait_until(lambda: _open_descriptors() == descriptors)


def test_what_cannot_be_started_is_said_in_a_sentence(tmp_path: Path) -> None:
    spec = SandboxSpec(binds=(Bind(tmp_path / "none", below=tmp_path),))

    with pytest.raises(SandboxUnavailableError, match="No process for the flow could be started"):
        processes.start(spec, SMALL, ["true"])


def test_the_kernel_holds_the_ceiling_where_control_groups_can_be_made() -> None:
    where = cgroups.places()
    group = cgroups.Group(SMALL)
    with _sleeping() as started:
        for folder in started.watch.group._folders:
            assert str(started.process.pid) in (folder / "cgroup.procs").read_text().split()
    if where.processes is not None:
        assert int((group._folders[-1] / "pids.max").read_text()) == 30 + 7 + 8
    group.close()
    assert not any(folder.exists() for folder in group._folders)


def _fake(root: Path, *, version: int) -> tuple[Path, Path]:
    own = root / "own"
    if version == 1:
        own.write_text("5:cpu,memory:/a\n4:pids:/b\n0::/\n")
        folders = [root / "memory" / "a", root / "pids" / "b"]
    else:
        own.write_text("0::/studio\n")
        folders = [root / "studio"]
        (root / "cgroup.controllers").write_text("memory pids")
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.subtree_control").write_text("memory pids")
    return root, own


@pytest.mark.parametrize("version", [1, 2])
def test_both_versions_of_control_groups_are_found(
    tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Path.mkdir

    def with_files(self: Path, *arguments: Any, **more: Any) -> None:
        make(self, *arguments, **more)
        for name in ("memory.limit_in_bytes" if version == 1 else "memory.max", "pids.max"):
            (self / name).touch()

    root, own = _fake(tmp_path, version=version)
    monkeypatch.setattr(Path, "mkdir", with_files)
    monkeypatch.setattr(cgroups, "_handed_down", lambda _folder: ["memory", "pids"])
    found = cgroups.find_places(root, own)

    assert found.describe() == "memory and processes"
    cgroups.Group(SMALL, found)
    assert found.memory is not None
    name = "memory.limit_in_bytes" if version == 1 else "memory.max"
    (ceiling,) = found.memory.glob(f"pfstudio-{os.getpid()}-*/{name}")
    assert int(ceiling.read_text()) == 214 * MEBIBYTE


def test_without_control_groups_there_is_the_watcher(tmp_path: Path) -> None:
    root, own = _fake(tmp_path, version=2)
    (root / "studio" / "cgroup.subtree_control").write_text("cpu")
    (root / "studio" / "cgroup.subtree_control").chmod(0o400)
    found = cgroups.find_places(root / "elsewhere", own)

    assert found.describe() is None
