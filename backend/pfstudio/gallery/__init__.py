"""Example flows, as data."""

from pfstudio.gallery.catalog import GalleryEntry, GalleryType, blank_flow, entries

__all__ = ["GalleryEntry", "GalleryType", "blank_flow", "entries"]
