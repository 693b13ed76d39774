"""Zips written byte by byte, so that they can say what no honest tool would write."""

from __future__ import annotations

import random
import stat
import struct
import zlib
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

STORED, DEFLATED = 0, 8
_LOCAL, _CENTRAL, _END, _END64, _LOCATOR64, _DESCRIPTOR = (
    b"PK\3\4",
    b"PK\1\2",
    b"PK\5\6",
    b"PK\6\6",
    b"PK\6\7",
    b"PK\7\x08",
)
_ENCRYPTED, _STREAMED, _UTF8 = 1, 8, 0x800


@dataclass(frozen=True)
class Item:
    """One entry, and the lies that its headers tell."""

    name: bytes
    data: bytes = b""
    mode: int = stat.S_IFREG | 0o644
    system: int = 3
    method: int = DEFLATED
    flags: int = _UTF8
    local_name: bytes | None = None
    wrong_crc: int = 0
    wrong_size: int = 0
    wrong_packed_size: int = 0
    over: int | None = None
    """The number of another entry whose bytes this one claims as its own."""
    zip64: bool = False
    extra: bytes = b""

    @property
    def is_honest(self) -> bool:
        """Whether what comes out, if anything does, must be `data`."""
        return self.over is None


@dataclass(frozen=True)
class Lies:
    """What the end of the zip says wrongly, and what stands around it."""

    count: int = 0
    start: int = 0
    length: int = 0
    before: bytes = b""
    comment: bytes = b""
    cut: int = 0
    zip64: bool = False


@dataclass
class _Writer:
    body: bytearray = field(default_factory=bytearray)
    offsets: list[int] = field(default_factory=list)
    packed: list[bytes] = field(default_factory=list)


def pack(items: list[Item], lies: Lies | None = None) -> bytes:
    """The zip that these entries and lies make."""
    lies = lies or Lies()
    writer = _Writer(bytearray(lies.before))
    for item in items:
        _write_local(writer, item)
    start = len(writer.body)
    for number, item in enumerate(items):
        _write_central(writer, number, item)
    _write_end(writer, lies, len(items), start)
    return bytes(writer.body[: len(writer.body) - lies.cut])


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _numbers(item: Item, packed: bytes) -> tuple[int, int, int]:
    """Checksum, packed size and size, as the headers say."""
    crc = (zlib.crc32(item.data) + item.wrong_crc) & 0xFFFFFFFF
    return crc, max(0, len(packed) + item.wrong_packed_size), max(0, len(item.data) + item.wrong_size)


def _write_local(writer: _Writer, item: Item) -> None:
    packed = _deflated(item.data) if item.method == DEFLATED else item.data
    crc, packed_size, size = _numbers(item, packed)
    name = item.name if item.local_name is None else item.local_name
    streamed = bool(item.flags & _STREAMED)
    told = (0, 0, 0) if streamed else (crc, packed_size & 0xFFFFFFFF, size & 0xFFFFFFFF)
    extra = item.extra
    if item.zip64:
        extra += struct.pack("<2H2Q", 1, 16, size, packed_size)
        told = (told[0], 0xFFFFFFFF, 0xFFFFFFFF)
    writer.offsets.append(len(writer.body))
    writer.packed.append(packed)
    writer.body += struct.pack(
        "<4s5H3L2H", _LOCAL, 45, item.flags, item.method, 0, 33, *told, len(name) & 0xFFFF, len(extra) & 0xFFFF
    )
    writer.body += name + extra + packed
    if streamed:
        writer.body += struct.pack("<4s3L", _DESCRIPTOR, crc, packed_size & 0xFFFFFFFF, size & 0xFFFFFFFF)


def _write_central(writer: _Writer, number: int, item: Item) -> None:
    packed = writer.packed[number]
    offset = writer.offsets[number if item.over is None else item.over % len(writer.offsets)]
    crc, packed_size, size = _numbers(item, packed)
    extra = item.extra
    if item.zip64:
        extra += struct.pack("<2H2Q", 1, 16, size, packed_size)
        packed_size = size = 0xFFFFFFFF
    writer.body += struct.pack(
        "<4sBB5H3L5H2L",
        _CENTRAL,
        45,
        item.system,
        45,
        item.flags,
        item.method,
        0,
        33,
        crc,
        packed_size & 0xFFFFFFFF,
        size & 0xFFFFFFFF,
        len(item.name) & 0xFFFF,
        len(extra) & 0xFFFF,
        0,
        0,
        0,
        (item.mode & 0xFFFF) << 16,
        offset,
    )
    writer.body += item.name + extra


