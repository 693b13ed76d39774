"""`pfstudio serve`, `link` and `user reset`, as the command line calls them.

Only what `serve` itself needs is loaded: the web framework and the database are the web process's.
"""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio import __version__
from pfstudio.db import upgrade
from pfstudio.errors import ConflictError, InvalidError, PromptflowException, UnavailableError
from pfstudio.server import settings as setting
from pfstudio.server.datafolder import lock_data_folder, make_data_folder, running_address
from pfstudio.server.settings import Settings, read_settings
from pfstudio.server.supervisor import Ready, Supervisor

PAGES = Path(__file__).with_name("static") / "index.html"


class PortTakenError(ConflictError):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"Port {port} on {host} is taken by another program. Choose another one with --port.")


class CannotListenError(InvalidError):
    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"The studio cannot listen on {host}, port {port}: {reason}.")


class GitMissingError(UnavailableError):
    def __init__(self) -> None:
        super().__init__("pfstudio needs git, and there is none on the path. Install it, e.g. `apt-get install git`.")


class NeverStartedError(InvalidError):
    def __init__(self, data: Path) -> None:
        super().__init__(f"No studio has been started with the data folder {data} yet. Run `pfstudio serve` first.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A flag for each setting."""
    setting.add_flags(parser)


def describe_history(data: Path) -> str:
    """How much history a data folder holds, and whether it is sound."""
    from pfstudio.history.condition import describe

    return describe(Settings(data=data).snapshots)


def serve(arguments: argparse.Namespace) -> int:
    """Run the studio until it is told to end."""
    try:
        return _serve(read_settings(os.environ, setting.flags_of(arguments)))
    except PromptflowException as error:
        return _fail(error)
    except KeyboardInterrupt:
        return 130


def link(arguments: argparse.Namespace) -> int:
    """Print a new sign-in link of the user made first."""
    return _print_link(arguments, username=None)


def reset_user(arguments: argparse.Namespace) -> int:
    """Print a link by which a user sets a new password."""
    return _print_link(arguments, username=arguments.name)


def import_share(
    arguments: argparse.Namespace, folder: Path, *, names: Mapping[str, str], dry_run: bool
) -> dict[str, Any]:
    """Bring in a downloaded Azure file share, and tell of each user and folder what became of it.

    Raises:
        NeverStartedError: there is no studio with these settings yet.
    """
    settings = read_settings(os.environ, setting.flags_of(arguments))
    file = upgrade.sqlite_file(settings.url_of_database)
    if file is not None and not file.exists():
        raise NeverStartedError(settings.data)
    from pfstudio.server.deps import Studio
    from pfstudio.server.share_import import import_share as bring_in

    studio = Studio(settings)
    try:
        return bring_in(studio, folder, names=names, dry_run=dry_run).to_dict()
    finally:
        studio.close()


def _serve(settings: Settings) -> int:
    if shutil.which("git") is None:
        raise GitMissingError
    make_data_folder(settings.data)
    with _listen(settings) as listening:
        address = _address(settings, listening.getsockname()[1])
        with lock_data_folder(settings.data, address):
            environment = os.environ | settings.to_environment()
            _upgrade_database(settings, environment)
            supervisor = Supervisor(listening, environment, prepare=lambda: _upgrade_database(settings, environment))
            return supervisor.run(lambda ready: _greet(settings, address, ready))


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host.strip("[]"), settings.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        address = running_address(settings.data)
        if error.errno == errno.EADDRINUSE and address == _address(settings, settings.port):
            with lock_data_folder(settings.data, address):
                pass  # Free: the file is of a studio that was killed, and something else has the port.
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(settings.host, settings.port) from error
        raise CannotListenError(settings.host, settings.port, error.strerror or str(error)) from error
    return listening


def _upgrade_database(settings: Settings, environment: dict[str, str]) -> None:
    """Run missing migrations in a process of their own, which keeps this one small."""
    url = settings.url_of_database
    if upgrade.is_current(url):
        return
    variables = {"PFSTUDIO_DATABASE_URL": url, "PFSTUDIO_BACKUPS": str(settings.data / "backups")}
    command = [sys.executable, "-P", "-m", "pfstudio.db.upgrade"]
    done = subprocess.run(  # noqa: S603 - our own module.
        command, env=environment | variables, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise upgrade.UpgradeError(done.stderr)


def _greet(settings: Settings, address: str, ready: Ready) -> None:
    lines = []
    target = address
    if ready.link is not None:
        target = _link_address(address, ready.link)
        lines.append(f"Sign in with this link; it works once and until tomorrow: {target}")
    lines.append(f"pfstudio {__version__} runs at {address} with its data in {settings.data}. Ctrl-C stops it.")
    if not PAGES.exists():
        lines.append("Its pages are not built, so only the API answers. In a checkout, `make pages` builds them.")
    _say("\n".join(lines))
    if settings.browser and sys.stdout.isatty() and _has_display():
        import webbrowser

        webbrowser.open(target)


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _print_link(arguments: argparse.Namespace, *, username: str | None) -> int:
    try:
        settings = read_settings(os.environ, setting.flags_of(arguments))
        file = upgrade.sqlite_file(settings.url_of_database)
        if file is not None and not file.exists():
            raise NeverStartedError(settings.data)
        token = _new_link(settings, username)
    except PromptflowException as error:
        return _fail(error)
    address = running_address(settings.data) or _address(settings, settings.port)
    _say(_link_address(address, token))
    return 0


def _new_link(settings: Settings, username: str | None) -> str:
    from pfstudio.accounts import links
    from pfstudio.db.session import Database

    database = Database(settings.url_of_database)
    try:
        with database.write() as session:
            return links.new_link_for(session, username)
    finally:
        database.close()


def _address(settings: Settings, port: int) -> str:
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound.
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}{settings.base_path}"


def _link_address(address: str, token: str) -> str:
    # Behind '#', the secret is never sent to a server, so it is in no log of a proxy either.
    return f"{address}/sign-in#token={token}"


def _say(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


def _fail(error: PromptflowException) -> int:
    sys.stderr.write(f"{error}\n")
    return 1
