"""Copies files and folders within the share, from anybody's folder into one's own: all of it or nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pfstudio.share.content import Precondition, begin_write, open_file, read_pieces
from pfstudio.share.errors import EntryExistsError, ReservedPathError, StaleFileError, from_os_error
from pfstudio.share.files import Entry, free_paths, make_parents, require_not_git, require_writable, stat_entry
from pfstudio.share.handles import O_PATH
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import Share, SharePath, require_new_name
from pfstudio.share.walk import Found, walk_folder

_PIECE = 1 << 20


def copy_entry(share: Share, source: SharePath, target: SharePath, *, find_name: bool = False) -> Entry:
    """Copy a file or a whole folder; what an export leaves out is not copied. Nothing is overwritten.

    Links stay links where they stay in the folder; others come as the file they lead to, or not at all. With
    `find_name`, the copy gets a free name beside `target` where something is there already.

    Raises:
        PathNotFoundError: nothing is there to copy.
        EntryExistsError: something is at the target already.
        ArchiveTooLargeError: the folder holds more than may come in at once.
    """
    for path in (source, target):
        if not path.parts:
            raise ReservedPathError(str(path), "it is a folder of the share itself")
        require_not_git(path, path.parts)
    require_new_name(target.name)
    places = free_paths(target) if find_name else iter((target,))
    if _is_folder(share, source):
        return _copy_folder(share, source, list(places))
    for place in places:
        try:
            return _copy_file(share, source, place)
        except StaleFileError:
            continue
    raise EntryExistsError(str(target))


def copy_tree(share: Share, source: SharePath, incoming: Incoming) -> None:
    """Put all that is in a folder of the share into `incoming`.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
        ArchiveTooLargeError: it holds more than may come in at once.
    """
    try:
        for item in walk_folder(share, source):
            incoming.count_entry()
            _copy_item(item, incoming)
    except OSError as error:
        raise from_os_error(error, str(source)) from error


def _copy_item(item: Found, incoming: Incoming) -> None:
    place = incoming.folder.joinpath(*item.names)
    if item.kind == "folder":
        place.mkdir(exist_ok=True)
    elif item.kind == "link":
        place.symlink_to(item.link)
    else:
        _copy_content(item, place, incoming)


def _copy_content(item: Found, place: Path, incoming: Incoming) -> None:
    with place.open("xb", buffering=0) as writer:
        while piece := os.read(item.fd, _PIECE):
            incoming.write(writer, piece)
        os.fchmod(writer.fileno(), item.mode & 0o777 | 0o600)


def _copy_folder(share: Share, source: SharePath, places: list[SharePath]) -> Entry:
    with Incoming(share) as incoming:
        copy_tree(share, source, incoming)
        for place in places:
            make_parents(share, place)
            with share.locate(place, follow_leaf=False) as found:
                require_writable(place, found)
            try:
                incoming.place(place)
            except EntryExistsError:
                continue
            return stat_entry(share, place)
    raise EntryExistsError(str(places[0]))


def _copy_file(share: Share, source: SharePath, target: SharePath) -> Entry:
    opened = open_file(share, source)
    with opened.file:
        mode = os.fstat(opened.file.fileno()).st_mode
        with begin_write(share, target, Precondition(none_match=frozenset())) as upload:
            for piece in read_pieces(opened.file, 0, opened.size):
                upload.write(piece)
            upload.set_mode(mode)
            return upload.commit().entry


def _is_folder(share: Share, path: SharePath) -> bool:
    fd = share.open(path, O_PATH)
    try:
        return stat.S_ISDIR(os.fstat(fd).st_mode)
    finally:
        os.close(fd)
