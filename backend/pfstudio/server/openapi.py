"""Prints the OpenAPI document; the front end's client types are made from it.

`python -m pfstudio.server.openapi > openapi.json` starts nothing and touches no data folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pfstudio.server.app import create_app
from pfstudio.server.settings import Settings


def document() -> str:
    """The document as JSON, the same text for the same code."""
    app = create_app(Settings(data=Path("unused")))
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
