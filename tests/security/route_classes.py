"""Who may call each route of the API. A route that is not here fails `test_http_routes.py`.

`OPEN`    needs no sign-in.
`READER`  everyone signed in.
`AUTHOR`  acts on what is one's own already; viewers are refused.
`OWNER`   acts on the place that the address names: its owner and admins; everyone else is refused.
`OWN`     things of one user that are addressed by a name or an id; for everyone else there are none.
`ADMIN`   admins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Who(Enum):
    OPEN = "open"
    READER = "reader"
    AUTHOR = "author"
    OWNER = "owner"
    OWN = "own"
    ADMIN = "admin"


@dataclass(frozen=True)
class RouteClass:
    """`address` fills the route's path with something of bob's; `json` is a body that is right."""

    who: Who
    address: str
    json: dict[str, Any] | None = None
    request: dict[str, Any] = field(default_factory=dict)
    endless: bool = False


FLOW = "Users/bob/promptflow/flow"
FILE = f"{FLOW}/flow.dag.yaml"
REPOSITORY = "Users/bob/promptflow/repository"
MERGING = "Users/bob/promptflow/merging"
KEY = {"type": "open_ai", "api_key": "sk-1"}
CREDENTIALS = {"username": "bob", "password": "wrong horse"}

ROUTES: dict[tuple[str, str], RouteClass] = {
    ("GET", "/api/health"): RouteClass(Who.OPEN, "/api/health"),
    ("GET", "/api/version"): RouteClass(Who.OPEN, "/api/version"),
    ("POST", "/api/auth/session"): RouteClass(Who.OPEN, "/api/auth/session", CREDENTIALS),
    ("POST", "/api/auth/token"): RouteClass(Who.OPEN, "/api/auth/token", CREDENTIALS),
    ("POST", "/api/auth/link"): RouteClass(Who.OPEN, "/api/auth/link", {"token": "none"}),
    ("POST", "/api/auth/link/read"): RouteClass(Who.OPEN, "/api/auth/link/read", {"token": "none"}),
    ("GET", "/api/auth/oidc"): RouteClass(Who.OPEN, "/api/auth/oidc"),
    ("GET", "/api/auth/oidc/start"): RouteClass(Who.OPEN, "/api/auth/oidc/start"),
    ("GET", "/api/auth/oidc/callback"): RouteClass(Who.OPEN, "/api/auth/oidc/callback"),
    ("GET", "/api/auth/oidc/sign-out"): RouteClass(Who.OPEN, "/api/auth/oidc/sign-out"),
    ("POST", "/api/auth/oidc/link"): RouteClass(Who.OWN, "/api/auth/oidc/link"),
    ("GET", "/api/openapi.json"): RouteClass(Who.READER, "/api/openapi.json"),
    ("GET", "/api/auth/session"): RouteClass(Who.READER, "/api/auth/session"),
    ("DELETE", "/api/auth/session"): RouteClass(Who.READER, "/api/auth/session"),
    ("POST", "/api/auth/password"): RouteClass(
        Who.READER, "/api/auth/password", {"current": "correct horse battery", "new": "staple horse battery"}
    ),
    ("GET", "/api/users"): RouteClass(Who.READER, "/api/users"),
    ("POST", "/api/users"): RouteClass(
        Who.ADMIN, "/api/users", {"username": "carol", "password": "correct horse", "role": "admin"}
    ),
    ("PATCH", "/api/users/{username}"): RouteClass(Who.ADMIN, "/api/users/bob", {"role": "viewer"}),
    ("DELETE", "/api/users/{username}"): RouteClass(Who.ADMIN, "/api/users/bob"),
    ("POST", "/api/users/{username}/reset"): RouteClass(Who.ADMIN, "/api/users/bob/reset"),
    ("GET", "/api/invitations"): RouteClass(Who.ADMIN, "/api/invitations"),
    ("POST", "/api/invitations"): RouteClass(Who.ADMIN, "/api/invitations", {"role": "author"}),
    ("DELETE", "/api/invitations/{invitation_id}"): RouteClass(Who.ADMIN, "/api/invitations/INVITED"),
    ("GET", "/api/sessions"): RouteClass(Who.READER, "/api/sessions"),
    ("DELETE", "/api/sessions/{session_id}"): RouteClass(Who.OWN, "/api/sessions/none"),
    ("POST", "/api/sessions/sign-out-everywhere"): RouteClass(
        Who.READER, "/api/sessions/sign-out-everywhere", {"tokens": True}
    ),
    ("GET", "/api/tokens"): RouteClass(Who.READER, "/api/tokens"),
    ("POST", "/api/tokens"): RouteClass(Who.READER, "/api/tokens", {"name": "ci", "scope": "read"}),
    ("DELETE", "/api/tokens/{token_id}"): RouteClass(Who.OWN, "/api/tokens/none"),
    ("GET", "/api/audit"): RouteClass(Who.ADMIN, "/api/audit"),
    ("GET", "/api/audit/choices"): RouteClass(Who.ADMIN, "/api/audit/choices"),
    ("GET", "/api/audit/check"): RouteClass(Who.ADMIN, "/api/audit/check"),
    ("GET", "/api/audit/download"): RouteClass(Who.ADMIN, "/api/audit/download"),
    ("POST", "/api/consent/{path:path}"): RouteClass(
        Who.AUTHOR, f"/api/consent/{FLOW}", {"snapshot": "0" * 64, "connections": ["mine"]}
    ),
    ("GET", "/api/connection-types"): RouteClass(Who.READER, "/api/connection-types"),
    ("GET", "/api/connections"): RouteClass(Who.READER, "/api/connections"),
    ("POST", "/api/connections"): RouteClass(Who.AUTHOR, "/api/connections", {"name": "another", **KEY}),
    ("GET", "/api/connections/{name}"): RouteClass(Who.OWN, "/api/connections/mine"),
    ("PUT", "/api/connections/{name}"): RouteClass(Who.OWN, "/api/connections/mine", KEY),
    ("DELETE", "/api/connections/{name}"): RouteClass(Who.OWN, "/api/connections/mine"),
    ("POST", "/api/connections/{name}/test"): RouteClass(Who.OWN, "/api/connections/mine/test"),
    ("GET", "/api/status"): RouteClass(Who.READER, "/api/status"),
    ("GET", "/api/files/{path:path}"): RouteClass(Who.READER, f"/api/files/{FLOW}"),
    ("POST", "/api/files/{path:path}"): RouteClass(Who.OWNER, f"/api/files/{FLOW}/new", {"kind": "folder"}),
    ("PATCH", "/api/files/{path:path}"): RouteClass(Who.OWNER, f"/api/files/{FILE}", {"path": f"{FLOW}/moved.yaml"}),
    ("DELETE", "/api/files/{path:path}"): RouteClass(Who.OWNER, f"/api/files/{FILE}"),
    ("POST", "/api/files-batch"): RouteClass(
        Who.AUTHOR, "/api/files-batch", {"action": "delete", "paths": [FILE, f"{FLOW}/none"]}
    ),
    ("GET", "/api/content/{path:path}"): RouteClass(Who.READER, f"/api/content/{FILE}"),
    ("HEAD", "/api/content/{path:path}"): RouteClass(Who.READER, f"/api/content/{FILE}"),
    ("PUT", "/api/content/{path:path}"): RouteClass(
        Who.OWNER, f"/api/content/{FLOW}/new.txt", request={"content": b"written"}
    ),
    ("POST", "/api/uploads"): RouteClass(Who.AUTHOR, "/api/uploads", {"size": 3}),
    ("GET", "/api/uploads/{upload_id}"): RouteClass(Who.OWN, "/api/uploads/none"),
    ("HEAD", "/api/uploads/{upload_id}"): RouteClass(Who.OWN, "/api/uploads/none"),
    ("PATCH", "/api/uploads/{upload_id}"): RouteClass(
        Who.OWN, "/api/uploads/none", request={"content": b"x", "headers": {"Upload-Offset": "0"}}
    ),
    ("POST", "/api/uploads/{upload_id}/finish"): RouteClass(Who.OWN, "/api/uploads/none/finish"),
    ("DELETE", "/api/uploads/{upload_id}"): RouteClass(Who.OWN, "/api/uploads/none"),
    ("GET", "/api/search/names"): RouteClass(Who.READER, f"/api/search/names?root={FLOW}&q=flow"),
    ("GET", "/api/search/content"): RouteClass(Who.READER, f"/api/search/content?root={FLOW}&q=nodes"),
    ("GET", "/api/trash"): RouteClass(Who.READER, "/api/trash"),
    ("DELETE", "/api/trash"): RouteClass(Who.AUTHOR, "/api/trash"),
    ("GET", "/api/space"): RouteClass(Who.READER, "/api/space"),
    ("DELETE", "/api/space/caches"): RouteClass(Who.AUTHOR, "/api/space/caches"),
    ("POST", "/api/trash/{trash_id}/restore"): RouteClass(Who.OWN, "/api/trash/TRASHED/restore"),
    ("DELETE", "/api/trash/{trash_id}"): RouteClass(Who.OWN, "/api/trash/TRASHED"),
    ("GET", "/api/history/{path:path}"): RouteClass(Who.READER, f"/api/history/{FLOW}"),
    ("GET", "/api/history-version/{path:path}"): RouteClass(
        Who.READER, f"/api/history-version/{FLOW}/deleted.txt?version=VERSION"
    ),
    ("GET", "/api/history-content/{path:path}"): RouteClass(
        Who.READER, f"/api/history-content/{FLOW}/deleted.txt?version=VERSION"
    ),
    ("GET", "/api/history-diff/{path:path}"): RouteClass(Who.READER, f"/api/history-diff/{FLOW}?from=VERSION"),
    ("POST", "/api/history-restore/{path:path}"): RouteClass(
        Who.OWNER, f"/api/history-restore/{FLOW}", {"version": "VERSION"}
    ),
    ("POST", "/api/history-lost/{path:path}"): RouteClass(
        Who.OWNER, f"/api/history-lost/{FILE}", request={"content": b"lost"}
    ),
    ("GET", "/api/history-retention"): RouteClass(Who.READER, "/api/history-retention"),
    ("POST", "/api/history-retention"): RouteClass(Who.ADMIN, "/api/history-retention", {"days": 1, "keep": 0}),
    ("POST", "/api/history-removal/{path:path}"): RouteClass(Who.OWNER, f"/api/history-removal/{FLOW}/deleted.txt"),
    ("GET", "/api/environments/{path:path}"): RouteClass(Who.READER, f"/api/environments/{FLOW}"),
    ("POST", "/api/environments/{path:path}"): RouteClass(Who.OWNER, f"/api/environments/{FLOW}", {"fresh": False}),
    ("DELETE", "/api/environments/{path:path}"): RouteClass(Who.OWNER, f"/api/environments/{FLOW}"),
    ("POST", "/api/environment-cancel/{path:path}"): RouteClass(Who.OWNER, f"/api/environment-cancel/{FLOW}"),
    ("GET", "/api/environment-log/{path:path}"): RouteClass(Who.READER, f"/api/environment-log/{FLOW}"),
    ("GET", "/api/flows"): RouteClass(Who.READER, "/api/flows"),
    ("POST", "/api/flows"): RouteClass(Who.AUTHOR, "/api/flows", {"name": "another", "type": "standard"}),
    ("GET", "/api/flows/{path:path}"): RouteClass(Who.READER, f"/api/flows/{FLOW}"),
    ("GET", "/api/gallery"): RouteClass(Who.READER, "/api/gallery"),
    ("GET", "/api/manifest/{path:path}"): RouteClass(Who.READER, f"/api/manifest/{FLOW}"),
    ("GET", "/api/export/{path:path}"): RouteClass(Who.READER, f"/api/export/{FLOW}"),
    ("POST", "/api/import"): RouteClass(
        Who.AUTHOR, "/api/import", request={"files": [("files", ("imported/flow.dag.yaml", b"nodes: []\n"))]}
    ),
    ("POST", "/api/import-git"): RouteClass(Who.AUTHOR, "/api/import-git", {"url": "https://host.invalid/r.git"}),
    ("GET", "/api/git/remotes/{path:path}"): RouteClass(Who.READER, f"/api/git/remotes/{REPOSITORY}"),
    ("POST", "/api/git/remotes/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/remotes/{REPOSITORY}", {"url": "https://host.invalid/r.git"}
    ),
    ("DELETE", "/api/git/remotes/{path:path}"): RouteClass(Who.OWNER, f"/api/git/remotes/{REPOSITORY}?name=origin"),
    ("POST", "/api/git/clone"): RouteClass(
        Who.OWNER, "/api/git/clone", {"url": "https://host.invalid/r.git", "into": "Users/bob/promptflow"}
    ),
    ("POST", "/api/git/fetch/{path:path}"): RouteClass(Who.OWNER, f"/api/git/fetch/{REPOSITORY}", {}),
    ("POST", "/api/git/pull/{path:path}"): RouteClass(Who.OWNER, f"/api/git/pull/{REPOSITORY}", {}),
    ("POST", "/api/git/push/{path:path}"): RouteClass(Who.OWNER, f"/api/git/push/{REPOSITORY}", {}),
    ("GET", "/api/git-credentials"): RouteClass(Who.READER, "/api/git-credentials"),
    ("POST", "/api/git-credentials"): RouteClass(Who.AUTHOR, "/api/git-credentials", {"kind": "ssh_key"}),
    ("DELETE", "/api/git-credentials/{number}"): RouteClass(Who.OWN, "/api/git-credentials/1"),
    ("POST", "/api/git-host-keys"): RouteClass(
        Who.AUTHOR,
        "/api/git-host-keys",
        {
            "host": "a.example",
            "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        },
    ),
    ("DELETE", "/api/git-host-keys"): RouteClass(Who.OWN, "/api/git-host-keys?host=a.example"),
    ("GET", "/api/git/status/{path:path}"): RouteClass(Who.READER, f"/api/git/status/{REPOSITORY}"),
    ("POST", "/api/git/init/{path:path}"): RouteClass(Who.OWNER, f"/api/git/init/{FLOW}", {"branch": "main"}),
    ("POST", "/api/git/ignore/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/ignore/{REPOSITORY}", {"patterns": [".env"]}
    ),
    ("POST", "/api/git/stage/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/stage/{REPOSITORY}", {"paths": [REPOSITORY]}
    ),
    ("POST", "/api/git/unstage/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/unstage/{REPOSITORY}", {"paths": [REPOSITORY]}
    ),
    ("POST", "/api/git/discard/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/discard/{REPOSITORY}", {"paths": [REPOSITORY]}
    ),
    ("POST", "/api/git/commit/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/commit/{REPOSITORY}", {"message": "Words"}
    ),
    ("POST", "/api/git/restore/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/restore/{REPOSITORY}/a.txt", {"commit": "other"}
    ),
    ("GET", "/api/git/log/{path:path}"): RouteClass(Who.READER, f"/api/git/log/{REPOSITORY}?all=true"),
    ("GET", "/api/git/commit/{path:path}"): RouteClass(Who.READER, f"/api/git/commit/{REPOSITORY}?id=other"),
    ("GET", "/api/git/diff/{path:path}"): RouteClass(Who.READER, f"/api/git/diff/{REPOSITORY}"),
    ("GET", "/api/git/content/{path:path}"): RouteClass(
        Who.READER, f"/api/git/content/{REPOSITORY}/a.txt?commit=other"
    ),
    ("GET", "/api/git/branches/{path:path}"): RouteClass(Who.READER, f"/api/git/branches/{REPOSITORY}"),
    ("POST", "/api/git/branches/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/branches/{REPOSITORY}", {"name": "new"}
    ),
    ("PATCH", "/api/git/branches/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/branches/{REPOSITORY}", {"name": "other", "new_name": "renamed"}
    ),
    ("DELETE", "/api/git/branches/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/branches/{REPOSITORY}?name=other&force=true"
    ),
    ("POST", "/api/git/switch/{path:path}"): RouteClass(Who.OWNER, f"/api/git/switch/{REPOSITORY}", {"to": "beside"}),
    ("GET", "/api/git/stash/{path:path}"): RouteClass(Who.READER, f"/api/git/stash/{REPOSITORY}"),
    ("POST", "/api/git/stash/{path:path}"): RouteClass(Who.OWNER, f"/api/git/stash/{REPOSITORY}", {"message": "Mine"}),
    ("POST", "/api/git/stash-apply/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/stash-apply/{REPOSITORY}", {"commit": "STASH"}
    ),
    ("DELETE", "/api/git/stash/{path:path}"): RouteClass(Who.OWNER, f"/api/git/stash/{REPOSITORY}?commit=STASH"),
    ("POST", "/api/git/merge/{path:path}"): RouteClass(Who.OWNER, f"/api/git/merge/{REPOSITORY}", {"branch": "beside"}),
    ("POST", "/api/git/abort/{path:path}"): RouteClass(Who.OWNER, f"/api/git/abort/{MERGING}"),
    ("GET", "/api/git/flow-diff/{path:path}"): RouteClass(Who.READER, f"/api/git/flow-diff/{REPOSITORY}"),
    ("GET", "/api/git/conflicts/{path:path}"): RouteClass(Who.READER, f"/api/git/conflicts/{MERGING}"),
    ("POST", "/api/git/resolve/{path:path}"): RouteClass(
        Who.OWNER, f"/api/git/resolve/{MERGING}", {"file": f"{MERGING}/a.txt", "take": "ours"}
    ),
    ("GET", "/api/git-identity"): RouteClass(Who.READER, "/api/git-identity"),
    ("PUT", "/api/git-identity"): RouteClass(
        Who.AUTHOR, "/api/git-identity", {"name": "Bob", "address": "bob@example.com"}
    ),
    ("POST", "/api/test/{path:path}"): RouteClass(Who.AUTHOR, "/api/test/Users/bob/promptflow/none", {"inputs": {}}),
    ("DELETE", "/api/test/{path:path}"): RouteClass(Who.AUTHOR, f"/api/test/{FLOW}"),
    ("GET", "/api/terminals"): RouteClass(Who.READER, "/api/terminals"),
    ("PUT", "/api/terminals"): RouteClass(Who.ADMIN, "/api/terminals", {"is_on": True}),
    ("DELETE", "/api/terminals/{terminal_id}"): RouteClass(Who.OWN, "/api/terminals/none"),
    ("GET", "/api/events"): RouteClass(Who.READER, "/api/events", endless=True),
    ("PUT", "/api/events/{stream}"): RouteClass(Who.OWN, "/api/events/none", {"watch": []}),
}

SOCKETS: dict[tuple[str, str], RouteClass] = {
    ("WEBSOCKET", "/api/terminal"): RouteClass(Who.AUTHOR, "/api/terminal"),
}
