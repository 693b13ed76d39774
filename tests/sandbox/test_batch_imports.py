"""`pf` runs on systems that lack what Linux has, and starts without what it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BLOCKED = ("fcntl", "resource", "pty", "termios", "grp", "pwd")
LATE = ("jinja2", "httpx2", "asyncio", "cryptography", "sqlalchemy", "fastapi", "pydantic", "pandas", "pyarrow")
SCRIPT = """
import sys, os
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in {blocked!r}:
            raise ModuleNotFoundError(name)
for name in {blocked!r}:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, {root!r})
import pfstudio.sandbox.batch, pfstudio.sandbox.batch_loop, pfstudio.sandbox.batch_processes
import pfstudio.sandbox.batch_spawned, pfstudio.engine.batch.data, pfstudio.engine.batch.mapping
late = [name for name in {late!r} if name in sys.modules]
assert not late, late
"""


def test_nothing_of_linux_and_nothing_heavy_is_imported_to_run_a_batch() -> None:
    script = SCRIPT.format(blocked=BLOCKED, late=LATE, root=str(Path(__file__).parents[2]))

    done = subprocess.run([sys.executable, "-S", "-c", _with_path(script)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_batch_runs_where_nothing_of_linux_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Blocked:\n    def find_spec(self, name, path=None, target=None):\n"
        f"        if name in {BLOCKED!r}:\n            raise ModuleNotFoundError(name)\n"
        f"for name in {BLOCKED!r}:\n    sys.modules.pop(name, None)\nsys.meta_path.insert(0, Blocked())\n"
    )
    script = f"""
import sys, os
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from tests.sandbox.batches import run, write_flow
flow = write_flow(Path({str(tmp_path / "flow")!r}), "return given")
outcome, sink = run(flow, 5, method="spawn")
print(outcome.status, sink.outputs())
"""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False, timeout=60
    )

    assert done.stdout.strip() == "Completed [0, 1, 2, 3, 4]", done.stderr


def _with_path(script: str) -> str:
    """The script with this interpreter's search path, since it starts without `site`."""
    return f"import sys; sys.path[:] = {sys.path!r}\n{script}"
