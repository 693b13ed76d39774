"""Studios with people in them."""

from security.hostile_studio import *  # noqa: F403 - fixtures.
from studios import *  # noqa: F403 - fixtures.
