"""The gallery: example flows to start from."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.flows import templates
from pfstudio.server.deps import CurrentActor
from pfstudio.server.schemas.gallery import GalleryEntry, GalleryList

router = APIRouter(tags=["gallery"])


@router.get("/gallery")
def list_gallery(actor: CurrentActor) -> GalleryList:
    """All example flows, each with its readme, inputs and graph."""
    return GalleryList(entries=[GalleryEntry.model_validate(entry) for entry in templates.gallery_entries()])