def _write_end(writer: _Writer, lies: Lies, count: int, start: int) -> None:
    length = len(writer.body) - start
    told = max(0, count + lies.count), max(0, length + lies.length), max(0, start + lies.start)
    if lies.zip64:
        at = len(writer.body)
        writer.body += struct.pack("<4sQ2H2L4Q", _END64, 44, 45, 45, 0, 0, told[0], told[0], told[1], told[2])
        writer.body += struct.pack("<4sLQL", _LOCATOR64, 0, at, 1)
        told = (0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    counts = (told[0] & 0xFFFF, told[0] & 0xFFFF)
    comment = lies.comment[:0xFFFF]
    writer.body += struct.pack(
        "<4s4H2LH", _END, 0, 0, *counts, told[1] & 0xFFFFFFFF, told[2] & 0xFFFFFFFF, len(comment)
    )
    writer.body += comment


_PARTS = [
    *(b"..", b".", b"", b"a", b"A", b"a.txt", b"A.TXT", b"data", b"Data", b"flow", b"flow.dag.yaml", b"flow.flex.yaml"),
    *(b".git", b".GIT", b".git.", b"git~1", b".g\xe2\x80\x8cit", b"config", b"hooks", b"C:", b"c:x", b"a:stream"),
    *(
        b"\0",
        b"a\0b",
        b"\n",
        b"\x1b[2J",
        b"\x7f",
        b"\xff\xfe",
        b"\xc0\xae\xc0\xae",
        b"\xe9",
        "é".encode(),
        b"e\xcc\x81",
    ),
    *(b"x" * 255, b"x" * 256, "ß".encode(), b"SS", b"ss", "İ".encode(), b" ", b"a ", b"a.", b"e\xcc\x81"),
    *(b"CON", b"NUL.txt", b"~"),
    *(b"__MACOSX", b".DS_Store", b"._a", b".pfstudio-tmp-0123456789abcdef", b"%2e%2e", b"${HOME}", b"-rf"),
]
_TARGETS = [
    *(
        b"a",
        b"a.txt",
        b".",
        b"..",
        b"../..",
        b"../../../bob2/secret.txt",
        b"/etc/passwd",
        b"/",
        b"",
        b"data",
        b"data/a",
    ),
    *(
        b"data/a",
        b"flow",
        b"../flow/a",
        b"a/../..",
        b"\0",
        b"\xff",
        b"x" * 5000,
        b"/proc/self/root",
        b"../../../../outside",
    ),
    *(b"l0", b"l1", b"l2", b"l0/..", b"l1/../..", b".git/config"),
]
_KINDS = [stat.S_IFREG, 0, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, 0xF000]
_MODES = [0o644, 0o755, 0, 0o777, 0o4755, 0o2777, 0o1777, 0o200]
_WRONG = st.sampled_from([0, 0, 0, 0, 1, -1, 100, -100, 2**31, 2**32 - 1, -(2**31)])
_EXTRAS = [
    *(b"", b"", b"", b"\1", b"\1\0\x10\0", struct.pack("<2HQ", 1, 8, 2**63), struct.pack("<2H", 0x7075, 0xFFFF)),
    *(struct.pack("<2HB", 0x7075, 1, 1), struct.pack("<2H4s", 0x7855, 4, b"\0" * 4), b"\0" * 30),
]

_clean_names = st.sampled_from([b"flow/a.txt", b"flow/b.txt", b"flow/sub/c.txt", b"flow/sub/", b"flow/d", b"a.txt"])
_separators = st.sampled_from([b"/", b"/", b"/", b"\\", b"//"])
_dirty_names = st.builds(
    lambda top, parts, separator, tail: top + separator.join(parts) + tail,
    st.sampled_from([b"", b"flow/", b"flow/", b"flow/", b"/", b"\\", b"./", b"C:\\", b"\\\\server\\share\\"]),
    st.lists(st.one_of(st.sampled_from(_PARTS), st.binary(min_size=1, max_size=6)), min_size=1, max_size=5),
    _separators,
    st.sampled_from([b"", b"", b"", b"/", b"\\", b"/.."]),
)
_contents = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", b"nodes: []\n", bytes(30_000), b"x" * 7_000, b"[core]\n\tfsmonitor = x\n"]),
)
_plain_items = st.builds(Item, _clean_names, _contents)
_links = st.builds(
    lambda name, target: Item(name, target, mode=stat.S_IFLNK | 0o777),
    st.one_of(st.sampled_from([b"flow/l0", b"flow/l1", b"flow/sub/l2", b"flow/a/b", b"l0"]), _dirty_names),
    st.sampled_from(_TARGETS),
)
_lying_items = st.builds(
    Item,
    name=st.one_of(_clean_names, _dirty_names),
    data=_contents,
    mode=st.builds(int.__or__, st.sampled_from(_KINDS), st.sampled_from(_MODES)),
    system=st.sampled_from([3, 3, 3, 0, 19, 255]),
    method=st.sampled_from([DEFLATED, DEFLATED, STORED, STORED, 1, 9, 12, 14, 93, 98, 99, 0xFFFF]),
    flags=st.sampled_from([_UTF8, _UTF8, 0, _STREAMED | _UTF8, _STREAMED, _ENCRYPTED, 0x40, 0x2000, 0xFFFF]),
    local_name=st.one_of(st.none(), st.none(), _dirty_names),
    wrong_crc=st.sampled_from([0, 0, 0, 0, 1]),
    wrong_size=_WRONG,
    wrong_packed_size=_WRONG,
    over=st.one_of(st.none(), st.none(), st.integers(0, 9)),
    zip64=st.booleans(),
    extra=st.sampled_from(_EXTRAS),
)
_honest_strange = st.builds(Item, _dirty_names, _contents, st.builds(int.__or__, st.just(stat.S_IFREG), st.just(0o644)))
_lies = st.builds(
    Lies,
    count=_WRONG,
    start=_WRONG,
    length=_WRONG,
    before=st.sampled_from([b"", b"", b"MZ", b"PK\5\6" + bytes(18), bytes(1000)]),
    comment=st.sampled_from([b"", b"", b"PK\5\6" + bytes(18), b"x" * 70_000, bytes(22)]),
    cut=st.sampled_from([0, 0, 0, 1, 5, 22, 30, 100]),
    zip64=st.booleans(),
)


