"""How our code comes into an environment: by two folders at the end of its path, and nothing else of the studio's.

One holds `pfstudio` and `promptflow`; the other the few libraries that the engine itself needs and those that flows
expect to find (decision 0019), so that a flow with a single wheel runs without asking any index. What the environment
holds by itself comes first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from importlib import metadata, util
from pathlib import Path

import pfstudio

NEEDED = ("httpx2", "jinja2", "pyyaml", "python-dotenv", "requests")
POINTER = "zz-pfstudio.pth"
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")


def our_folders(within: Path) -> list[Path]:
    """The two folders, made below `within` where they are not there yet."""
    code = {"pfstudio": Path(pfstudio.__file__).parent, **_compatibility()}
    return [_folder_of_links(within, "code", code), _folder_of_links(within, "libraries", dict(_libraries()))]


def _compatibility() -> dict[str, Path]:
    spec = util.find_spec("promptflow")
    for place in spec.submodule_search_locations or () if spec else ():
        if (Path(place) / "_pfstudio.py").is_file():
            return {"promptflow": Path(place)}
    beside = Path(pfstudio.__file__).parents[1]
    for folder in (beside / "pfstudio_compat" / "promptflow", beside / "compat" / "promptflow"):
        if folder.is_dir():
            return {"promptflow": folder}
    return {}


def _libraries() -> Iterator[tuple[str, Path]]:
    """Every top-level name that the needed distributions, and those they need, brought with them."""
    waiting, seen = list(NEEDED), set()
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        with contextlib.suppress(metadata.PackageNotFoundError):
            found = metadata.distribution(name)
            waiting += _names_in(found.requires or ())
            for file in found.files or ():
                if len(file.parts) > 1 or file.suffix in (".py", ".so"):
                    top = file.parts[0]
                    if top not in ("..", "__pycache__"):
                        yield top, Path(str(found.locate_file(top)))


def _names_in(requirements: Iterable[str]) -> Iterator[str]:
    for text in requirements:
        match = _REQUIREMENT.match(text)
        if match is not None and "extra ==" not in text and "extra==" not in text:
            yield match[0]


def _folder_of_links(within: Path, kind: str, links: dict[str, Path]) -> Path:
    digest = hashlib.sha256("\n".join(f"{name} {path}" for name, path in sorted(links.items())).encode())
    folder = within / f"{kind}-{digest.hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    unfinished = within / f"{folder.name}.{os.getpid()}"
    unfinished.mkdir(parents=True, exist_ok=True)
    for name, path in links.items():
        with contextlib.suppress(FileExistsError):
            (unfinished / name).symlink_to(path)
    with contextlib.suppress(OSError):  # Another process of the studio has made it meanwhile.
        unfinished.rename(folder)
    return folder
