"""Bodies of remotes, transfers and git's credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from pfstudio.server.schemas.base import Schema


class GitRemote(Schema):
    """A remote. What may be a secret in its address is covered."""

    name: str
    url: str
    note: str = Field(description="Why it cannot be used here; empty where it can.")


class GitRemotes(Schema):
    remotes: list[GitRemote]


class GitRemoteCreate(Schema):
    name: str = Field(default="origin", max_length=100)
    url: str = Field(max_length=2000, description="`https://…`, `ssh://…` or `user@host:path`, without a password.")


class GitClone(Schema):
    """A repository elsewhere that becomes a folder of one's own, with its history."""

    url: str = Field(max_length=2000, description="`https://…`, `ssh://…` or `user@host:path`, without a password.")
    branch: str | None = Field(default=None, max_length=250, description="The one to check out; else the remote's own.")
    into: str = Field(max_length=1000, description="The share path of the folder that it is put into.")
    name: str | None = Field(default=None, max_length=250, description="Its name; a free one is found without it.")


class GitCloned(Schema):
    path: str = Field(description="The share path of the new folder.")
    branch: str | None = Field(description="The branch that is checked out; null where there is no commit yet.")


class GitTransferStart(Schema):
    """A transfer with a remote; `origin`, or the only one, where none is named."""

    remote: str | None = Field(default=None, max_length=100)


class GitTransferred(Schema):
    result: str = Field(description="Of a pull what the merge did; of a fetch the remote; of a push the branch.")


class GitTokenCreate(Schema):
    """A token for a host, or a new SSH key, which replaces the one there was."""

    kind: Literal["token", "ssh_key"]
    host: str = Field(default="", max_length=300, description="Such as `example.com`; for a token.")
    username: str = Field(default="", max_length=255)
    token: str = Field(default="", max_length=4000, description="It is stored encrypted and never shown again.")


class GitCredentialRead(Schema):
    id: int
    kind: Literal["token", "ssh_key"]
    origin: str
    username: str
    public_key: str = Field(description="Of an SSH key: the line that other servers are given.")
    fingerprint: str
    created_at: datetime
    last_used_at: datetime | None


class GitHostKeyRead(Schema):
    """A server that one trusts."""

    host: str
    key: str
    fingerprint: str
    created_at: datetime


class GitCredentials(Schema):
    credentials: list[GitCredentialRead]
    host_keys: list[GitHostKeyRead]


class GitHostKeyTrust(Schema):
    """What a refusal of an unknown server has proposed."""

    host: str = Field(max_length=300)
    key: str = Field(max_length=3000)
