"""All tables, so that one import fills the metadata."""

from pfstudio.db.models.connection import ConnectionRow
from pfstudio.db.models.user import AccessTokenRow, BrowserSessionRow, SignInLinkRow, UserRow

__all__ = ["AccessTokenRow", "BrowserSessionRow", "ConnectionRow", "SignInLinkRow", "UserRow"]
