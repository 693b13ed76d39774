"""The example flows a new flow can start from."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel


class GalleryNode(BaseModel):
    name: str
    kind: str


class GalleryGraph(BaseModel):
    nodes: list[GalleryNode]
    edges: list[tuple[str, str]]


class GalleryInput(BaseModel):
    name: str
    type: str
    default: Any = None


class GalleryEntry(BaseModel):
    name: str
    title: str
    type: Literal["standard", "chat", "evaluation"]
    description: str
    node_count: int
    kinds: dict[str, int]
    inputs: list[GalleryInput]
    data_files: list[str]
    readme: str
    graph: GalleryGraph


class GalleryList(BaseModel):
    entries: list[GalleryEntry]
