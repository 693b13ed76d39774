"""One build: from the recipe to an environment that can be used. It runs in a thread of its own.

Wheels run no code while they are installed, so a first try takes nothing else: its cache and its result are shared by
all. Only where a package comes as source is it built, in the owner's own area and without the passwords of indexes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from pfstudio.environments import messages
from pfstudio.environments.errors import BuildFailedError, SourceNeededError, without_secrets
from pfstudio.environments.indexes import Indexes
from pfstudio.environments.libraries import our_folders
from pfstudio.environments.places import Recipe, copy_file
from pfstudio.environments.process import Bounds, Processes, uv_program
from pfstudio.environments.progress import Progress, progress_of
from pfstudio.environments.requirements import KIN
from pfstudio.environments.sandboxing import Surroundings
from pfstudio.environments.store import Built, Draft, Store, packages_of, point_to
from pfstudio.sandbox.isolation import Network
from pfstudio.sandbox.network import Rules
from pfstudio.share.paths import Share

_SECRET = 6
_OWN_PLACE = re.compile(r"(?<=^Using Python )(\S+) environment at: .*")
_KEPT_LINES = 4_000


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What every build of a studio needs. A limited network lets the studio's own indexes and proxies through."""

    share: Share
    store: Store
    indexes: Indexes
    allows_sources: bool = True
    network: Network = "host"
    own_port: int | None = None


