"""Searches over the share: names as one types, and the content of files."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.search import ContentFound, FoundName, FoundNames
from pfstudio.server.searching import ContentSearch, PatternError, TooManySearchesError
from pfstudio.share.content_search import ContentQuery
from pfstudio.share.errors import NotAFolderError, PathNotFoundError
from pfstudio.share.files import require_folder
from pfstudio.share.listing import MOST_NAMES, Listings
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.search import find_names

router = APIRouter(tags=["files"])

_LONGEST_QUERY = 1000


@cache
def _listings_of(share: Share) -> Listings:
    return Listings(share)


@router.get("/search/names", responses=error_responses(PathNotFoundError, NotAFolderError))
def search_names(
    state: StudioState,
    actor: CurrentActor,
    *,
    root: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> FoundNames:
    """Files and folders below `root` whose path holds the letters of `q` in this order. Caches and `.git` are not
    looked into."""
    at = SharePath.parse(root)
    require_folder(state.share, at)
    names = _listings_of(state.share).below(at)
    found = find_names(names, q, limit=limit, skip=len(str(at)) + 1 if at.owner else 0)
    entries = [FoundName(path=name.path, kind="folder" if name.is_folder else "file") for name in found]
    return FoundNames(entries=entries, complete=len(names) < MOST_NAMES)


@router.get(
    "/search/content",
    response_class=StreamingResponse,
    responses={
        200: {"model": ContentFound, "description": "Lines of JSON, one for each file, then one with `done`."},
        **error_responses(PathNotFoundError, NotAFolderError, PatternError, TooManySearchesError),
    },
)
async def search_content(
    state: StudioState,
    actor: CurrentActor,
    *,
    q: Annotated[str, Query(min_length=1, max_length=_LONGEST_QUERY)],
    root: str = "",
    regex: bool = False,
    case: bool = False,
    include: Annotated[str, Query(max_length=_LONGEST_QUERY)] = "",
    exclude: Annotated[str, Query(max_length=_LONGEST_QUERY)] = "",
    ignored: bool = False,
) -> StreamingResponse:
    """Lines of files below `root` that hold `q`, streamed as `application/x-ndjson`. `include` and `exclude` are
    patterns as in a `.gitignore`, separated by commas. What a `.gitignore` names is left out unless `ignored`; so are
    caches, binary files, and files over 10 MB."""
    at = SharePath.parse(root)
    await run_in_threadpool(require_folder, state.share, at)
    query = ContentQuery(
        share=str(state.share.root),
        root=str(at),
        text=q,
        is_regex=regex,
        is_case_sensitive=case,
        include=_patterns(include),
        exclude=_patterns(exclude),
        ignored=ignored,
    )
    search = ContentSearch(query, actor.username)
    await search.start()
    return StreamingResponse(search.lines(), media_type="application/x-ndjson", headers={"Cache-Control": "no-store"})


def _patterns(text: str) -> tuple[str, ...]:
    return tuple(pattern.strip() for pattern in text.split(",") if pattern.strip())
