"""One request of git over HTTP, answered by `git http-backend` in the sandbox of the repository's owner.

The repository's own `config` is covered by one of ours, so nothing that it names is run; hooks are off. A push brings
the folder up to date where it is clean (git's `updateInstead`), and is refused with git's reason where it is not.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO

from pfstudio.git.config import Setting, write_settings
from pfstudio.git.handing import config_variables
from pfstudio.git.identity import Identity
from pfstudio.git.process import ENVIRONMENT, OPTIONS
from pfstudio.git.repository import Repository
from pfstudio.sandbox.isolation import Bind, SandboxSpec
from pfstudio.sandbox.limits import GIT
from pfstudio.sandbox.processes import SandboxedProcess, start

_SERVICES = ("git-upload-pack", "git-receive-pack")
_CONTENT_TYPE = re.compile(r"application/x-git-[a-z-]+-request\Z")
_PROTOCOL = re.compile(r"[a-z0-9=:.-]{1,200}\Z")
_SETTINGS = {
    **{name: value for name, value in OPTIONS.items() if name not in ("credential.helper", "protocol.allow")},
    "core.alternateRefsCommand": ":",
    "core.logAllRefUpdates": "true",
    "gpg.program": "false",
    "http.getanyfile": "false",
    "http.receivepack": "true",
    "http.uploadpack": "true",
    "pack.compression": "1",
    "receive.advertisePushOptions": "false",
    "receive.autogc": "false",
    "receive.denyCurrentBranch": "updateInstead",
    "receive.fsckObjects": "true",
    "safe.directory": "*",
}


@dataclass(frozen=True, slots=True)
class GitRequest:
    """What is asked of a repository: `call` is `info/refs` or a service, `service` the one it is about."""

    method: str
    call: str
    service: str
    content_type: str = ""
    content_encoding: str = ""
    protocol: str = ""

    @property
    def pushes(self) -> bool:
        return self.service == "git-receive-pack"

    @property
    def changes(self) -> bool:
        """Whether this request itself brings something in; what goes before it only asks."""
        return self.pushes and self.call != "info/refs"


def parse_request(method: str, path: str, query: str, headers: Mapping[str, str]) -> tuple[str, GitRequest] | None:
    """The path of the folder, as text, and what is asked of it; None for what is no request of git's."""
    if method == "GET" and path.endswith("/info/refs"):
        service = query.removeprefix("service=")
        call = "info/refs"
    elif method == "POST":
        call = service = path.rpartition("/")[2]
    else:
        return None
    if service not in _SERVICES or (call == "info/refs" and query != f"service={service}"):
        return None
    content_type, protocol = headers.get("content-type", ""), headers.get("git-protocol", "")
    request = GitRequest(
        method,
        call,
        service,
        content_type if _CONTENT_TYPE.match(content_type) else "",
        "gzip" if headers.get("content-encoding", "") in ("gzip", "x-gzip") else "",
        protocol if _PROTOCOL.match(protocol) else "",
    )
    return path.removesuffix(f"/{call}").strip("/"), request


@contextlib.contextmanager
def backend(
    repository: Repository, request: GitRequest, body: IO[bytes], length: int, *, identity: Identity, most: int
) -> Iterator[SandboxedProcess]:
    """The running `git http-backend`, whose output is the answer as a CGI program gives it; ended with the block.

    Raises:
        SandboxUnavailableError: it could not be started.
    """
    own = [Setting("core", None, "bare", "false"), Setting("core", None, "logallrefupdates", "true")]
    with tempfile.NamedTemporaryFile(prefix="pfstudio-git-") as config:
        config.write(write_settings([*repository.settings, *own]).encode())
        config.flush()
        root = Path(os.path.realpath(repository.share.root))
        spec = SandboxSpec(
            binds=(
                Bind(repository.folder, request.changes, below=root),
                Bind(Path(config.name), at=repository.git_folder / "config"),
            ),
            working_folder=repository.folder,
            variables=_variables(repository, request, length, identity, most),
            network="none",
        )
        program = ["/usr/bin/env", "git", "http-backend"]
        running = start(spec, GIT, program, subject="Git", stdin=body, stdout=PIPE, stderr=DEVNULL)
        try:
            yield running
        finally:
            running.end()
            if running.process.stdout is not None:
                running.process.stdout.close()


def _variables(
    repository: Repository, request: GitRequest, length: int, identity: Identity, most: int
) -> dict[str, str]:
    settings = {**_SETTINGS, "receive.maxInputSize": str(most)}
    return {
        **ENVIRONMENT,
        **config_variables(settings),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_HTTP_MAX_REQUEST_BUFFER": "8m",
        "PATH_TRANSLATED": f"{repository.git_folder}/{request.call}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": f"service={request.service}" if request.call == "info/refs" else "",
        "CONTENT_TYPE": request.content_type,
        "CONTENT_LENGTH": str(length),
        "HTTP_CONTENT_ENCODING": request.content_encoding,
        "GIT_PROTOCOL": request.protocol,
        "REMOTE_USER": identity.name,
        **identity.variables(),
    }
