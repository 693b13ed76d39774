"""Private helpers of promptflow that code in the wild imports all the same."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import IO, Any

from pfstudio.flow.yaml_reader import plain, read_yaml


def get_logger(name: str) -> logging.Logger:
    """A logger that writes to standard output, as promptflow's did."""
    import sys

    logger = logging.getLogger(name)
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(asctime)s %(process)7d %(name)-18s %(levelname)-8s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    return logger


def load_yaml(source: str | Path | IO[str] | None) -> Any:
    """The content of a YAML file as plain values; an empty mapping for nothing."""
    if source is None:
        return {}
    if isinstance(source, str | Path):
        path = Path(source)
        return plain(read_yaml(path.read_bytes(), path.name)) or {}
    return plain(read_yaml(source.read().encode("utf-8"), getattr(source, "name", "yaml"))) or {}
