"""What a flow's code can see and touch from inside its sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pfstudio.sandbox import executor as sandbox
from pfstudio.sandbox import isolation
from pfstudio.sandbox.limits import Limits

READ = """
try:
    return open(given, 'rb').read(40).decode()
except OSError as error:
    return type(error).__name__
"""
WRITE = """
try:
    open(given, 'w').write('x')
    return 'written'
except OSError as error:
    return type(error).__name__
"""


def answer(result: dict[str, Any]) -> Any:
    assert result["error"] is None, result["error"]
    return result["output"]["out"]


@pytest.mark.parametrize("path", ["/etc/shadow", "/proc/1/root/etc/shadow", "/root/.bashrc", "/var/log/dpkg.log"])
def test_files_of_the_machine_are_not_there(bench: Any, path: str) -> None:
    assert answer(bench.run(READ, inputs={"given": path})) in ("FileNotFoundError", "PermissionError")


@pytest.mark.parametrize("name", ["secret.key", "pfstudio.db"])
def test_the_studios_key_and_database_are_not_there(bench: Any, name: str) -> None:
    given = str(bench.root / "data" / name)

    assert answer(bench.run(READ, inputs={"given": given})) == "FileNotFoundError"


@pytest.mark.parametrize("name", ["secret.key", "pfstudio.db"])
def test_a_link_into_the_data_folder_leads_nowhere(bench: Any, name: str) -> None:
    folder = bench.flow(READ)
    (folder / "way-out").symlink_to(bench.root / "data" / name)

    result = bench.start(folder, inputs={"given": "way-out"}).result(60)

    assert answer(result) == "FileNotFoundError"


def test_other_users_files_can_be_read_but_not_written(bench: Any) -> None:
    theirs = bench.flow("return 1", owner="bob") / "node.py"

    assert answer(bench.run(READ, inputs={"given": str(theirs)})).startswith("from promptflow")
    assert answer(bench.run(WRITE, inputs={"given": str(theirs)})) == "OSError"


def test_ones_other_flows_cannot_be_written(bench: Any) -> None:
    other = bench.flow("return 1", name="other") / "node.py"

    assert answer(bench.run(WRITE, inputs={"given": str(other)})) == "OSError"


def test_the_flows_own_folder_can_be_written_where_it_may(bench: Any) -> None:
    folder = bench.flow(WRITE)

    assert answer(bench.start(folder, inputs={"given": "new.txt"}).result(60)) == "written"
    assert (folder / "new.txt").read_text() == "x"


def test_somebody_elses_flow_runs_read_only(bench: Any) -> None:
    folder = bench.flow(WRITE)

    result = bench.start(folder, runner="bob", writable=False, inputs={"given": "new.txt"}).result(60)

    assert answer(result) == "OSError"
    assert not (folder / "new.txt").exists()


def test_a_link_in_place_of_the_flow_folder_is_not_followed(bench: Any) -> None:
    folder = bench.flow(READ)
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(bench.root / "data")

    result = bench.start(folder, inputs={"given": "secret.key"}).result(60)

    assert result["status"] == "Failed"
    assert result["error"]["code"] == "sandbox_unavailable"


def test_no_descriptor_leads_out_of_the_sandbox(bench: Any) -> None:
    body = """
import os
import subprocess
kinds = []
for number in os.listdir('/proc/self/fd'):
    try:
        kinds.append(os.readlink('/proc/self/fd/' + number).split(':')[0])
    except OSError:
        pass
return kinds
"""
    kinds = answer(bench.run(body))

    assert set(kinds) <= {"/dev/null", "pipe", "socket", "anon_inode"} | {k for k in kinds if k.startswith("/proc/")}


def test_the_environment_is_built_from_nothing(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PFSTUDIO_SECRET_KEY", "do not tell")
    monkeypatch.setenv("OPENAI_API_KEY", "do not tell either")

    names = answer(bench.run("import os\nreturn sorted(os.environ)"))

    assert set(names) == {*isolation.worker_environment(isolated=True), "PWD"}


def test_secrets_are_neither_in_the_environment_nor_on_a_command_line(bench: Any) -> None:
    body = """
import glob
found = b''
for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):
    try:
        found += open(path, 'rb').read()
    except OSError:
        pass
return [b'pfstudio.sandbox.zygote' in found, b'sk-very-secret' in found]
"""
    fields = {"type": "open_ai", "api_key": "sk-very-secret", "base_url": "http://localhost:1/v1"}

    assert answer(bench.run(body, connections={"mine": fields})) == [True, False]


def test_processes_of_the_machine_are_not_there(bench: Any) -> None:
    body = "import os\nreturn [int(name) for name in os.listdir('/proc') if name.isdigit()]"

    assert os.getpid() not in answer(bench.run(body))
    assert len(answer(bench.run(body))) < 10


def test_a_worker_has_no_capabilities_and_is_not_root(bench: Any) -> None:
    body = """
