"""What is in conflict, and deciding it: a whole file, its text, or a flow file part by part."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pfstudio.git.blobs import read_blobs
from pfstudio.git.errors import NotInConflictError, ResolutionRefusedError
from pfstudio.git.flow_merge import FlowMerge, Side, merge_flows
from pfstudio.git.flow_parts import NoPartsError
from pfstudio.git.process import Git
from pfstudio.git.staging import nul_separated
from pfstudio.git.status import FileEntry, read_status
from pfstudio.share import trash
from pfstudio.share.content import write_bytes
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import SharePath

MOST_FILES = 100
_LARGEST = 2_000_000
_MOST_TEXT = 8_000_000
_MOST_ENTRIES = 20_000
_FLOW_FILES = ("flow.dag.yaml", "flow.dag.yml")
_STAGES: tuple[tuple[Side, str], ...] = (("base", "1"), ("ours", "2"), ("theirs", "3"))
_FILE_MODES = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Sides:
    """What a file is on each side; None where it is not there. `texts` is None for what is no text."""

    ids: Mapping[Side, str]
    texts: Mapping[Side, str | None] | None
    is_cut: bool


@dataclass(frozen=True, slots=True)
class ConflictFile:
    entry: FileEntry
    sides: Sides
    merge: FlowMerge | None


@dataclass(frozen=True, slots=True)
class Conflicts:
    ours_name: str
    theirs_name: str
    files: list[ConflictFile]


def list_conflicts(git: Git) -> Conflicts:
    """The files in conflict with their sides; of flow files, what differs part by part."""
    status = read_status(git, most=_MOST_ENTRIES)
    stages = _stages(git)
    told = status.conflicts[:MOST_FILES]
    ids = [blob for entry in told for blob in stages.get(entry.inside, {}).values()]
    contents = read_blobs(git, ids, largest=_LARGEST, room=_MOST_TEXT)
    files = []
    for entry in told:
        sides = _sides(stages.get(entry.inside, {}), contents)
        files.append(ConflictFile(entry, sides, _merge(entry.inside, sides)))
    return Conflicts(status.branch or "HEAD", status.merging or "theirs", files)


def resolve(
    git: Git,
    path: SharePath,
    *,
    content: str | None = None,
    take: Side | None = None,
    parts: Mapping[str, Side] | None = None,
    actor_name: str,
) -> None:
    """Decide one file in conflict, by its new content, by a side, or by a side for each part; it is staged then.

    Raises:
        NotInConflictError: it is not, or not any more.
        ResolutionRefusedError: none or more than one way is named, or the file has no such parts.
    """
    if sum(each is not None for each in (content, take, parts)) != 1:
        raise ResolutionRefusedError("name one of 'content', 'take' and 'parts'")
    inside = git.repository.inside(path)
    ids = _stages(git).get(inside)
    if ids is None:
        raise NotInConflictError(str(path))
    if parts is not None:
        content = _merged_text(git, inside, ids, parts)
    if take is not None:
        _take(git, path, ids.get(take), actor_name=actor_name)
    elif content is not None:
        write_bytes(git.repository.share, path, content.encode(errors="surrogateescape"))
    git.run(
        *("add", "--all", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"),
        what="mark the conflict as resolved",
        stdin=nul_separated([inside]),
    )


def _merged_text(git: Git, inside: str, ids: Mapping[Side, str], parts: Mapping[str, Side]) -> str:
    sides = _sides(ids, read_blobs(git, list(ids.values()), largest=_LARGEST, room=_MOST_TEXT))
    merge = _merge(inside, sides, parts)
    if merge is None:
        raise ResolutionRefusedError("the file cannot be taken apart; choose a side, or write its text")
    if unknown := set(parts) - merge.open_ids:
        raise ResolutionRefusedError(f"it has no part '{sorted(unknown)[0][:80]}' in conflict")
    return merge.text


def _take(git: Git, path: SharePath, blob: str | None, *, actor_name: str) -> None:
    if blob is None:
        try:
            trash.put(git.repository.share, path, deleted_by=actor_name)
        except PathNotFoundError:
            return  # Git left nothing there either.
        return
    answer = git.run("cat-file", "blob", blob, what="read that side", most=256 * 2**20, seconds=60)
    write_bytes(git.repository.share, path, answer.output)


def _merge(inside: str, sides: Sides, choices: Mapping[str, Side] | None = None) -> FlowMerge | None:
    texts = sides.texts
    if inside.rsplit("/", 1)[-1] not in _FLOW_FILES or not texts or sides.is_cut:
        return None
    ours, theirs = texts.get("ours"), texts.get("theirs")
    if ours is None or theirs is None:
        return None
    try:
        return merge_flows(texts.get("base"), ours, theirs, inside, choices=choices)
    except NoPartsError:
        return None


def _stages(git: Git) -> dict[str, dict[Side, str]]:
    """The blobs of each file in conflict, by side."""
    output = git.run("ls-files", "--unmerged", "-z", what="look for conflicts").output
    found: dict[str, dict[Side, str]] = {}
    by_number = {number: side for side, number in _STAGES}
    for record in output.split(b"\0"):
        about, _, path = record.partition(b"\t")
        words = about.decode().split()
        if len(words) == 3 and words[2] in by_number and words[0] in _FILE_MODES:
            found.setdefault(os.fsdecode(path), {})[by_number[words[2]]] = words[1]
        elif len(words) == 3:
            found.setdefault(os.fsdecode(path), {})
    return found


def _sides(ids: Mapping[Side, str], contents: Mapping[str, bytes | None]) -> Sides:
    texts: dict[Side, str | None] = {}
    for side, blob in ids.items():
        content = contents.get(blob)
        if content is None:
            return Sides(ids, None, is_cut=True)
        if b"\0" in content[:8000] or not _is_text(content):
            return Sides(ids, None, is_cut=False)
        texts[side] = content.decode()
    return Sides(ids, texts, is_cut=False)


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
