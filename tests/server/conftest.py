"""Studios with people in them, and databases of both kinds."""

from databases import *  # noqa: F403 - fixtures.
from studios import *  # noqa: F403 - fixtures.
