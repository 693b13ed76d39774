"""A share with the folders of two users whose names begin alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.share.paths import Share


@pytest.fixture
def share(tmp_path: Path) -> Share:
    made = Share(tmp_path / "share")
    for owner in ("bob", "bob2"):
        made.ensure_owner(owner)
    return made


@pytest.fixture
def bob(share: Share) -> Path:
    """Bob's folder on disk."""
    return share.users / "bob"
