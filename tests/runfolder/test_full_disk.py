"""A full disk costs no line that was finished, and says what it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from runfolder.conftest import line, make_record
from pfstudio.runfolder.errors import RunStorageError
from pfstudio.runfolder.folder import RunFolder
root = Path(sys.argv[1])
folder = RunFolder.create(root, make_record())
written = 0
try:
    while True:
        folder.append(line(written, outputs={"a": "x" * 5000}))
        written += 1
except RunStorageError as error:
    assert "the disk is full" in error.message, error.message
assert written > 20
assert [record["line_number"] for record in folder.lines()] == list(range(written))
try:
    folder.finish(status="Completed", end_time="2026")
except RunStorageError as error:
    assert "the disk is full" in error.message, error.message
try:
    RunFolder.create(root, make_record("second"))
except RunStorageError as error:
    assert not (root / "second").exists()
folder.close()
assert RunFolder.open(root, "r").record().status == "Failed"
for path in root.glob("ballast"):
    path.unlink()
again = RunFolder.open(root, "r")
again.take()
again.append(line(written))
again.finish(status="Completed", end_time="2026")
again.close()
assert len(again.lines()) == written + 1
print("kept", written)
"""


def test_lines_finished_before_the_disk_was_full_are_kept_and_the_run_goes_on_once_there_is_room(
    tmp_path: Path,
) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    (tmp_path / "script.py").write_text(_SCRIPT)
    mount = f"mount -t tmpfs -o size=10m tmpfs {place} && mkdir {place}/runs"
    fill = f"head -c 8500000 /dev/zero > {place}/runs/ballast"
    tests = Path(__file__).parents[1]
    command = f"{mount} && {fill} && exec {sys.executable} {tmp_path}/script.py {place}/runs {tests}"

    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", command], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("kept ")
