"""`pfstudio doctor`: what works on this machine, before something does not."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from pfstudio import __version__
from pfstudio.cli import arguments, output, version


def add_commands(commands: arguments.Subcommands) -> None:
    parser = arguments.add_command(commands, "pfstudio.doctor", "Show what is active on this machine.", doctor)
    parser.add_argument("--data", metavar="DIR", help="The studio's data folder.")


def doctor(args: argparse.Namespace) -> None:
    from pfstudio.sandbox.isolation import probe
    from pfstudio.server.commands import describe_history

    found = probe()
    data = data_folder(args.data)
    rows = [
        ("pfstudio", f"{__version__} ({Path(__file__).resolve().parents[1]})"),
        ("python", f"{sys.version.split()[0]} ({sys.executable})"),
        ("promptflow", version.who_answers()),
        ("isolation", found.describe()),
        ("memory limit", found.memory),
        ("network", found.network),
        ("git", _git_version()),
        ("data folder", f"{data} ({_access(data)})"),
        ("history", describe_history(data)),
    ]
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        output.write(f"{name:<{width}}  {text}")


def data_folder(given: str | None) -> Path:
    """Where the studio keeps its data: what was given, `PFSTUDIO_DATA`, or a folder in the user's data home."""
    chosen = given or os.environ.get("PFSTUDIO_DATA")
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home, "pfstudio")


def _git_version() -> str:
    git = shutil.which("git")
    if git is None:
        return "not found; history and repositories need it"
    answer = subprocess.run([git, "--version"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 - found by which, no shell.
    return f"{answer.stdout.strip().removeprefix('git version ')} ({git})"


def _access(folder: Path) -> str:
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    writable = os.access(existing, os.W_OK)
    if folder.exists():
        return "writable" if writable else "not writable"
    return "will be made by `pfstudio serve`" if writable else f"cannot be made: {existing} is not writable"
