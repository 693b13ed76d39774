"""What stands between a flow's code and the machine: the bubblewrap command line, and whether it works here."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pfstudio.sandbox.limits import Limits

HOME = "/home/flow"
Network = Literal["host", "limited", "none"]
_UID = "1000"
_STATIC_ETC = Path(__file__).parent / "etc"
_LAUNCH = Path(__file__).resolve().parent / "launch.py"
# Never all of /etc: it has /etc/shadow, private keys and other services' settings.
_ETC = (
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "fonts",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "pki/ca-trust",
    "pki/tls/certs",
    "resolv.conf",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
)
# Where the studio is root, the kernel takes flows for root wherever it asks for an owner and not for a right: they
# could write the machine's settings and read the kernel's own figures.
_PROC_READ_ONLY = ("acpi", "asound", "bus", "driver", "dynamic_debug", "fs", "irq", "pressure", "scsi", "sys", "tty")
_PROC_CLOSED = (
    *("kcore", "keys", "kmsg", "kpagecgroup", "kpagecount", "kpageflags", "latency_stats", "mtrr", "pagetypeinfo"),
    *("sched_debug", "slabinfo", "sysrq-trigger", "timer_list", "vmallocinfo"),
)
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


@dataclass(frozen=True, slots=True)
class Isolation:
    """What is active. `kind` is `bubblewrap` or `none`; `reason` says why not.

    `memory` says what keeps the limits of a sandbox as a whole. `network_limit` is why a sandbox cannot have a network
    that leaves this machine out; None where it can.
    """

    kind: str
    reason: str | None
    memory: str
    network_limit: str | None = "there is no isolation"

    @property
    def active(self) -> bool:
        return self.kind != "none"

    def describe(self) -> str:
        if self.active:
            return f"{self.kind} (own processes, users and files; cleared environment)"
        return f"none: {self.reason}"

    @property
    def network(self) -> str:
        """What workers and terminals reach unless a setting says otherwise."""
        if self.network_limit is None:
            return "limited: the public internet; not this machine, private or metadata addresses"
        return f"host: everything that this machine reaches, itself included, because {self.network_limit}"


@dataclass(frozen=True, slots=True)
class Bind:
    """A folder, file or socket that a sandbox sees at its own path, or at `at`.

    Under `below` no component may be a link, and the thing must be there. Without `below` the path is the studio's own
    and trusted.
    """

    source: Path
    writable: bool = False
    at: Path | None = None
    below: Path | None = None


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What one sandbox sees. `hidden` are folders that must stay unseen even where they lie below a visible one.

    Folders are put in place in this order: `hidden`, the share (read-only), `flow_folder`, `binds` as they stand; later
    ones lie over earlier ones. `variables` are added to an environment built from nothing. `working_folder` is seen
    inside. `home` keeps one folder as the home (it must be bound writable) instead of an empty one that is forgotten.
    `network` is `host` (what this machine reaches), `limited` (see `network.py`; only by `processes.start`) or `none`.
    `descriptors` stay open in the command (sockets handed in); every other one is closed before it runs, unless
    `closes_descriptors` says that the command does that itself. `terminal` leaves the command its controlling terminal.
    """

    flow_folder: Path | None = None
    writable: bool = False
    share_root: Path | None = None
    hidden: tuple[Path, ...] = ()
    binds: tuple[Bind, ...] = ()
    working_folder: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    home: Path | None = None
    network: Network = "host"
    descriptors: tuple[int, ...] = ()
    closes_descriptors: bool = False
    terminal: bool = False


@functools.cache
def probe() -> Isolation:
    """Find out by trying; the answer is kept for the life of the process."""
    from pfstudio.sandbox import cgroups, network

    reason = _why_no_bubblewrap()
    groups = cgroups.places().describe() if sys.platform == "linux" else None
    memory = "watcher" if sys.platform == "linux" else "none"
    if groups:
        memory = f"control groups ({groups}) and watcher"
    if reason:
        return Isolation("none", reason, memory)
    return Isolation("bubblewrap", None, memory, network.why_not_limited())


