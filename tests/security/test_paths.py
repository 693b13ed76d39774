"""Nothing on the share leads out of its owner's folder: one corpus for every way of opening and every operation.

Rows 6, 24, 27 and 28 of the table of incidents: links as leaf and as ancestor, and bob beside bob2.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import stat
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.errors import PromptflowException
from pfstudio.flows.manifest import manifest_of
from pfstudio.flows.share_files import ShareFiles
from pfstudio.share import content, files, trash
from pfstudio.share.archive import zip_folder
from pfstudio.share.content_search import ContentQuery, search
from pfstudio.share.copying import copy_entry
from pfstudio.share.errors import NotReadableError, PathNotFoundError, ReservedPathError
from pfstudio.share.handles import READ, Root, open_beneath
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.walk import walk_folder

SECRET = "what nobody may see"

# What a hostile author can put into a folder: the name, and where the link leads. `{out}` is a folder beside the share.
LINKS = {
    "file": "{out}/secret.txt",
    "folder": "{out}",
    "up": "../../../outside/secret.txt",
    "neighbor": "../bob2/secret.txt",
    "neighbor_folder": "../bob2",
    "root": "/",
    "proc_root": "/proc/self/root{out}/secret.txt",
    "proc_cwd": "/proc/self/cwd",
    "proc_fd": "/proc/self/fd/0",
    "chain": "folder/secret.txt",
    "through_up": "inner/../../bob2/secret.txt",
    "prefix": "{users}/bob2/secret.txt",
    "dots": "inner/../../../Users/bob2/secret.txt",
    "loop": "loop",
    "loop_a": "loop_b",
    "loop_b": "loop_a",
}
TEXTS = [
    "..",
    "../..",
    "/etc/passwd",
    "//etc/passwd",
    "Users/..",
    "Users/../..",
    "Users/bob/..",
    "Users/bob/../bob2/secret.txt",
    "Users/bob/../../../outside/secret.txt",
    "Users/bob/./inner",
    "Users//bob2",
    "Users/bob//inner",
    "Users/bob/inner/../..",
    "Users\\bob",
    "Users/bob/..\\..\\outside",
    "C:/Windows",
    "C:",
    "Users/C:",
    "Users/bob/C:/x",
    "Users/bob/a\0b",
    "\0",
    "Users/\0",
    "Users/bob/" + "x" * 256,
    "Users/" + "/".join("x" * 200 for _ in range(30)),
    "Users/bob/\udcff",
    ".trash",
    ".incoming",
    "Users/.incoming",
    "trash",
    "pfstudio.db",
    "%2e%2e",
    "Users/%2e%2e/x",
    "users/bob",
    "Users/bob/inner/..",
    "etc",
    "~",
    "~root/x",
    "Users/bob/\uff0e\uff0e/secret.txt",
]


@pytest.fixture(params=["openat2", "walk"])
def share(tmp_path: Path, request: pytest.FixtureRequest) -> Share:
    """Bob's folder full of links that lead away; the share opens files in one of its two ways."""
    made = Share(tmp_path / "share", use_openat2=request.param == "openat2")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(SECRET)
    for owner in ("bob", "bob2"):
        made.ensure_owner(owner)
        (made.users / owner / "inner").mkdir()
    (made.users / "bob2" / "secret.txt").write_text(SECRET)
    for name, target in LINKS.items():
        (made.users / "bob" / name).symlink_to(target.format(out=outside, users=made.users))
    return made


