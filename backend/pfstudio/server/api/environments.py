"""The packages that a flow runs with."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from pfstudio.accounts.actor import Actor
from pfstudio.environments import errors
from pfstudio.environments.service import State, python_version
from pfstudio.flows.errors import FlowNotFoundError
from pfstudio.server.deps import CurrentActor, StudioState, WriteSession
from pfstudio.server.environments import past_texts, texts_of
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.environments import BuildRead, EnvironmentBuildStart, EnvironmentRead, PackageRead
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["environments"])


@router.get("/environments/{path:path}", responses=error_responses(FlowNotFoundError))
def read_environment(path: str, state: StudioState, actor: CurrentActor) -> EnvironmentRead:
    """What state the flow's environment is in, and what is installed. Nothing is built."""
    place = SharePath.parse(path)
    return _body(state.environments.state(place), place, actor)


@router.post(
    "/environments/{path:path}",
    status_code=202,
    responses=error_responses(
        FlowNotFoundError,
        errors.RequirementsError,
        errors.EnvironmentsOffError,
        errors.TooManyBuildsError,
    ),
)
def build_environment(
    path: str, body: EnvironmentBuildStart, state: StudioState, session: WriteSession, actor: CurrentActor
) -> EnvironmentRead:
    """Install the packages of the flow's requirements file; where that is under way, nothing is begun twice."""
    place = SharePath.parse(path)
    return _body(state.environments.build(session, place, fresh=body.fresh, actor=actor), place, actor)


@router.delete("/environments/{path:path}", responses=error_responses(FlowNotFoundError))
def reset_environment(path: str, state: StudioState, actor: CurrentActor) -> EnvironmentRead:
    """Take the flow's environment away. It is removed unless other flows run with it; the next run builds anew."""
    place = SharePath.parse(path)
    return _body(state.environments.reset(place, actor=actor), place, actor)


@router.post("/environment-cancel/{path:path}", responses=error_responses(FlowNotFoundError))
def cancel_environment(path: str, state: StudioState, actor: CurrentActor) -> EnvironmentRead:
    """End the build that runs; harmless where none does."""
    place = SharePath.parse(path)
    return _body(state.environments.cancel(place, actor=actor), place, actor)


@router.get(
    "/environment-log/{path:path}",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "`log` `{line}` and `progress` `{phase, done, total}`, then `finished` or `failed` "
            "`{message}`; what was said before comes first.",
        },
        **error_responses(FlowNotFoundError),
    },
)
def read_environment_log(path: str, state: StudioState, _actor: CurrentActor) -> Response:
    """What the build says, and how far it is, as it goes; of the last one where none runs."""
    found = state.environments.state(SharePath.parse(path))
    if found.build is not None and not found.build.is_over:
        texts = texts_of(found.build)
    else:
        log = found.built.log if found.built else found.build.log if found.build else ""
        texts = past_texts(log, found.problem)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(texts, media_type="text/event-stream", headers=headers)


def _body(state: State, path: SharePath, actor: Actor) -> EnvironmentRead:
    about = state.built.about if state.built else {}
    requested = set(about.get("requested", []))
    packages = state.built.packages if state.built else []
    return EnvironmentRead.model_validate(
        {
            "state": state.kind,
            "python": python_version(),
            "file": state.file,
            "problem": state.problem,
            "line": state.line,
            "build": _build(state),
            "packages": [
                PackageRead(name=name, version=version, requested=name.lower() in requested)
                for name, version in packages
            ],
            "dropped": sorted(set(state.dropped)),
            "built_at": about.get("built_at"),
            "seconds": about.get("seconds"),
            "size": about.get("size"),
            "from_source": bool(about.get("from_source")),
            "flows": state.flows,
            "may_build": path.owner is not None and actor.may_write(path.owner),
        }
    )


def _build(state: State) -> BuildRead | None:
    build = state.build
    if build is None or build.is_over:
        return None
    progress = build.progress
    return BuildRead.model_validate(
        {
            "id": build.id,
            "phase": progress.phase,
            "done": progress.done,
            "total": progress.total,
            "started_at": build.started_at,
            "by": build.by,
        }
    )