import os
import subprocess
lines = dict(line.split(':', 1) for line in open('/proc/self/status'))
return [os.getuid(), lines['CapEff'].strip(), lines['CapBnd'].strip()]
"""
    assert answer(bench.run(body)) == [1000, "0" * 16, "0" * 16]


def test_the_process_that_forks_workers_cannot_be_read(bench: Any) -> None:
    body = """
import os
import subprocess
try:
    return open(f'/proc/{os.getppid()}/mem', 'rb').name
except OSError as error:
    return type(error).__name__
"""
    assert answer(bench.run(body)) == "PermissionError"


def test_a_worker_can_make_no_user_namespace_of_its_own(bench: Any) -> None:
    body = "import ctypes\nreturn ctypes.CDLL(None, use_errno=True).unshare(0x10000000)"

    assert answer(bench.run(body)) == -1


def test_the_scratch_folder_is_empty_writable_and_bounded(bench: Any) -> None:
    body = """
import os, tempfile
bound = [path + '/' for path in given.split(os.pathsep)]
before = [name for name in os.listdir('/tmp') if not any(path.startswith('/tmp/' + name + '/') for path in bound)]
try:
    with open(os.path.join(tempfile.gettempdir(), 'big'), 'wb') as file:
        for _ in range(200):
            file.write(bytes(2 ** 20))
    return [before, 'written']
except OSError as error:
    return [before, error.strerror]
"""
    # A share or an interpreter that lies below /tmp itself is bound there by its path.
    given = [str(bench.share), sys.prefix, sys.base_prefix, str(Path(isolation.__file__).parents[2])]
    assert answer(bench.run(body, inputs={"given": os.pathsep.join(given)})) == [[], "No space left on device"]


def test_a_flow_outside_the_share_is_refused(bench: Any, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()

    result = bench.start(outside).result(60)

    assert result["error"]["type"] == "SandboxUnavailableError"


def test_the_probe_says_what_is_active() -> None:
    found = isolation.probe()

    assert found.active
    assert found.kind == "bubblewrap"
    assert "cleared environment" in found.describe()
    assert found.memory.endswith("watcher")
    assert found.network_limit is None
    assert found.network.startswith("limited")


def test_without_bubblewrap_the_probe_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "bubblewrap", lambda: None)

    found = isolation.probe.__wrapped__()

    assert not found.active
    assert "not installed" in found.describe()
    assert found.network.startswith("host: everything that this machine reaches")


def test_tests_are_found_again_by_runner_and_flow(bench: Any) -> None:
    sessions = sandbox.TestSessions(bench.executor)
    folder = bench.flow("while True: pass")
    request = sandbox.TestRequest(owner="ada", runner="ada", flow_folder=folder)
    test = sessions.start(request)

    assert sessions.running("ada", folder) == [test]
    assert sessions.cancel("bob", folder) == 0
    assert sessions.cancel("ada", folder) == 1
    assert test.result(5)["status"] == "Canceled"
    assert sessions.running("ada", folder) == []


def test_a_command_gets_folders_variables_limits_and_only_the_descriptors_it_was_given(tmp_path: Path) -> None:
    theirs, mine = tmp_path / "share" / "Users" / "bob", tmp_path / "share" / "Users" / "ada"
    for folder in (theirs, mine):
        folder.mkdir(parents=True)
    ours, given = os.pipe()
    spec = isolation.SandboxSpec(
        share_root=tmp_path / "share",
        binds=(isolation.Bind(mine, writable=True, below=tmp_path / "share"),),
        working_folder=mine,
        home=mine,
        variables={"GREETING": "hello"},
        network="none",
        descriptors=(given,),
    )
    script = (
        f"echo $GREETING $PWD $HOME; ulimit -f; ls /proc/self/fd | wc -l; echo x > {mine}/new; echo x > {theirs}/new; "
        f"cat /proc/net/route | wc -l; echo heard > /proc/self/fd/{given}"
    )
    limits = Limits(file_size=2**20)

    command, descriptors = isolation.sandbox_command(spec, limits, ["bash", "-c", script])
    ended = subprocess.run(command, capture_output=True, text=True, check=False, pass_fds=[given, *descriptors], env={})
    for descriptor in (given, *descriptors):
        os.close(descriptor)

    home = str(mine)
    # The descriptor of the listing itself is the fifth.
    assert ended.stdout.split() == ["hello", home, home, "1024", "5", "1"], ended
    assert "Read-only file system" in ended.stderr
    assert ((mine / "new").exists(), (theirs / "new").exists()) == (True, False)
    assert os.read(ours, 10) == b"heard\n"
    os.close(ours)


@pytest.mark.parametrize(
    "place", ["mine", "mine/inner", "mine/../../outside", "../outside", "real/../../outside/inner"]
)
def test_a_link_below_the_share_is_never_bound(tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    share = tmp_path / "share"
    share.mkdir()
    (share / "mine").symlink_to(outside)
    (share / "real").mkdir()
    spec = isolation.SandboxSpec(binds=(isolation.Bind(share / place, writable=True, below=share),))

    with pytest.raises(OSError):
        isolation.sandbox_command(spec, Limits(), ["true"])
