"""What the studio runs on."""

from __future__ import annotations

import platform

from fastapi import APIRouter

from pfstudio import __version__
from pfstudio.server.api.space import storage_body
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.flow_network import describe_network
from pfstudio.server.schemas.status import HistoryState, StatusRead

router = APIRouter(tags=["status"])


@router.get("/status")
def read_status(studio: StudioState, actor: CurrentActor) -> StatusRead:
    """Versions, database, share, and what isolation is active."""
    return StatusRead(
        version=__version__,
        python=platform.python_version(),
        database="SQLite" if studio.database.is_sqlite else "PostgreSQL",
        isolation=studio.isolation_read(),
        isolation_kind=studio.isolation.kind,
        memory_limit=studio.isolation.memory,
        network=describe_network(studio.settings, studio.isolation),
        storage=storage_body(studio.share.disk),
        history=HistoryState.model_validate(studio.recorder.state),
        share=str(studio.settings.share_root) if actor.is_admin else None,
    )
