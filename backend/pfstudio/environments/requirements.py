"""What a requirements file asks for, read without running anything.

Each line is either a requirement that uv is given as it stands, one of our own (dropped: our code answers for it), an
option that becomes an argument, or a reason to refuse the file in one sentence with its line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pfstudio.environments.errors import RequirementsError, shown

KIN = (
    *("promptflow", "promptflow-core", "promptflow-devkit", "promptflow-tracing", "promptflow-azure"),
    *("promptflow-tools", "pfstudio"),
)
"""Packages that are never installed: our code answers for their names."""
LARGEST = 1_000_000
_MOST_LINES = 5_000
_DEEPEST = 8
_COMMENT = re.compile(r"(^|\s)#.*$")
_NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[A-Za-z0-9._,\s-]*\])?\s*(.*)", re.DOTALL)
_SPECIFIER = r"(?:===|~=|==|!=|<=|>=|<|>)\s*[A-Za-z0-9][A-Za-z0-9.*+!_-]*"
_VERSIONS = re.compile(rf"\(?\s*(?:{_SPECIFIER}\s*(?:,\s*{_SPECIFIER}\s*)*,?)?\s*\)?\s*(?:;.+)?", re.DOTALL)
_HASH = re.compile(r"\s--hash[= ]\s*(\S+)")
_OPTION_OF_LINE = re.compile(r"\s(--[a-z-]+)")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_IGNORED = ("--prefer-binary", "--use-feature", "--use-pep517", "--no-cache-dir", "--progress-bar")
_SHORT = {"-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-i": "--index-url", "-f": "--find-links"}


@dataclass(slots=True)
class Requirements:
    """`local` are files of the share that lines name, in the order of the places `{0}`, `{1}`, … in `lines`.

    `folders` are folders of the flow that hold wheels. Indexes and pages may hold a password.
    """

    lines: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    origins: list[tuple[str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    local: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    index: str | None = None
    extra_indexes: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    no_index: bool = False
    prerelease: bool = False
    no_binary: list[str] = field(default_factory=list)
    only_binary: list[str] = field(default_factory=list)
    needs_hashes: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.lines


def read_requirements(read: Callable[[str], bytes], file: str) -> Requirements:
    """What the file, and those it includes, ask for. `read` gives a file's bytes or raises `FileNotFoundError`.

    Raises:
        RequirementsError: a line cannot be used.
    """
    found = Requirements()
    _Reader(read, found).read_file(file, None, as_constraints=False, above=())
    return found


def normal_name(name: str) -> str:
    """`Foo_Bar` and `foo.bar` are one package."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_archive(name: str) -> bool:
    return name.lower().endswith(_ARCHIVES)


