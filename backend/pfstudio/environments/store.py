"""Environments on disk, below `environments/` of the studio's data.

`<id>/` is one that was built: `venv`, `about.json`, `log.txt`, and in `uses` the flows that run with it. `keys/<key>`
names the one for a content. `wheels/` is where those are built whose packages run no code while they are installed;
`own-<owner>/` where those are that do: what such code leaves in a cache or an environment reaches its owner alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.environments.libraries import POINTER
from pfstudio.environments.places import Recipe
from pfstudio.kit.ids import new_id
from pfstudio.sandbox.isolation import open_folder
from pfstudio.share.diskspace import use_of

_LEFT_SECONDS = 24 * 3600
_RETIRED_SECONDS = 20 * 60
"""A worker may still run with an environment that was replaced; none does for longer."""
_DAY = 24 * 3600
_MOST_PACKAGES = 5_000


@dataclass(frozen=True, slots=True)
class Built:
    """An environment that can be used. `packages` are names and versions."""

    id: str
    folder: Path
    about: dict[str, Any]

    @property
    def venv(self) -> Path:
        return self.folder / "venv"

    @property
    def packages(self) -> list[tuple[str, str]]:
        return [(str(name), str(version)) for name, version in self.about.get("packages", [])]

    @property
    def log(self) -> str:
        try:
            return (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One that is being built. `area` is shared by all of its kind; with an `owner`, code of packages may run."""

    id: str
    area: Path
    owner: str | None

    @property
    def folder(self) -> Path:
        return self.area / "building" / self.id

    @property
    def inputs(self) -> Path:
        return self.folder / "inputs"

    @property
    def venv(self) -> Path:
        return self.folder / "venv"

    @property
    def cache(self) -> Path:
        return self.area / "cache"


