"""Entities as YAML text, the way the original printed them."""

from __future__ import annotations

from typing import Any


def as_yaml(value: Any) -> str:
    """Readable YAML; nulls are empty, keys keep their order."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Lists under their key are indented by nothing; null is nothing."""

    Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
    text: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10**9)
    return text