class _Reader:
    def __init__(self, read: Callable[[str], bytes], found: Requirements) -> None:
        self._read = read
        self._found = found
        self._count = 0

    def read_file(self, file: str, by: _Line | None, *, as_constraints: bool, above: tuple[str, ...]) -> None:
        if file in above or len(above) >= _DEEPEST:
            raise by.refused(f"'{file}' includes itself") if by else RequirementsError("it includes itself", file)
        try:
            content = self._read(file)
        except FileNotFoundError as error:
            if by is None:
                raise RequirementsError("the file is not there, or cannot be read.", file) from error
            raise by.refused(f"there is no file '{file}' that it could include") from error
        for line in _lines(_text(content, file), file):
            self._count += 1
            if self._count > _MOST_LINES:
                raise RequirementsError(f"it has more than {_MOST_LINES:,} lines.", file)
            self._take(line, as_constraints=as_constraints, above=(*above, file))

    def _take(self, line: _Line, *, as_constraints: bool, above: tuple[str, ...]) -> None:
        if variable := _VARIABLE.search(line.text):
            raise line.refused(
                f"it uses ${{{variable[1]}}}, and the studio hands no variables to it. Write the value, or have an "
                "admin set the index for the whole studio"
            )
        if line.text.startswith("-"):
            self._option(line, as_constraints=as_constraints, above=above)
        elif as_constraints:
            self._found.constraints.append(line.text)
        else:
            self._requirement(line)

    # --- options -----------------------------------------------------------------------------------------------

    def _option(self, line: _Line, *, as_constraints: bool, above: tuple[str, ...]) -> None:
        name, value = _split_option(line)
        found = self._found
        if name in ("--requirement", "--constraint"):
            below = _beside(above[-1], self._given(line, name, value))
            return self.read_file(below, line, as_constraints=as_constraints or name == "--constraint", above=above)
        if name == "--editable":
            raise line.refused(
                f"'-e {shown(value)}' is left to one's own machine: the flow's code imports what lies in its folder "
                "without it. Remove the line"
            )
        flags = {"--no-index": "no_index", "--pre": "prerelease", "--require-hashes": "needs_hashes"}
        lists = {
            "--extra-index-url": found.extra_indexes,
            "--trusted-host": found.hosts,
            "--no-binary": found.no_binary,
            "--only-binary": found.only_binary,
        }
        if name in flags:
            setattr(found, flags[name], True)
        elif name in lists:
            lists[name].append(self._given(line, name, value))
        elif name in ("--index-url", "--pypi-url"):
            found.index = _address(line, self._given(line, name, value))
        elif name == "--find-links":
            self._find_links(line, above[-1], self._given(line, name, value))
        elif name not in _IGNORED:
            raise line.refused(f"the option '{shown(name)}' is none that the studio knows. Remove it")
        for index in found.extra_indexes[-1:]:
            _address(line, index)
        return None

    def _given(self, line: _Line, name: str, value: str) -> str:
        if not value:
            raise line.refused(f"'{name}' needs a value after it")
        return value

    def _find_links(self, line: _Line, file: str, value: str) -> None:
        if "://" not in value:
            self._found.folders.append(_beside(file, value.removeprefix("file:")))
        else:
            self._found.pages.append(_address(line, value))

    # --- requirements ------------------------------------------------------------------------------------------

    def _requirement(self, line: _Line) -> None:
        hashes = _HASH.findall(f" {line.text}")
        text = _HASH.sub("", f" {line.text}").strip()
        if option := _OPTION_OF_LINE.search(text):
            raise line.refused(f"the option '{option[1]}' of a single package is none that the studio knows")
        if hashes:
            self._found.needs_hashes = True
        if is_path(text):
            return self._add(line, self._place(line, text), hashes, name="")
        name, extras, rest = self._parts(line, text)
        if normal_name(name) in KIN:
            self._found.dropped.append(name)
            return None
        if rest.startswith("@"):
            rest = f" @ {self._source(line, rest[1:].strip())}"
        return self._add(line, f"{name}{extras}{rest}", hashes, name=name)

    def _add(self, line: _Line, text: str, hashes: list[str], *, name: str) -> None:
        found = self._found
        found.lines.append(" ".join([text, *(f"--hash={value}" for value in hashes)]))
        found.origins.append((line.file, line.number))
        if name:
            found.names.append(normal_name(name))

    def _parts(self, line: _Line, text: str) -> tuple[str, str, str]:
        match = _NAME.fullmatch(text)
        rest = match[3] if match else ""
        if match is None or not (rest.startswith("@") or _VERSIONS.fullmatch(rest)):
            hint = ""
            if match is not None and re.match(r"=[^=]", rest):
                hint = f" Did you mean '{shown(match[1] + '=' + rest)}'?"
            raise line.refused(
                f"'{shown(text)}' is no requirement; write it as a name with versions, such as 'requests>=2.31'.{hint}"
            )
        return match[1], match[2] or "", rest

    def _source(self, line: _Line, source: str) -> str:
        """Where `name @ …` leads to."""
        address, _, marker = source.partition(" ;")
        after = f" ;{marker}" if marker else ""
        if is_path(address) or address.startswith("file:"):
            return self._place(line, address) + after
        if re.match(r"(?:git|hg|svn|bzr)\+(?!https://)", address):
            raise line.refused("a repository can be installed over https only ('git+https://…')")
        return _address(line, address.removeprefix("git+")) and address + after

    def _place(self, line: _Line, path: str) -> str:
        """The place in a line where the file's own path will stand."""
        if path.startswith("file://"):
            raise line.refused(
                "a file is named by its path in the flow's folder, such as './wheels/name-1.0-py3-none-any.whl'"
            )
        name = _beside(line.file, path.removeprefix("file:"))
        if not is_archive(name):
            raise line.refused(
                f"'{shown(path)}' is no package; what lies in the flow's folder its code imports by itself, and wheels "
                "can be installed from there"
            )
        self._found.local.append(name)
        return f"{{{len(self._found.local) - 1}}}"


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    number: int
    text: str

    def refused(self, why: str) -> RequirementsError:
        return RequirementsError(why if why[-1] in ".?" else f"{why}.", self.file, self.number)


def is_path(text: str) -> bool:
    """Whether a requirement is a file rather than a name."""
    first = text.split(" ", maxsplit=1)[0]
    return "://" not in text and (first.startswith((".", "/", "~")) or (is_archive(first) and "@" not in first))


def _lines(text: str, file: str) -> Iterator[_Line]:
    """Lines as pip sees them: continued ones as one, comments and empty ones left out."""
    parts: list[str] = []
    first = 1
    for number, raw in enumerate(text.splitlines(), 1):
        first = first if parts else number
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            parts.append(raw[:-1])
            continue
        parts.append(raw)
        whole = _COMMENT.sub("", " ".join(parts)).strip()
        parts = []
        if whole:
            yield _Line(file, first, whole)
    if whole := _COMMENT.sub("", " ".join(parts)).strip():
        yield _Line(file, first, whole)


def _text(content: bytes, file: str) -> str:
    if len(content) > LARGEST:
        raise RequirementsError(f"it is larger than {LARGEST // 1_000_000} MB.", file)
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1 if encoding == "utf-8" else None
        raise RequirementsError("it is not UTF-8 text. Save it as UTF-8.", file, line) from error
    if "\0" in text:
        raise RequirementsError("it holds zero bytes, so it is no text.", file)
    return text


def _split_option(line: _Line) -> tuple[str, str]:
    try:
        words = shlex.split(line.text)
    except ValueError as error:
        raise line.refused("a quotation mark is not closed") from error
    name, _, value = words[0].partition("=")
    if not name.startswith("--") and len(name) > 2:
        name, value = name[:2], words[0][2:].removeprefix("=")
    return _SHORT.get(name, name), value or " ".join(words[1:])


def _address(line: _Line, address: str) -> str:
    if not address.startswith(("https://", "http://")) or " " in address:
        raise line.refused(f"'{shown(address)}' is no address that begins with https://")
    return address


def _beside(file: str, path: str) -> str:
    """A path as a line of `file` names it, seen from the flow's folder."""
    folder = file.rpartition("/")[0]
    return path if path.startswith("/") or not folder else f"{folder}/{path}"
