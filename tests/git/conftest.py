"""Repositories on a share, made by real git."""

from repositories import *  # noqa: F403 - fixtures.
