"""All tables, so that one import fills the metadata."""

from pfstudio.db.models.connection import ConnectionRow
from pfstudio.db.models.history import HistoryVersionRow
from pfstudio.db.models.user import AccessTokenRow, BrowserSessionRow, SignInLinkRow, SignInTryRow, UserRow

__all__ = [
    "AccessTokenRow",
    "BrowserSessionRow",
    "ConnectionRow",
    "HistoryVersionRow",
    "SignInLinkRow",
    "SignInTryRow",
    "UserRow",
]
