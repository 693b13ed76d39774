"""Puts the studio's web application together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.routing import Route

from pfstudio import __version__
from pfstudio.server import errors
from pfstudio.server.api import routers
from pfstudio.server.auth import Guard
from pfstudio.server.base_path import BasePath
from pfstudio.server.bodies import BodyLimits
from pfstudio.server.deps import Studio
from pfstudio.server.git_http import GitHttp
from pfstudio.server.headers import SecurityHeaders
from pfstudio.server.schemas.base import Problem
from pfstudio.server.settings import Settings
from pfstudio.server.static import Pages
from pfstudio.server.streams import Streams


def create_app(settings: Settings) -> FastAPI:
    """The whole application: guards, routes, pages. Opens nothing before its first request."""
    studio = Studio(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        studio.recorder.start()
        yield
        studio.close()

    app = FastAPI(
        title="pfstudio",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        lifespan=lifespan,
        middleware=[
            Middleware(BasePath, base_path=settings.base_path),
            Middleware(SecurityHeaders, stopping=studio.stopping),
            Middleware(Guard, studio=studio),
            Middleware(Streams, studio=studio),
            Middleware(BodyLimits, settings=settings),
        ],
    )
    app.state.studio = studio
    errors.install(app)
    for router in routers():
        app.include_router(router, prefix="/api")
    app.router.routes.append(
        Route("/git/{path:path}", GitHttp(studio), methods=["GET", "POST"], include_in_schema=False)
    )
    app.add_route("/{path:path}", Pages(base_path=settings.base_path).answer, methods=["GET"], include_in_schema=False)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of the route's function: short, and stable when paths change."""
    return route.name


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document, with our problem as the body of every error instead of its 422."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}), Problem=problem)
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "An error.", "content": errors.problem_content()}
    app.openapi_schema = document
    return document