@st.composite
def hostile_zips(draw: st.DrawFn) -> tuple[bytes, list[Item]]:
    """A zip that mixes honest entries with hostile ones, and the entries."""
    kinds = st.one_of(_plain_items, _plain_items, _honest_strange, _links, _lying_items)
    items = draw(st.lists(kinds, max_size=8))
    if draw(st.integers(0, 7)):
        items.insert(0, Item(b"flow/flow.dag.yaml", b"nodes: []\n"))
    repeated = draw(st.sampled_from([0, 0, 0, 0, 0, 0, 60, 300]))
    if items and repeated:
        items += [replace(items[-1], name=b"flow/many/%d" % number) for number in range(repeated)]
    lies = draw(_lies) if draw(st.integers(0, 3)) == 0 else Lies(zip64=draw(st.booleans()))
    return pack(items, lies), items


_INTERESTING = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1]


def mutate(zips: list[bytes], number: int) -> bytes:
    """One of the zips with a few of its bytes changed, always the same for the same number."""
    chance = random.Random(number)
    data = bytearray(chance.choice(zips))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = _place(data, chance)
        chance.choice(_MUTATIONS)(data, at, chance, zips)
    return bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    """Anywhere, or more often in one of the headers, where a byte means something."""
    marks = (_LOCAL, _CENTRAL, _END, _END64, _LOCATOR64)
    if chance.random() < 0.7:
        found = data.find(chance.choice(marks), chance.randrange(len(data) + 1))
        if found >= 0:
            return min(found + chance.randrange(60), len(data))
    return chance.randrange(len(data) + 1)


def _flip(data: bytearray, at: int, chance: random.Random, _zips: list[bytes]) -> None:
    if at < len(data):
        data[at] ^= 1 << chance.randrange(8)


def _set_number(data: bytearray, at: int, chance: random.Random, _zips: list[bytes]) -> None:
    size = chance.choice((1, 2, 4, 8))
    data[at : at + size] = (chance.choice(_INTERESTING) % (1 << 8 * size)).to_bytes(size, "little")


def _insert(data: bytearray, at: int, chance: random.Random, _zips: list[bytes]) -> None:
    data[at:at] = chance.randbytes(chance.randrange(1, 20))


def _delete(data: bytearray, at: int, chance: random.Random, _zips: list[bytes]) -> None:
    del data[at : at + chance.randrange(1, 40)]


def _repeat(data: bytearray, at: int, chance: random.Random, _zips: list[bytes]) -> None:
    data[at:at] = data[at : at + chance.randrange(1, 200)]


def _splice(data: bytearray, at: int, chance: random.Random, zips: list[bytes]) -> None:
    other = chance.choice(zips)
    start = chance.randrange(len(other))
    data[at : at + chance.randrange(1, 100)] = other[start : start + chance.randrange(1, 100)]


def _cut(data: bytearray, at: int, _chance: random.Random, _zips: list[bytes]) -> None:
    del data[max(at, 1) :]


def _put_name(data: bytearray, at: int, chance: random.Random, _zips: list[bytes]) -> None:
    part = chance.choice((b"../", b"/", b"\\", b"\0", b".git/", b"flow/"))
    data[at : at + len(part)] = part


_MUTATIONS = (_flip, _flip, _set_number, _set_number, _set_number, _insert, _delete, _repeat, _splice, _cut, _put_name)
