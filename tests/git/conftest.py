"""Repositories on a share, made by real git; and studios that serve them."""

from databases import *  # noqa: F403 - fixtures.
from git_server import *  # noqa: F403 - fixtures.
from live_studio import *  # noqa: F403 - fixtures.
from repositories import *  # noqa: F403 - fixtures.
from studios import *  # noqa: F403 - fixtures.
