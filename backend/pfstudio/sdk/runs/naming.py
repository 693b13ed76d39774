"""Names that runs get when nobody gives them one."""

from __future__ import annotations

from datetime import datetime

from pfstudio.flow.variants import parse_variant
from pfstudio.runfolder.names import sanitized

_DEFAULT_VARIANT = "variant_0"


def default_name(flow_name: str, *, kind: str, variant: str | None, now: datetime | None = None) -> str:
    """`web_classification_variant_0_20260131_101010_123456`; without the variant where there can be none."""
    moment = (now or datetime.now()).strftime("%Y%m%d_%H%M%S_%f")
    prefix = f"{flow_name}_{_variant_id(variant)}" if kind == "dag" else flow_name
    return sanitized(f"{prefix}_{moment}")


def display_name(
    given: str | None, name: str, *, kind: str, variant: str | None, run: str | None, now: datetime | None = None
) -> str:
    """The display name with `${variant_id}`, `${run}` and `${timestamp}` replaced."""
    text = given or name
    if run:
        text = text.replace("${run}", run)
    text = text.replace("${timestamp}", (now or datetime.now()).strftime("%Y%m%d%H%M"))
    return text.replace("${variant_id}", _variant_id(variant)) if kind == "dag" else text


def _variant_id(variant: str | None) -> str:
    return parse_variant(variant)[1] if variant else _DEFAULT_VARIANT