class Store:
    """Safe to use from several threads and processes: what appears, appears whole."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, recipe: Recipe) -> Built | None:
        """The environment of this content: the one that all share, else the owner's own."""
        for key in (recipe.key, _own_key(recipe)):
            with contextlib.suppress(OSError, ValueError):
                name = (self.root / "keys" / key).read_text(encoding="ascii").strip()
                return self._read(self.root / name)
        return None

    def begin(self, owner: str | None) -> Draft:
        """A place to build in."""
        area = self.root / (f"own-{owner}" if owner else "wheels")
        draft = Draft(new_id(), area, owner)
        for folder in (draft.cache, draft.inputs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if owner:
            _write(area / "about.json", json.dumps({"owner": owner}))
        return draft

    def publish(self, draft: Draft, recipe: Recipe, about: dict[str, Any], log: str) -> Built:
        """Make what was built the environment of its content; one it replaces goes when nobody can run with it."""
        folder = self.root / draft.id
        folder.mkdir(mode=0o700)
        draft.venv.rename(folder / "venv")
        size = use_of(folder).bytes
        content = {**about, "owner": recipe.owner, "key": recipe.key, "built_at": time.time(), "size": size}
        _write(folder / "log.txt", log)
        _write(folder / "about.json", json.dumps(content))
        before = self.find(recipe)
        pointer = self.root / "keys" / (_own_key(recipe) if draft.owner else recipe.key)
        pointer.parent.mkdir(mode=0o700, exist_ok=True)
        _write(pointer, draft.id)
        if before is not None:
            self._retire(before)
        return Built(draft.id, folder, content)

    def discard(self, draft: Draft) -> None:
        shutil.rmtree(draft.folder, ignore_errors=True)

    def used(self, built: Built, flow: str) -> None:
        """Note that a flow runs with it now."""
        uses = built.folder / "uses"
        with contextlib.suppress(OSError):
            uses.mkdir(exist_ok=True)
            _write(uses / _mark(flow), flow)

    def users(self, built: Built) -> list[str]:
        """The flows that ran with it."""
        found = []
        with contextlib.suppress(OSError):
            found = [file.read_text(encoding="utf-8") for file in (built.folder / "uses").iterdir()]
        return sorted(found)

    def leave(self, built: Built, recipe: Recipe, flow: str) -> bool:
        """A flow uses it no longer; it goes with its last one. Tells whether it goes."""
        with contextlib.suppress(OSError):
            (built.folder / "uses" / _mark(flow)).unlink()
        if self.users(built):
            return False
        self._forget(built, (recipe.key, _own_key(recipe)))
        return True

    def sweep(self, *, days: int, cache_bytes: int) -> None:
        """Remove what was replaced, what nobody has used for `days`, builds that were cut off, and grown caches."""
        now = time.time()
        for folder in _folders(self.root):
            if folder.name == "wheels" or folder.name.startswith("own-"):
                self._sweep_area(folder, now, cache_bytes, days)
            elif (folder / "about.json").exists():
                self._sweep_built(folder, now, days)

    def _sweep_built(self, folder: Path, now: float, days: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            built = self._read(folder)
            retired = built.folder / "retired"
            if retired.exists():
                if now - retired.stat().st_mtime > _RETIRED_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
                return
            uses = [file.stat().st_mtime for file in (folder / "uses").iterdir()] if (folder / "uses").exists() else []
            if days and now - max([*uses, (folder / "about.json").stat().st_mtime]) > days * _DAY:
                owned = f"{built.about['key']}-{built.about['owner']}"
                self._forget(built, (str(built.about["key"]), owned))

    def _sweep_area(self, area: Path, now: float, cache_bytes: int, days: int) -> None:
        for draft in _folders(area / "building"):
            if now - draft.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(draft, ignore_errors=True)
        cache = area / "cache"
        with contextlib.suppress(OSError):
            is_old = days and now - cache.stat().st_mtime > days * _DAY
            if not any(_folders(area / "building")) and (is_old or use_of(cache).bytes > cache_bytes):
                shutil.rmtree(cache, ignore_errors=True)

    def _forget(self, built: Built, keys: tuple[str, ...]) -> None:
        for key in keys:
            pointer = self.root / "keys" / key
            with contextlib.suppress(OSError):
                if pointer.read_text(encoding="ascii").strip() == built.id:
                    pointer.unlink()
        self._retire(built)

    def _retire(self, built: Built) -> None:
        with contextlib.suppress(OSError):
            (built.folder / "retired").touch()

    def _read(self, folder: Path) -> Built:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        return Built(folder.name, folder, about)


def packages_of(venv: Path, *, below: Path) -> list[tuple[str, str]]:
    """Names and versions of what is installed, read off the names of folders; no link is followed, nothing runs."""
    with _site_packages(venv, below) as folder, os.scandir(folder) as items:
        names = [item.name.removesuffix(".dist-info") for item in items if item.name.endswith(".dist-info")]
    parts = [name.rpartition("-") for name in sorted(names, key=str.lower)[:_MOST_PACKAGES]]
    return [(name.replace("_", "-"), version) for name, _, version in parts if name]


def point_to(venv: Path, folders: list[Path], *, below: Path) -> None:
    """Put our folders at the end of the environment's path, where they do not stand there yet."""
    text = "".join(f"{folder}\n" for folder in folders).encode()
    with _site_packages(venv, below) as folder:
        with contextlib.suppress(OSError):
            file = os.open(POINTER, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
            with os.fdopen(file, "rb") as found:
                if found.read() == text:
                    return
            os.unlink(POINTER, dir_fd=folder)
        file = os.open(POINTER, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
        with os.fdopen(file, "wb") as made:
            made.write(text)


@contextlib.contextmanager
def _site_packages(venv: Path, below: Path) -> Iterator[int]:
    """A descriptor of the folder of packages; code of packages may have put links in the way."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = open_folder(venv / "lib" / version / "site-packages", below=below)
    try:
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)  # The other one cannot be listed.
    finally:
        os.close(folder)
    try:
        yield readable
    finally:
        os.close(readable)


def _own_key(recipe: Recipe) -> str:
    return f"{recipe.key}-{recipe.owner}"


def _mark(flow: str) -> str:
    return hashlib.sha256(flow.encode()).hexdigest()[:24]


def _folders(place: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return [item for item in place.iterdir() if item.is_dir() and not item.is_symlink()]
    return []


def _write(file: Path, text: str) -> None:
    unfinished = file.with_name(f".{file.name}.{new_id(8)}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