def _why_no_bubblewrap() -> str | None:
    if sys.platform != "linux":
        return "bubblewrap exists for Linux only; flows run as separate processes of this user"
    if bubblewrap() is None:
        return "bubblewrap (bwrap) is not installed; flows run as separate processes of this user"
    command = [
        *_base_command(Limits(), SandboxSpec()),
        *_read_only(_runtime_folders()),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"),
        "--",
        sys.executable,
        "-I",
        "-c",
        "",
    ]
    try:
        trial = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env={})  # noqa: S603 - our own arguments, no shell.
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not work here: {error}"
    if trial.returncode == 0:
        return None
    said = (trial.stderr.strip().splitlines() or ["it gave no reason"])[-1]
    return f"bubblewrap does not work here: {said}"


def bubblewrap() -> str | None:
    return shutil.which("bwrap", path=os.environ.get("PATH", os.defpath) + ":/usr/bin:/usr/local/bin")


def sandbox_command(spec: SandboxSpec, limits: Limits, command: Sequence[str]) -> tuple[list[str], list[int]]:
    """The bubblewrap command line around `command`, and the descriptors to pass to it (the caller closes them).

    Folders below the share are handed over as open descriptors, reached without following a link, so that nobody can
    put a link in their place in between. Pass `spec.descriptors` on as well; they stay the caller's.

    Raises:
        OSError: a folder does not exist, or a link is in its way.
    """
    descriptors: list[int] = []
    try:
        argv = _folders(spec, limits, descriptors)
    except OSError:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    if spec.home is not None:
        argv += ["--setenv", "HOME", str(spec.home)]
    for name, value in spec.variables.items():
        argv += ["--setenv", name, value]
    argv += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(spec.working_folder or "/")]
    return [*argv, "--", *launched(spec, limits, command)], descriptors


def _folders(spec: SandboxSpec, limits: Limits, descriptors: list[int]) -> list[str]:
    argv = [*_base_command(limits, spec), *_read_only(_runtime_folders())]
    for folder in spec.hidden:
        argv += ["--tmpfs", str(folder)]
    if spec.share_root is not None:
        argv += _bound(Bind(spec.share_root), descriptors)
    if spec.flow_folder is not None:
        argv += _bound(Bind(spec.flow_folder, spec.writable, below=spec.share_root), descriptors)
    for bind in spec.binds:
        argv += _bound(bind, descriptors)
    for folder in spec.hidden:
        argv += ["--remount-ro", str(folder)]
    return argv


def _bound(bind: Bind, descriptors: list[int]) -> list[str]:
    if bind.below is None:
        descriptors.append(os.open(bind.source, os.O_PATH | os.O_CLOEXEC))
    else:
        parent = open_folder(bind.source.parent, below=bind.below) if bind.source != bind.below else None
        try:
            flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
            name = bind.source if parent is None else bind.source.name
            descriptors.append(os.open(name, flags, dir_fd=parent))
        finally:
            if parent is not None:
                os.close(parent)
        if stat.S_ISLNK(os.fstat(descriptors[-1]).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "A link is in the place of", str(bind.source))
    mount = "--bind" if bind.writable else "--ro-bind"
    return [mount, f"/proc/self/fd/{descriptors[-1]}", str(bind.at or bind.source)]


def launched(spec: SandboxSpec, limits: Limits, command: Sequence[str]) -> list[str]:
    """The command, with its limits set and everything closed that it was not given."""
    if spec.closes_descriptors:
        return list(command)
    wanted = {
        "file_size": limits.file_size,
        "open_files": limits.open_files,
        "processes": limits.process_ceiling,
        "processor_seconds": limits.processor_seconds,
    }
    bounds = ",".join(f"{name}={value}" for name, value in wanted.items() if value is not None)
    kept = ",".join(map(str, spec.descriptors))
    return [sys.executable, "-I", "-S", str(_LAUNCH), bounds, kept, *command]


def open_folder(folder: Path, *, below: Path | None) -> int:
    """A descriptor of `folder`; under `below` no component may be a link.

    Raises:
        OSError: it does not exist, is no folder, or a link is in the way.
    """
    flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
    if below is None:
        return os.open(folder, flags)
    if ".." in folder.parts:
        raise NotADirectoryError(errno.ENOTDIR, "A path climbs", str(folder))
    current = os.open(below, flags)
    for part in folder.relative_to(below).parts:
        try:
            following = os.open(part, flags | os.O_NOFOLLOW, dir_fd=current)
        finally:
            os.close(current)
        current = following
    return current


