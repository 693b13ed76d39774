"""Databases of both kinds."""

from databases import *  # noqa: F403 - fixtures.
