"""Run a flow once, to try it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from pfstudio.flows import errors
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.testing import FlowTestResult, FlowTestStart
from pfstudio.server.test_runs import json_answer, start_test, test_event_stream
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["flows"])


@router.post(
    "/test/{path:path}",
    response_model=FlowTestResult,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "The result; with `Accept: text/event-stream`, events as nodes run, `finished` last.",
        },
        **error_responses(errors.FlowNotFoundError, errors.TooManyTestsError),
    },
)
async def test_flow(
    path: str, body: FlowTestStart, request: Request, state: StudioState, actor: CurrentActor
) -> Response:
    """Run the flow, or one node of it, on the given inputs. Closing the request stops it."""
    running = await start_test(state, SharePath.parse(path), body, actor=actor)
    if "text/event-stream" in request.headers.get("accept", ""):
        return test_event_stream(running)
    return await json_answer(running, request)


@router.delete("/test/{path:path}", status_code=204)
def stop_tests(path: str, state: StudioState, actor: CurrentActor) -> Response:
    """Stop what one is running of this flow."""
    state.flow_tests.stop(SharePath.parse(path), runner=actor.username)
    return Response(status_code=204)