def worker_environment(*, isolated: bool) -> dict[str, str]:
    """The environment of a worker, built from nothing. Without isolation the user's own home and path stay."""
    binaries = str(Path(sys.executable).parent)
    path = "/usr/local/bin:/usr/bin:/bin" if isolated else os.environ.get("PATH", os.defpath)
    return {
        "PATH": f"{binaries}:{path}",
        "HOME": HOME if isolated else str(Path.home()),
        "USER": "flow",
        "LOGNAME": "flow",
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": "/tmp" if isolated else tempfile.gettempdir(),  # noqa: S108 - the sandbox's own, empty one.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _base_command(limits: Limits, spec: SandboxSpec) -> list[str]:
    """Namespaces, an empty root with the system's programs, and nothing of anybody's."""
    argv = [
        bubblewrap() or "bwrap",
        *("--unshare-user", "--uid", _UID, "--gid", _UID, "--disable-userns", "--cap-drop", "ALL"),
        *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "flow", "--unshare-cgroup-try"),
        *("--die-with-parent", "--clearenv"),
    ]
    if not spec.terminal:
        argv.append("--new-session")
    if spec.network != "host":
        argv.append("--unshare-net")
    for name, value in worker_environment(isolated=True).items():
        argv += ["--setenv", name, value]
    argv += ["--ro-bind", "/usr", "/usr", *_system_folders()]
    for name in _ETC:
        if name == "resolv.conf" and spec.network != "host":
            continue
        argv += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    own = ("passwd", "group") if spec.network != "limited" else ("passwd", "group", "resolv.conf")
    for name in own:
        argv += ["--ro-bind", str(_STATIC_ETC / name), f"/etc/{name}"]
    scratch = str(limits.scratch)
    argv += [*_kernel_files(), "--size", scratch, "--tmpfs", "/dev/shm"]  # noqa: S108 - inside the sandbox.
    return [*argv, "--size", scratch, "--tmpfs", "/tmp", "--size", scratch, "--tmpfs", HOME]  # noqa: S108


def _kernel_files() -> list[str]:
    argv = ["--proc", "/proc", "--dev", "/dev"]
    for name in _PROC_READ_ONLY:
        if Path("/proc", name).exists():
            argv += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
    for name in _PROC_CLOSED:
        if Path("/proc", name).exists():
            argv += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    return argv


def _system_folders() -> list[str]:
    """`/bin`, `/lib` and their like: links into `/usr` on most systems, folders on some."""
    argv: list[str] = []
    for name in _SYSTEM:
        folder = Path("/", name)
        if folder.is_symlink():
            argv += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            argv += ["--ro-bind", str(folder), str(folder)]
    return argv


def _read_only(folders: Iterable[Path]) -> list[str]:
    """Each folder at its own path, outer ones first, inner ones left out."""
    argv: list[str] = []
    bound = [Path("/usr")]
    for folder in sorted(set(folders), key=lambda path: len(path.parts)):
        if not any(folder.is_relative_to(outer) for outer in bound):
            bound.append(folder)
            argv += ["--ro-bind", str(folder), str(folder)]
    return argv


def _runtime_folders() -> list[Path]:
    """The interpreter, its packages, and ours; never the folder somebody happened to start the studio in."""
    folders = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), *_interpreter_homes()]
    working = Path.cwd()
    for entry in map(Path, sys.path):
        if entry.is_absolute() and entry.is_dir() and not working.is_relative_to(entry):
            folders.append(entry)
    folders.append(Path(__file__).resolve().parents[1])
    return [folder for folder in folders if len(folder.parts) > 2]


def _interpreter_homes() -> list[Path]:
    """Where each hop of the interpreter's chain of links lives (`…/bin/python` → `…`)."""
    homes: list[Path] = []
    hop = Path(sys.executable)
    while hop.is_symlink() and len(homes) < 10:
        hop = hop.parent / hop.readlink()
        homes.append(hop.parent.parent)
    return homes
