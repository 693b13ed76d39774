"""Studios with people in them."""

from studios import *  # noqa: F403 - fixtures.