@dataclass(slots=True)
class Work:
    """The build under way: `told` hears how far it is, `logged` each line of its log."""

    recipe: Recipe
    kitchen: Kitchen
    bounds: Bounds
    fresh: bool
    told: Callable[[Progress], None]
    logged: Callable[[str], None]
    log: list[str] = field(default_factory=list)
    progress: Progress = field(default_factory=lambda: Progress("starting"))

    def run(self) -> Built:
        """Build it.

        Raises:
            PromptflowException: it could not be built, in one sentence.
        """
        try:
            return self._build(owner=None)
        except SourceNeededError as error:
            if not self.kitchen.allows_sources:
                raise BuildFailedError(
                    "A package comes as source only, and this studio installs wheels alone: "
                    "PFSTUDIO_ENVIRONMENT_SOURCES is off."
                ) from error
        self._say("A package comes as source: building it apart, in an environment of this owner's own.")
        return self._build(owner=self.recipe.owner)

    def _build(self, owner: str | None) -> Built:
        store, started = self.kitchen.store, monotonic()
        draft = store.begin(owner)
        try:
            self._lay_out(draft)
            processes = self._processes(draft)
            self._make(processes, draft)
            self._install(processes, draft)
            processes.check_size()
            self._compile(processes, draft)
            point_to(draft.venv, our_folders(store.root), below=store.root)
            packages = packages_of(draft.venv, below=store.root)
            self._say(f"Ready in {monotonic() - started:.1f} s.")
            about: dict[str, Any] = {
                "packages": packages,
                "requested": self.recipe.requirements.names,
                "dropped": self.recipe.requirements.dropped,
                "python": ".".join(map(str, sys.version_info[:3])),
                "seconds": monotonic() - started,
                "from_source": owner is not None,
            }
            return store.publish(draft, self.recipe, about, "\n".join(self.log))
        finally:
            store.discard(draft)

    def _processes(self, draft: Draft) -> Processes:
        writable = [draft.cache, draft.folder] if draft.owner else [draft.area]
        readable = [uv_program(), *self._indexes(draft).folders()]
        around = Surroundings(
            tuple(writable),
            tuple(readable),
            hidden=(self.kitchen.store.root.parent,),
            network=self.kitchen.network,
            rules=Rules(self._indexes(draft).servers(), self.kitchen.own_port),
        )
        return Processes(draft.folder, self.bounds, around)

    def _indexes(self, draft: Draft) -> Indexes:
        indexes = self.kitchen.indexes
        return indexes.without_passwords() if draft.owner else indexes

    def _lay_out(self, draft: Draft) -> None:
        """Copies of all that uv reads: nothing of the share is in the sandbox, and nothing changes on the way."""
        recipe = self.recipe
        paths: list[str] = [""] * len(recipe.requirements.local)
        for number, file in enumerate(recipe.files):
            folder = draft.inputs / ("wheels" if file.number is None else str(number))
            if not (folder / file.path.name).exists():
                copy_file(self.kitchen.share, file, folder / file.path.name)
            if file.number is not None:
                paths[file.number] = str(folder / file.path.name)
        lines = [line.format(*paths) if paths and "{" in line else line for line in recipe.requirements.lines]
        _write(draft.inputs / "requirements.txt", lines)
        _write(draft.inputs / "constraints.txt", recipe.requirements.constraints)
        _write(draft.inputs / "overrides.txt", [f'{name} ; python_version < "0"' for name in KIN])

    def _make(self, processes: Processes, draft: Draft) -> None:
        command = ["venv", "--quiet", "--relocatable", "--no-project", "--python", sys.executable, str(draft.venv)]
        self._uv(processes, draft, command)

    def _install(self, processes: Processes, draft: Draft) -> None:
        wants = self.recipe.requirements
        inputs = draft.inputs
        command = [
            "pip",
            "install",
            "--python",
            str(draft.venv / "bin" / "python"),
            "-r",
            str(inputs / "requirements.txt"),
        ]
        command += ["--override", str(inputs / "overrides.txt")]
        command += ["--constraint", str(inputs / "constraints.txt")] if wants.constraints else []
        flags = {
            "--refresh": self.fresh,
            "--no-build": draft.owner is None,
            "--require-hashes": wants.needs_hashes,
            "--no-index": wants.no_index,
        }
        command += [flag for flag, is_set in flags.items() if is_set]
        command += ["--prerelease", "allow"] if wants.prerelease else []
        if draft.owner:
            command += [part for name in wants.no_binary for part in ("--no-binary", name)]
            command += [part for name in wants.only_binary for part in ("--only-binary", name)]
        command += [part for host in wants.hosts for part in ("--allow-insecure-host", host)]
        if draft.owner is None and wants.no_binary and ":none:" not in wants.no_binary:
            raise SourceNeededError("The file asks for source.")
        self._uv(processes, draft, command)

    def _uv(self, processes: Processes, draft: Draft, command: list[str]) -> None:
        said: list[str] = []

        def hear(line: str) -> None:
            said.append(line)
            self._say(line)
            if (progress := progress_of(line, self.progress)) is not None:
                self._tell(progress)

        code = processes.run([str(uv_program()), *command], self._variables(draft), hear)
        if code != 0:
            raise messages.failure_of(said, self.recipe.requirements)

    def _variables(self, draft: Draft) -> dict[str, str]:
        """The only way in for addresses with passwords: other users can read command lines, and files stay."""
        wants, variables = self.recipe.requirements, self._indexes(draft).to_environment()
        if wants.index:
            variables["UV_DEFAULT_INDEX"] = wants.index
        for name, values, between in (("UV_INDEX", wants.extra_indexes, " "), ("UV_FIND_LINKS", wants.pages, ",")):
            if values:
                variables[name] = between.join([*values, *filter(None, [variables.get(name)])])
        if wants.folders:
            links = [str(draft.inputs / "wheels"), *filter(None, [variables.get("UV_FIND_LINKS")])]
            variables["UV_FIND_LINKS"] = ",".join(links)
        return {
            "UV_CACHE_DIR": str(draft.cache),
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_SYSTEM_CERTS": "true",
            "UV_NO_PROGRESS": "1",
            "UV_CONCURRENT_BUILDS": "2",
            "NO_COLOR": "1",
            **variables,
        }

    def _compile(self, processes: Processes, draft: Draft) -> None:
        """Environments are read-only where they are used, so that nothing would be compiled there for good."""
        self._tell(Progress("compiling", self.progress.total, self.progress.total))
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = str(draft.venv / "lib" / version / "site-packages")
        # Without `site`: with it the installed packages' `.pth` files would run.
        command = [sys.executable, "-I", "-S", "-m", "compileall", "-qq", "-j", "2", packages]
        processes.run(command, {}, lambda _line: None, writable=False)

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        self.told(progress)

    def _say(self, line: str) -> None:
        if not line.strip() and not self.log:
            return
        text = _OWN_PLACE.sub(r"\1", without_secrets(line.rstrip()))
        for secret in self._secrets():
            text = text.replace(secret, "***")
        home = str(self.kitchen.store.root)
        text = text.replace(home, "environments")
        if len(self.log) < _KEPT_LINES:
            self.log.append(text)
            self.logged(text)

    def _secrets(self) -> list[str]:
        wants, indexes = self.recipe.requirements, self.kitchen.indexes
        addresses = [wants.index or "", indexes.default or "", *wants.extra_indexes, *wants.pages, *indexes.extra]
        parts = [address.partition("://")[2].rpartition("@")[0].partition(":") for address in addresses]
        return [part for name, _, password in parts for part in (password, name) if len(part) >= _SECRET]


def _write(file: Path, lines: list[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    os.chmod(file, 0o600)  # noqa: PTH101 - a line may hold an address with a password.
