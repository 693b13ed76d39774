"""Whether the studio is there, and which one."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio import __version__
from pfstudio.server.schemas.health import HealthRead, VersionRead

router = APIRouter(tags=["health"])


@router.get("/health")
async def read_health() -> HealthRead:
    """200 once the studio is ready."""
    return HealthRead(status="ok")


@router.get("/version")
async def read_version() -> VersionRead:
    """The studio's version."""
    return VersionRead(version=__version__)
