"""The audit log, for admins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, StringConstraints

from pfstudio.accounts.errors import AdminRequiredError
from pfstudio.audit import service
from pfstudio.audit.acts import Act
from pfstudio.audit.service import Filters
from pfstudio.server.deps import CurrentActor, ReadSession, Studio, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.audit import AuditCheck, AuditChoices, AuditEntryRead, AuditPage

router = APIRouter(prefix="/audit", tags=["audit"])

Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


async def _filters(
    *,
    actor: Text | None = None,
    act: Text | None = None,
    text: Text | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Filters:
    return Filters(actor or None, act or None, text or None, since, until)


Filtered = Annotated[Filters, Depends(_filters)]


@router.get("", responses=error_responses(AdminRequiredError))
def list_audit_entries(
    session: ReadSession,
    actor: CurrentActor,
    filters: Filtered,
    *,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """The newest entries first. `act` is an act or a kind of acts, such as `sign_in`; `text` is sought in subjects."""
    found = service.list_entries(session, filters, actor=actor, before=before, limit=limit + 1)
    entries = [AuditEntryRead.model_validate(entry) for entry in found[:limit]]
    return AuditPage(entries=entries, next=entries[-1].id if len(found) > limit else None)


@router.get("/choices", responses=error_responses(AdminRequiredError))
def read_audit_choices(session: ReadSession, actor: CurrentActor) -> AuditChoices:
    """What the log can be narrowed by."""
    return AuditChoices(actors=service.list_actors(session, actor=actor), acts=[act.value for act in Act])


@router.get("/check", responses=error_responses(AdminRequiredError))
def check_audit_log(session: ReadSession, actor: CurrentActor) -> AuditCheck:
    """Whether every entry is as it was written."""
    return AuditCheck(broken_at=service.find_break(session, actor=actor))


@router.get(
    "/download",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/jsonl": {}}, "description": "One entry a line, the oldest first."},
        **error_responses(AdminRequiredError),
    },
)
def download_audit_log(studio: StudioState, actor: CurrentActor, filters: Filtered) -> StreamingResponse:
    """The log as JSON lines, streamed."""
    actor.require_admin()
    name = f"audit-{datetime.now(UTC):%Y-%m-%d}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(studio, filters), media_type="application/jsonl", headers=headers)


def _lines(studio: Studio, filters: Filters) -> Iterator[bytes]:
    with studio.database.read() as session:
        for entry in service.all_entries(session, filters):
            yield service.to_json_line(entry)
