"""What takes up room, and how much is left."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.flows.space import UserUse, space_use
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.schemas.space import FlowUseRead, SpaceRead, StorageRead, UseRead, UserUseRead
from pfstudio.share.diskspace import DiskGuard, Use

router = APIRouter(tags=["status"])


@router.get("/space")
def read_space(state: StudioState, actor: CurrentActor) -> SpaceRead:
    """Use by user, flow and kind; measured now."""
    found = space_use(state.share, state.settings.data, actor=actor)
    return SpaceRead(
        storage=storage_body(state.share.disk),
        quota=state.share.quotas.limit,
        users=[_user(user) for user in found.users],
        kinds={kind: _use(use) for kind, use in found.kinds.items()},
    )


def storage_body(disk: DiskGuard) -> StorageRead:
    """The disk, with a sentence while nothing can be written: it is full, read-only or gone."""
    trouble = disk.trouble
    note = None if trouble is None else str(trouble)
    return StorageRead(total=disk.total, free=disk.free, read_only=trouble is not None, note=note)


def _user(user: UserUse) -> UserUseRead:
    flows = [FlowUseRead(path=flow.path, bytes=flow.use.bytes, files=flow.use.files) for flow in user.flows]
    return UserUseRead(username=user.username, files=_use(user.files), trash=_use(user.trash), flows=flows)


def _use(use: Use) -> UseRead:
    return UseRead(bytes=use.bytes, files=use.files)
