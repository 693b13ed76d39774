"""What takes up room, and how much is left."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.flows import space
from pfstudio.flows.space import UserUse, space_use
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.space import FlowUseRead, SpaceRead, StorageRead, UseRead, UserUseRead
from pfstudio.share.diskspace import DiskGuard, Use
from pfstudio.share.errors import PathNotFoundError

router = APIRouter(tags=["status"])


@router.get("/space")
def read_space(state: StudioState, actor: CurrentActor) -> SpaceRead:
    """Use by user, flow and kind; measured now."""
    found = space_use(state.share, state.settings.data, actor=actor)
    return SpaceRead(
        storage=storage_body(state.share.disk),
        quota=state.share.quotas.limit,
        flow_quota=state.share.flow_quotas.limit,
        users=[_user(user) for user in found.users],
        kinds={kind: _use(use) for kind, use in found.kinds.items()},
    )


@router.delete("/space/caches", responses=error_responses(PathNotFoundError))
def delete_caches(state: StudioState, actor: CurrentActor, *, owner: str | None = None) -> UseRead:
    """Delete what Python and its tools make anew by themselves in one's own files, and tell how much that was; an
    admin may name another `owner`."""
    return _use(space.delete_caches(state.share, owner or actor.username, actor=actor))


def storage_body(disk: DiskGuard) -> StorageRead:
    """The disk, with a sentence while nothing can be written: it is full, read-only or gone."""
    trouble = disk.trouble
    note = None if trouble is None else str(trouble)
    return StorageRead(total=disk.total, free=disk.free, read_only=trouble is not None, note=note)


def _user(user: UserUse) -> UserUseRead:
    return UserUseRead(
        username=user.username,
        files=_use(user.files),
        trash=_use(user.trash),
        caches=_use(user.caches),
        kinds={kind: _use(use) for kind, use in user.kinds.items()},
        flows=[FlowUseRead(path=flow.path, bytes=flow.use.bytes, files=flow.use.files) for flow in user.flows],
    )


def _use(use: Use) -> UseRead:
    return UseRead(bytes=use.bytes, files=use.files)
