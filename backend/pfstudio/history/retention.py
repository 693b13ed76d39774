"""Which versions go after a time, and letting them go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pfstudio.db.session import Database
from pfstudio.history import repository
from pfstudio.kit.clock import utc_now
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import SnapshotStore, Version
from pfstudio.share.snapshots_units import Unit
from pfstudio.share.snapshots_upkeep import remove_unreachable, rewrite, unshared_bytes

logger = logging.getLogger("pfstudio.history")


@dataclass(frozen=True, slots=True)
class Rule:
    """Entries older than `days` go, but for the newest `keep` of each flow; 0 days: nothing ever goes.

    Deployments stay, and so does what a run or an endpoint still needs. Of a folder that is gone, nothing is kept
    longer than `days`.
    """

    days: int
    keep: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """What goes of one history, and how much stays."""

    unit: str
    versions: int
    oldest: datetime
    newest: datetime
    staying: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go. `bytes` is about what that frees."""

    units: list[Leaving]
    bytes: int


class Retention:
    """Applies a rule to the store, and tells beforehand what it would do."""

    def __init__(self, store: SnapshotStore, share: Share, database: Database, rule: Rule) -> None:
        self.store = store
        self._share = share
        self._database = database
        self.rule = rule

    def preview(self, rule: Rule | None = None, *, owner: str | None = None) -> Preview:
        """What goes by this rule, or by the usual one; with `owner`, only of what is that user's."""
        units, leaving, staying = [], [], []
        for unit, versions, doomed in self._doomed(rule or self.rule):
            if owner is not None and unit.path.owner != owner:
                continue
            gone = [version for version in versions if version.id in doomed]
            units.append(_leaving(gone, len(versions)))
            leaving += [version.tree for version in gone]
            staying += [version.tree for version in versions if version.id not in doomed]
        return Preview(units, unshared_bytes(self.store, leaving, staying) if leaving else 0)

    def apply(self, rule: Rule | None = None) -> Preview:
        """Let it go, and tell what went."""
        told = list(self._doomed(rule or self.rule))
        if not told:
            return Preview([], 0)
        with self.store.alone():
            for unit, _, doomed in told:
                rewrite(self.store, unit.ref, _all_but(doomed))
            freed = remove_unreachable(self.store)
        for unit, _, _ in told:
            with self._database.write() as session:
                repository.sync(session, self.store, unit)
        leaving = [_leaving([v for v in versions if v.id in doomed], len(versions)) for _, versions, doomed in told]
        logger.info("Retention let %d versions go.", sum(item.versions for item in leaving))
        return Preview(leaving, freed)

    def _doomed(self, rule: Rule) -> Iterator[tuple[Unit, list[Version], frozenset[str]]]:
        if rule.days <= 0 or not self.store.exists:
            return
        before = utc_now() - timedelta(days=rule.days)
        held = set(self.store.refs("refs/held/").values())
        for ref in self.store.refs():
            versions = list(self.store.versions(ref))
            if not versions:
                continue
            unit = Unit(SharePath.parse(versions[0].unit))
            keep = rule.keep if self._is_there(unit) else 0
            if doomed := doomed_of(versions, before=before, keep=keep, held=held):
                yield unit, versions, doomed

    def _is_there(self, unit: Unit) -> bool:
        try:
            self._share.real_folder(unit.path)
        except PathNotFoundError:
            return False
        return True


def doomed_of(versions: list[Version], *, before: datetime, keep: int, held: set[str]) -> frozenset[str]:
    """The ids of the versions, given newest first, that go."""
    entries: dict[str, list[Version]] = {}
    for version in versions:
        entries.setdefault(version.entry, []).append(version)
    doomed: set[str] = set()
    for number, entry in enumerate(entries.values()):
        if number < keep or entry[0].at >= before or entry[0].kind == "deployment":
            continue
        doomed.update(version.id for version in entry if version.commit not in held)
    return frozenset(doomed)


def _all_but(doomed: frozenset[str]) -> Callable[[Version], bool]:
    return lambda version: version.id not in doomed


def _leaving(gone: list[Version], all_: int) -> Leaving:
    return Leaving(gone[0].unit, len(gone), gone[-1].at, gone[0].at, all_ - len(gone))