OPERATIONS: dict[str, Callable[[Share, SharePath], object]] = {
    "read": content.read_bytes,
    "list": files.list_folder,
    "write": lambda share, path: content.write_bytes(share, path, b"overwritten"),
    "write below": lambda share, path: content.write_bytes(share, path / "new.txt", b"overwritten"),
    "make a folder below": lambda share, path: files.make_folder(share, path / "new"),
    "stat below": lambda share, path: files.stat_entry(share, path / "secret.txt"),
    "delete below": lambda share, path: trash.put(share, path / "secret.txt", deleted_by="bob"),
    "move out of it": lambda share, path: files.move(
        share, path / "secret.txt", SharePath.parse("Users/bob/stolen.txt")
    ),
    "move into it": lambda share, path: files.move(share, SharePath.parse("Users/bob/inner"), path / "inner"),
    "zip": lambda share, path: b"".join(zip_folder(share, path)),
    "walk": lambda share, path: list(walk_folder(share, path)),
    "a worker's folder": lambda share, path: share.real_folder(path),
    "read as flow": lambda share, path: ShareFiles(share, path.parent).read_bytes(path.name),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", LINKS)
def test_a_link_that_leads_away_is_as_if_it_led_nowhere(share: Share, name: str, operation: str) -> None:
    before = _tree(share.root.parent)

    with pytest.raises((PathNotFoundError, FileNotFoundError)) as caught:
        OPERATIONS[operation](share, SharePath.parse(f"Users/bob/{name}"))

    assert "outside" not in str(caught.value).replace(name, "")
    after = _tree(share.root.parent)
    assert {path: text for path, text in after.items() if path in before} == before
    assert SECRET not in "".join(text for path, text in after.items() if path not in before)


def test_both_ways_of_opening_give_the_same_answer(share: Share) -> None:
    bob = share.users / "bob"
    (bob / "inner" / "a.txt").write_text("a")
    (bob / "relative").symlink_to("inner/a.txt")
    (bob / "absolute").symlink_to(bob / "inner" / "a.txt")
    (bob / "around").symlink_to("inner/../inner/../relative")
    (bob / "to_folder").symlink_to("inner")
    names = [*LINKS, "relative", "absolute", "around", "to_folder", "to_folder/a.txt", "inner/a.txt/x", "inner", "none"]

    with Root.open(str(bob)) as root:
        answers = [[_open(root, name, use) for name in names] for use in (True, False)]

    assert answers[0] == answers[1]
    assert answers[0][len(LINKS) :] == ["file", "file", "file", "folder", "file", "nothing", "folder", "nothing"]


def _open(root: Root, name: str, use_openat2: bool) -> str:
    try:
        fd = open_beneath(root, name.split("/"), READ, use_openat2=use_openat2)
    except OSError:
        return "nothing"
    try:
        return "folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"
    finally:
        os.close(fd)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_names_nothing_inside_is_not_found(share: Share, text: str) -> None:
    with pytest.raises((PathNotFoundError, NotReadableError)) as caught:
        content.read_bytes(share, SharePath.parse(text))
    assert str(caught.value).isprintable()
    with pytest.raises(PromptflowException):
        content.write_bytes(share, SharePath.parse(text), b"x") if ".." in text else SharePath.parse("..")


@given(
    st.lists(st.sampled_from(["..", ".", "", "inner", "folder", "up", "\0", "a\\b", "é", "e\u0301", "C:"]), max_size=6)
)
def test_no_mixture_of_names_reads_a_secret(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    root = tmp_path_factory.getbasetemp() / "mixture"
    made = Share(root / "share")
    made.ensure_owner("bob")
    (root / "secret.txt").write_text(SECRET)
    link = made.users / "bob" / "folder"
    if not link.is_symlink():
        link.symlink_to(root)
    for use in (True, False):
        made.use_openat2 = use
        with pytest.raises(PromptflowException):
            content.read_bytes(made, SharePath.parse("/".join(["Users", "bob", *names, "secret.txt"])))


def test_a_name_that_begins_like_another_users_is_not_theirs(share: Share) -> None:
    assert not SharePath.parse("Users/bob2/x").is_within(SharePath.parse("Users/bob"))
    assert SharePath.parse("Users/bob/x").is_within(SharePath.parse("Users/bob"))


def test_an_owner_folder_that_is_a_link_is_not_entered(share: Share, tmp_path: Path) -> None:
    (share.users / "eve").symlink_to(tmp_path / "outside")

    with pytest.raises(PathNotFoundError):
        content.read_bytes(share, SharePath.parse("Users/eve/secret.txt"))
    assert "eve" not in [entry.name for entry in files.list_folder(share, SharePath.parse("Users"))]


def test_a_list_of_a_folder_says_nothing_about_what_its_links_lead_to(share: Share) -> None:
    entries = {entry.name: entry for entry in files.list_folder(share, SharePath.parse("Users/bob"))}

    assert all((entries[name].size, entries[name].target_kind) == (None, None) for name in LINKS)


def test_a_zip_holds_nothing_from_outside(share: Share) -> None:
    data = b"".join(zip_folder(share, SharePath.parse("Users/bob")))

    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.namelist() == ["bob/", "bob/inner/"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_what_is_no_file_never_blocks(share: Share, kind: str) -> None:
    place = share.users / "bob" / "odd"
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "device":
        os.mknod(place, 0o600 | 0o020000, os.makedev(5, 0))  # The terminal, which must not become ours.
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(place))
    path = SharePath.parse("Users/bob/odd")

    done = threading.Event()

    def touch() -> None:
        for operation in (content.read_bytes, files.list_folder, lambda s, p: content.write_bytes(s, p, b"x")):
            with pytest.raises(PromptflowException):
                operation(share, path)  # type: ignore[operator]
        assert files.stat_entry(share, path).kind == "other"
        assert len(b"".join(zip_folder(share, SharePath.parse("Users/bob")))) > 0
        done.set()

    thread = threading.Thread(target=touch, daemon=True)
    thread.start()
    thread.join(10)
    assert done.is_set()


def test_names_that_cannot_be_told_break_nothing_and_the_others_come_along(share: Share) -> None:
    """A shell can make names that are no UTF-8, and names that differ only in their case."""
    folder = share.users / "bob" / "odd"
    folder.mkdir()
    for name in (b"\xff\xfe.txt", b"\xff-folder/inside.txt", b"A.txt", b"a.txt", b"\xc3\xa9", b"e\xcc\x81", b"x" * 255):
        place = folder / os.fsdecode(name)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"needle")
    path, told = SharePath.parse("Users/bob/odd"), ["A.txt", "a.txt", "e\u0301", "x" * 255, "\u00e9"]

    copied = copy_entry(share, path, SharePath.parse("Users/bob/copied"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zip_folder(share, path))))
    query = ContentQuery(share=str(share.root), root=str(path), text="needle")
    found = [line["path"] for line in search(query, query.compile()) if "path" in line]

    assert sorted(item.name for item in (share.users / "bob" / copied.name).iterdir()) == told
    assert sorted(name.removeprefix("odd/") for name in archive.namelist() if name != "odd/") == told
    assert sorted(file.path for file in manifest_of(share, path)) == told
    assert sorted(name.rpartition("/")[2] for name in found) == told
    assert sum("\ufffd" in entry.name for entry in files.list_folder(share, path)) == 2
    assert trash.restore(share, trash.put(share, path, deleted_by="bob").id).path == "Users/bob/odd"
    assert len(list(folder.iterdir())) == 7


