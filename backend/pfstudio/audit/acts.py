"""What the audit log tells of."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """Something that somebody did. The part before the dot is its kind, by which the log can be narrowed."""

    SIGNED_IN = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGNED_OUT = "sign_in.ended"
    SIGNED_OUT_EVERYWHERE = "sign_in.ended_everywhere"
    LINK_MADE = "sign_in.link_made"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - the name of an act.
    USER_CREATED = "user.created"
    USER_INVITED = "user.invited"
    INVITATION_WITHDRAWN = "user.invitation_withdrawn"
    USER_ROLE_CHANGED = "user.role_changed"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_REMOVED = "user.removed"
    IDENTITY_LINKED = "user.identity_linked"
    TOKEN_MADE = "token.made"  # noqa: S105 - the name of an act.
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - the name of an act.
    CONNECTION_CREATED = "connection.created"
    CONNECTION_CHANGED = "connection.changed"
    CONNECTION_DELETED = "connection.deleted"
    SECRETS_USED = "secret.used"
    SECRETS_LENT = "secret.lent"
    SECRETS_TAKEN_BACK = "secret.taken_back"
    GIT_CREDENTIAL_STORED = "git_credential.stored"
    GIT_CREDENTIAL_DELETED = "git_credential.deleted"
    GIT_CREDENTIAL_USED = "git_credential.used"
    GIT_CLONED = "git.cloned"
    GIT_PUSHED = "git.pushed"
    TERMINAL_OPENED = "terminal.opened"
    TERMINAL_ENDED = "terminal.ended"
    TERMINALS_SWITCHED = "terminal.switched"
    ENVIRONMENT_BUILT = "environment.built"
    HISTORY_REMOVED = "history.removed"
    DEPLOYMENT_CREATED = "deployment.created"
    DEPLOYMENT_CHANGED = "deployment.changed"
    DEPLOYMENT_DELETED = "deployment.deleted"
