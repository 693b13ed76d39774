"""A downloaded Azure file share, `Users/*/promptflow/*`, comes into the studio's share.

What was downloaded is read by handle like the share itself, so that nothing in it leads anywhere else, and nothing of
it is run. Users are found or made as the isolation rule allows; what is there already stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import IsolationRequiredError
from pfstudio.accounts.names import username_from
from pfstudio.accounts.service import WAIVER, add_user
from pfstudio.errors import InvalidError, PromptflowException
from pfstudio.flow.loader import FLOW_FILE_NAMES
from pfstudio.flow.validation import check_flow
from pfstudio.flows.connection_use import connection_names
from pfstudio.flows.share_files import ShareFiles
from pfstudio.server.deps import Studio
from pfstudio.share.copying import copy_tree
from pfstudio.share.diskspace import folders_of
from pfstudio.share.files import make_parents
from pfstudio.share.incoming import Incoming
from pfstudio.share.listing import walk_names
from pfstudio.share.paths import USERS, Share, SharePath, is_safe_name
from pfstudio.share.tree import PROMPTFLOW

FlowStatus = Literal["imported", "planned", "skipped", "failed"]


class NoAzureShareError(InvalidError):
    code = "no_azure_share"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no folder 'Users' in {folder}. Name the folder that the share was downloaded to.")


@dataclass(slots=True)
class UserReport:
    """Whose flows they were, and whose they are now; `reason` says why a user could not be made."""

    alias: str
    username: str
    status: Literal["existing", "made", "planned", "skipped"]
    reason: str | None = None


@dataclass(slots=True)
class FlowReport:
    """A folder below `promptflow`. `problems` are of all flows in it and say what does not run."""

    source: str
    path: str
    status: FlowStatus
    reason: str | None = None
    flows: int = 0
    connections: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ShareReport:
    users: list[UserReport] = field(default_factory=list)
    flows: list[FlowReport] = field(default_factory=list)

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def import_share(studio: Studio, folder: Path, *, names: Mapping[str, str], dry_run: bool) -> ShareReport:
    """Bring everything in, and tell of each user and flow what became of it. `names` maps aliases to users.

    Raises:
        NoAzureShareError: the folder holds no `Users`.
    """
    if not (folder / USERS).is_dir():
        raise NoAzureShareError(folder)
    source = Share(folder.resolve())
    report = ShareReport()
    for item in folders_of(source.users):
        if not is_safe_name(item.name):
            continue
        user = _user(studio, item.name, names.get(item.name) or username_from(item.name), dry_run=dry_run)
        report.users.append(user)
        for flow in folders_of(source.users / item.name / PROMPTFLOW):
            if is_safe_name(flow.name):
                report.flows.append(_flow(studio.share, source, user, flow.name, dry_run=dry_run))
    return report


def _user(studio: Studio, alias: str, username: str, *, dry_run: bool) -> UserReport:
    with studio.database.write() as session:
        if repository.find_user(session, username) is not None:
            return UserReport(alias, username, "existing")
        problem = studio.isolation_problem()
        if problem is not None and repository.count_users(session):
            error = IsolationRequiredError(problem, WAIVER)
            return UserReport(alias, username, "skipped", f"{error} Or give the flows to a user who is there: --user.")
        if dry_run:
            return UserReport(alias, username, "planned")
        _make_user(session, studio, username)
    return UserReport(alias, username, "made")


def _make_user(session: Session, studio: Studio, username: str) -> None:
    add_user(session, username=username, password_hash=None, role=Role.AUTHOR, share_root=studio.settings.share_root)


def _flow(share: Share, source: Share, user: UserReport, name: str, *, dry_run: bool) -> FlowReport:
    origin, target = SharePath(user.alias, (PROMPTFLOW, name)), SharePath(user.username, (PROMPTFLOW, name))
    report = FlowReport(str(origin), str(target), "planned")
    try:
        _look(source, origin, report)
        if user.status == "skipped":
            report.status, report.reason = "skipped", "Its user was not made."
        elif (share.users / user.username / PROMPTFLOW / name).exists():
            report.status, report.reason = "skipped", "A folder of this name is there already."
        elif not dry_run:
            _copy(share, source, origin, target)
            report.status = "imported"
    except PromptflowException as error:
        report.status, report.reason = "failed", str(error)
    return report


def _copy(share: Share, source: Share, origin: SharePath, target: SharePath) -> None:
    share.ensure_owner(str(target.owner))
    with Incoming(share) as incoming:
        copy_tree(source, origin, incoming)
        make_parents(share, target)
        incoming.place(target)


def _look(source: Share, origin: SharePath, report: FlowReport) -> None:
    """Note the connections to fill in and what will not run, from the files alone."""
    connections: set[str] = set()
    for _, name in walk_names(source, origin):
        file = SharePath.parse(name.path)
        if name.is_folder or file.name not in FLOW_FILE_NAMES:
            continue
        report.flows += 1
        files = ShareFiles(source, file.parent)
        try:
            checked = check_flow(files, file.name)
            connections |= connection_names(files, checked.flow) if checked.flow else set()
        except (PromptflowException, FileNotFoundError) as error:
            report.problems.append(f"{name.path}: {error}")
            continue
        errors = [problem for problem in checked.problems if problem.severity == "error"]
        report.problems += [f"{file.parent}/{item.file}:{item.line}: {item.message}" for item in errors]
    report.connections = sorted(connections)