@pytest.mark.parametrize("name", ["x" * 256, "\u00e9" * 128, "/".join("x" * 200 for _ in range(25))])
def test_a_name_that_is_too_long_is_refused_in_a_sentence(share: Share, name: str) -> None:
    bob = SharePath.parse("Users/bob")
    for make in (
        lambda: content.write_bytes(share, bob / name, b"x"),
        lambda: files.make_folder(share, bob / name),
        lambda: files.move(share, bob / "inner", bob / name),
        lambda: copy_entry(share, bob / "inner", bob / name),
    ):
        with pytest.raises(PromptflowException) as caught:
            make()
        assert str(caught.value).isprintable()
    assert (share.users / "bob" / "inner").is_dir()


GIT_NAMES = [
    ".git",
    ".GIT",
    ".Git",
    ".git.",
    ".git ",
    "git~1",
    ".g\u200cit",
    ".git/config",
    "inner/.git/hooks/post-checkout",
]


@pytest.mark.parametrize("name", GIT_NAMES)
def test_a_repositorys_own_folder_is_listed_and_never_written(share: Share, name: str) -> None:
    bob = share.users / "bob"
    (bob / ".git").mkdir()
    (bob / ".git" / "config").write_text("[core]")
    (bob / "other").mkdir()
    path = SharePath.parse(f"Users/bob/{name}")

    assert ".git" in [entry.name for entry in files.list_folder(share, SharePath.parse("Users/bob"))]
    for operation in (
        lambda: content.write_bytes(share, path, b"x"),
        lambda: files.make_folder(share, path / "new"),
        lambda: files.move(share, SharePath.parse("Users/bob/other"), path),
        lambda: files.move(share, SharePath.parse("Users/bob/.git"), SharePath.parse("Users/bob/not_git")),
        lambda: trash.put(share, SharePath.parse("Users/bob/.git"), deleted_by="bob"),
    ):
        with pytest.raises(ReservedPathError):
            operation()
    assert (bob / ".git" / "config").read_text() == "[core]"


def test_a_link_into_a_repositorys_folder_is_no_way_to_write_there(share: Share) -> None:
    bob = share.users / "bob"
    (bob / ".git").mkdir()
    (bob / ".git" / "config").write_text("[core]")
    (bob / "settings").symlink_to(".git/config")
    (bob / "git").symlink_to(".git")

    for text in ("Users/bob/settings", "Users/bob/git/config", "Users/bob/git/hooks/pre-commit"):
        with pytest.raises(ReservedPathError):
            content.write_bytes(share, SharePath.parse(text), b"x")
    assert (bob / ".git" / "config").read_text() == "[core]"


def test_folders_that_are_swapped_for_links_while_writing_never_let_a_byte_out(
    share: Share, tmp_path: Path, rounds: int
) -> None:
    """The race of Gogs CVE-2025-8110: the folder is checked, then becomes a link, then is written to."""
    bob, stop = share.users / "bob", threading.Event()
    (bob / "real").mkdir()

    def swap() -> None:
        while not stop.is_set():
            try:
                (bob / "target").symlink_to(tmp_path / "outside")
                (bob / "target").unlink()
                (bob / "real").rename(bob / "target")
                (bob / "target").rename(bob / "real")
            except OSError:  # The writer was faster and made the folder itself.
                shutil.rmtree(bob / "target", ignore_errors=True)
                (bob / "real").mkdir(exist_ok=True)

    thread = threading.Thread(target=swap, daemon=True)
    thread.start()
    for number in range(rounds * 300):
        try:
            content.write_bytes(share, SharePath.parse(f"Users/bob/target/{number % 7}.txt"), b"x")
        except PromptflowException:
            continue
    stop.set()
    thread.join(10)

    assert sorted(item.name for item in (tmp_path / "outside").iterdir()) == ["secret.txt"]
    assert (tmp_path / "outside" / "secret.txt").read_text() == SECRET


def _tree(root: Path) -> dict[str, str]:
    found = {}
    for folder, folders, names in os.walk(root):
        for name in [*folders, *names]:
            path = Path(folder, name)
            if path.is_symlink():
                found[str(path)] = str(path.readlink())
            elif path.is_file():
                found[str(path)] = path.read_text()
            else:
                found[str(path)] = ""
    return found
