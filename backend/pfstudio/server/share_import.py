"""A downloaded Azure file share, `Users/*/promptflow/*`, comes into the studio's share.

What was downloaded is read by handle like the share itself, so that nothing in it leads anywhere else, and nothing of
it is run. Users are found or made as the isolation rule allows; what is there already stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import IsolationRequiredError
from pfstudio.accounts.names import check_username, username_from
from pfstudio.accounts.service import WAIVER, add_user
from pfstudio.errors import PromptflowException
from pfstudio.flow.validation import check_flow
from pfstudio.flows.connection_kinds import connection_kinds
from pfstudio.flows.importing import flows_of
from pfstudio.flows.manifest import manifest_of
from pfstudio.flows.reading import read_flow
from pfstudio.flows.share_files import ShareFiles
from pfstudio.server.deps import Studio
from pfstudio.server.share_import_report import (
    FlowReport,
    NoAzureShareError,
    ShareReport,
    UnknownAliasError,
    UserReport,
)
from pfstudio.share.copying import copy_tree
from pfstudio.share.errors import from_os_error
from pfstudio.share.files import make_parents
from pfstudio.share.incoming import Incoming
from pfstudio.share.listing import walk_names
from pfstudio.share.paths import USERS, Share, SharePath, is_safe_name
from pfstudio.share.tree import PROMPTFLOW
from pfstudio.share.walk import LEFT_OUT, walk_folder

_MOST_LEFT_OUT = 50
_NOBODY = "admin"  # What `username_from` gives where nothing is left of a name.


def import_share(studio: Studio, folder: Path, *, names: Mapping[str, str], dry_run: bool) -> ShareReport:
    """Bring everything in, and tell of each user and flow what became of it. `names` maps aliases to users.

    Doing it again brings in only what is missing.

    Raises:
        NoAzureShareError: the folder holds no `Users`.
        UnknownAliasError, InvalidUsernameError: `names` holds what cannot be.
    """
    folder = folder.resolve()
    if folder.name == USERS and not (folder / USERS).is_dir():
        folder = folder.parent
    if not (folder / USERS).is_dir():
        raise NoAzureShareError(folder)
    return _ShareImport(studio, Share(folder), names, dry_run=dry_run).run()


class _ShareImport:
    def __init__(self, studio: Studio, source: Share, names: Mapping[str, str], *, dry_run: bool) -> None:
        self._studio = studio
        self._source = source
        self._names = names
        self._dry_run = dry_run
        self._report = ShareReport(dry_run=dry_run)
        self._aliases: dict[str, str] = {}

    def run(self) -> ShareReport:
        items = _entries(self._source.users)
        for alias, username in self._names.items():
            check_username(username)
            if alias not in [item.name for item in items]:
                raise UnknownAliasError(alias, [_shown(item.name) for item in items])
        for item in items:
            if item.is_dir(follow_symlinks=False) or item.is_symlink():
                self._user(item)
        return self._report

    def _user(self, item: os.DirEntry[str]) -> None:
        alias = item.name
        user = UserReport(_shown(alias), "", "skipped")
        self._report.users.append(user)
        user.username = self._names.get(alias) or username_from(alias)
        home = self._source.users / alias / PROMPTFLOW
        if item.is_symlink() or home.is_symlink():
            user.reason = "The folder is a link, which is not followed."
        elif not is_safe_name(alias):
            user.reason = "No tool can use the folder's name."
        elif user.username == _NOBODY and alias.lower() != _NOBODY and alias not in self._names:
            user.reason = f"No user name can be made of it. Give one: --map '{alias}=NAME'."
        else:
            self._find_or_make(user)
        if user.reason is None and (other := self._aliases.setdefault(user.username, alias)) != alias:
            user.reason = f"The same user as of '{other}'."
        if not item.is_symlink() and not home.is_symlink():
            for flow in _entries(home):
                self._flow(user, alias, flow)

    def _find_or_make(self, user: UserReport) -> None:
        studio = self._studio
        with studio.database.write() as session:
            if repository.find_user(session, user.username) is not None:
                user.status = "existing"
                return
            problem = studio.isolation_problem()
            if problem is not None and repository.count_users(session):
                error = IsolationRequiredError(problem, WAIVER)
                user.reason = f"{error} Or give the flows to a user who is there: --map '{user.alias}=NAME'."
                return
            user.status = "planned"
            if not self._dry_run:
                root = studio.settings.share_root
                add_user(session, username=user.username, password_hash=None, role=Role.AUTHOR, share_root=root)
                user.status = "made"

    def _flow(self, user: UserReport, alias: str, item: os.DirEntry[str]) -> None:
        origin = SharePath(alias, (PROMPTFLOW, item.name))
        target = SharePath(user.username, (PROMPTFLOW, item.name))
        report = FlowReport(_shown(str(origin)), _shown(str(target)), "skipped")
        if item.is_symlink():
            report.reason = "It is a link, which is not followed."
        elif not is_safe_name(item.name):
            report.reason = "No tool can use the folder's name. Rename it."
        elif not item.is_dir(follow_symlinks=False):
            report.reason = "It is no folder. Copy it into one."
        else:
            self._bring_in(user, origin, target, report)
        self._report.flows.append(report)

    def _bring_in(self, user: UserReport, origin: SharePath, target: SharePath, report: FlowReport) -> None:
        try:
            planned = any(flow.path == str(target) and flow.status == "planned" for flow in self._report.flows)
            if user.status == "skipped":
                report.reason = "Its user was not made."
            elif planned:
                report.reason = "Another folder of this name comes in before it."
            elif self._is_there(target):
                self._compare(origin, target, report)
            elif self._dry_run:
                report.status = "planned"
            else:
                self._copy(origin, target)
                report.status = "imported"
            if report.status != "skipped":
                self._look(origin, target, report)
                report.left_out = _left_out(self._source, origin)
        except PromptflowException as error:
            report.status, report.reason = "failed", str(error)
        except OSError as error:
            report.status, report.reason = "failed", str(from_os_error(error, str(origin)))

    def _is_there(self, target: SharePath) -> bool:
        return os.path.lexists(self._studio.share.users.joinpath(str(target.owner), *target.parts))

    def _compare(self, origin: SharePath, target: SharePath, report: FlowReport) -> None:
        mine, theirs = (
            {(file.path, file.sha256) for file in manifest_of(share, path)}
            for share, path in ((self._studio.share, target), (self._source, origin))
        )
        if mine == theirs:
            report.status = "unchanged"
        else:
            report.reason = "A folder of this name is there already, and holds something else. It stays as it is."

    def _copy(self, origin: SharePath, target: SharePath) -> None:
        share = self._studio.share
        share.ensure_owner(str(target.owner))
        with Incoming(share) as incoming:
            copy_tree(self._source, origin, incoming)
            make_parents(share, target)
            incoming.place(target)

    def _look(self, origin: SharePath, target: SharePath, report: FlowReport) -> None:
        """Note the connections to fill in and what will not run, from the files alone."""
        prefix = len(str(origin)) + 1
        names = [item.path[prefix:] for _, item in walk_names(self._source, origin) if not item.is_folder]
        for at, file in flows_of([tuple(name.split("/")) for name in names]):
            path = str(SharePath(target.owner, (*target.parts, *at)))
            report.flows.append(path)
            try:
                self._look_at_flow(SharePath(origin.owner, (*origin.parts, *at)), path, file, report)
            except (PromptflowException, FileNotFoundError, RecursionError) as error:
                report.problems.append(f"{path}: {error}")
        report.connections = sorted(set(report.connections))

    def _look_at_flow(self, source: SharePath, path: str, file: str, report: FlowReport) -> None:
        body = read_flow(self._source, source, actor=Actor(str(source.owner), Role.VIEWER))
        at = path if path.endswith(f"/{file}") else f"{path}/{file}"
        above = at.removesuffix(file)
        for problem in body["problems"]:
            if problem["severity"] == "error":
                report.problems.append(f"{above}{problem['file']}:{problem['line']}: {problem['message']}")
        kinds: dict[str, set[str]] = {}
        if body["kind"] == "dag":
            files = ShareFiles(self._source, source)
            checked = check_flow(files, file)
            kinds = connection_kinds(files, checked.flow) if checked.flow else {}
        for name in body["connections"]:
            report.connections.append(name)
            self._report.needs(name, kinds.get(name, set()), path)


def _left_out(share: Share, path: SharePath) -> list[str]:
    """What a copy does not take, as far as anybody would miss it."""
    taken = {item.names for item in walk_folder(share, path)}
    top = share.users.joinpath(str(path.owner), *path.parts)
    missing = []
    for folder, folders, files in os.walk(top):
        above = Path(folder).relative_to(top).parts
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted([*files, *folders]):
            if name not in LEFT_OUT and (*above, name) not in taken:
                missing.append(_shown("/".join((*above, name))))
    return missing[:_MOST_LEFT_OUT]


def _entries(place: Path) -> list[os.DirEntry[str]]:
    """What is in a folder and not hidden, by name; nothing where it is none."""
    with suppress(OSError), os.scandir(place) as found:
        return sorted((item for item in found if not item.name.startswith(".")), key=lambda item: item.name)
    return []


def _shown(text: str) -> str:
    """A name for the report, whatever bytes it has."""
    return os.fsencode(text).decode(errors="replace")
