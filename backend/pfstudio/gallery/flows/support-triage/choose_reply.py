from typing import Optional

from promptflow.core import tool


@tool
def choose_reply(billing: Optional[str] = None, technical: Optional[str] = None, other: Optional[str] = None) -> str:
    """The reply of the one branch that ran; the others were bypassed and gave nothing."""
    return billing or technical or other or ""
