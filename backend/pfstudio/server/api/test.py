"""Run a flow once, to try it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pfstudio.flows import errors, testing
from pfstudio.flows.testing import TestInputs
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.testing import FlowTestResult, FlowTestStart
from pfstudio.server.test_runs import event_answer, json_answer, prepare_test
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["flows"])


@router.post(
    "/test/{path:path}",
    response_model=FlowTestResult,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "The result; with `Accept: text/event-stream`, events as nodes run, `finished` last. "
            "`environment` `{phase, done, total}` comes before them while the flow's packages are installed.",
        },
        **error_responses(
            errors.FlowNotFoundError,
            errors.ConnectionNotSharedError,
            errors.ConsentRequiredError,
            errors.TooManyTestsError,
        ),
    },
)
async def test_flow(
    path: str, body: FlowTestStart, request: Request, state: StudioState, actor: CurrentActor
) -> Response:
    """Run the flow, or one node of it, on the given inputs. Closing the request stops it."""
    what = TestInputs(body.inputs, body.node, body.variant, body.init)
    prepared = await prepare_test(state, SharePath.parse(path), what, actor=actor)
    if "text/event-stream" in request.headers.get("accept", ""):
        return await event_answer(prepared)
    return await json_answer(prepared, request)


@router.delete("/test/{path:path}", status_code=204, responses=error_responses(PathNotFoundError))
def stop_tests(path: str, state: StudioState, actor: CurrentActor) -> Response:
    """Stop what one is running of this flow."""
    testing.stop_tests(state.tests, state.share, SharePath.parse(path), actor=actor)
    return Response(status_code=204)
