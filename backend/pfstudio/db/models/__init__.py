"""All tables, so that one import fills the metadata."""

from pfstudio.db.models.audit import AuditEntryRow
from pfstudio.db.models.connection import ConnectionRow
from pfstudio.db.models.consent import ConsentRow
from pfstudio.db.models.git_credential import GitCredentialRow, GitHostKeyRow
from pfstudio.db.models.git_identity import GitIdentityRow
from pfstudio.db.models.history import HistoryVersionRow
from pfstudio.db.models.identity import IdentityRow
from pfstudio.db.models.switch import SwitchRow
from pfstudio.db.models.user import (
    AccessTokenRow,
    BrowserSessionRow,
    InvitationRow,
    SignInLinkRow,
    SignInTryRow,
    UserRow,
)

__all__ = [
    "AccessTokenRow",
    "AuditEntryRow",
    "BrowserSessionRow",
    "ConnectionRow",
    "ConsentRow",
    "GitCredentialRow",
    "GitHostKeyRow",
    "GitIdentityRow",
    "HistoryVersionRow",
    "IdentityRow",
    "InvitationRow",
    "SignInLinkRow",
    "SignInTryRow",
    "SwitchRow",
    "UserRow",
]
