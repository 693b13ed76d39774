"""The API's routers, in the order of their documentation."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.server.api import (
    audit,
    auth,
    connections,
    content,
    environments,
    events,
    exports,
    files,
    flows,
    gallery,
    git,
    git_branches,
    git_flows,
    git_history,
    git_imports,
    health,
    history,
    imports,
    oidc,
    invitations,
    search,
    sessions,
    space,
    status,
    terminals,
    test,
    tokens,
    trash,
    uploads,
    users,
)


def routers() -> list[APIRouter]:
    """Every router below `/api`. A new module is added here, and its routes in `tests/security/route_classes.py`."""
    return [
        health.router,
        auth.router,
        oidc.router,
        users.router,
        audit.router,
        invitations.router,
        sessions.router,
        tokens.router,
        connections.router,
        status.router,
        space.router,
        files.router,
        content.router,
        trash.router,
        uploads.router,
        history.router,
        search.router,
        flows.router,
        gallery.router,
        exports.router,
        imports.router,
        git_imports.router,
        git.router,
        git_history.router,
        git_branches.router,
        git_flows.router,
        test.router,
        environments.router,
        terminals.router,
        events.router,
    ]
