"""Calls that promptflow needed and that have nothing to do here: accepted, harmless."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


def enable_cache(_: Any = None) -> Callable[[F], F]:
    """A decorator that leaves the function as it is; the reuse of model calls needs no mark."""
    return lambda function: function


def register_apis(provider_cls: C) -> C:
    return provider_cls


def register_builtins(provider_cls: C) -> C:
    return provider_cls


def register_connections(_: type | list[type]) -> None:
    """Classes of connections are found where they are used."""


def inject_openai_api() -> None:
    """Calls by OpenAI's library are seen without it."""


def recover_openai_api() -> None:
    pass


def enrich_prompt_template(*_: Any, **__: Any) -> None:
    """Rendered prompts show in traces without it."""


def setup_user_agent_to_operation_context(_: str) -> None:
    pass


class ClientUserAgentUtil:
    """No user agent is sent anywhere."""

    @staticmethod
    def append_user_agent(_: str | None) -> None:
        pass

    @staticmethod
    def get_user_agent() -> str:
        return ""

    @staticmethod
    def update_user_agent_from_env_var() -> None:
        pass

    @staticmethod
    def update_user_agent_from_config() -> None:
        pass
