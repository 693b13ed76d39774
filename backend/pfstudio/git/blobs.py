"""The contents of many files of a repository at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pfstudio.git.process import Git

_MOST_OUTPUT = 64 * 2**20
_SLACK = 200


def read_blobs(git: Git, names: Sequence[str], *, largest: int, room: int) -> Mapping[str, bytes | None]:
    """The contents by their names, such as `main:a.txt`, `:a.txt` or an id, each at most `largest` and together at most
    `room`; None for one that is larger. What is not there is left out.
    """
    asked = [name for name in dict.fromkeys(names) if "\n" not in name]
    if not asked:
        return {}
    sizes = _sizes(git, asked)
    found: dict[str, bytes | None] = {}
    fitting: list[str] = []
    used = 0
    for name, size in sizes.items():
        if size <= largest and used + size <= min(room, _MOST_OUTPUT):
            fitting.append(name)
            used += size
        else:
            found[name] = None
    if fitting:
        found.update(_contents(git, fitting, most=used + _SLACK * len(fitting)))
    return found


def _sizes(git: Git, names: Sequence[str]) -> dict[str, int]:
    answer = git.run("cat-file", "--batch-check=%(objecttype) %(objectsize)", what="read files", stdin=_lines(names))
    found = {}
    for name, line in zip(names, answer.text.split("\n"), strict=False):
        words = line.split(" ")
        if len(words) == 2 and words[0] == "blob" and words[1].isdigit():
            found[name] = int(words[1])
    return found


def _contents(git: Git, names: Sequence[str], *, most: int) -> dict[str, bytes]:
    output = git.run("cat-file", "--batch=%(objectsize)", what="read files", stdin=_lines(names), most=most).output
    found, at = {}, 0
    for name in names:
        end = output.find(b"\n", at)
        head = output[at:end]
        if end < 0 or not head.isdigit():
            break
        found[name] = output[end + 1 : end + 1 + int(head)]
        at = end + 2 + int(head)
    return found


def _lines(names: Sequence[str]) -> bytes:
    return b"".join(name.encode(errors="surrogateescape") + b"\n" for name in names)
