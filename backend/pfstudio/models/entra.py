"""Signing in to Azure without keys: tokens of Microsoft Entra ID, kept until shortly before they end."""

from __future__ import annotations

import importlib
import os
import threading
import time
from typing import Any, Final

from pfstudio.models.errors import ModelError
from pfstudio.models.interception import is_offline

SCOPE: Final = "https://cognitiveservices.azure.com/.default"
_SPARE_SECONDS: Final = 300.0
_SHOWN: Final = 400


class EntraSignInError(ModelError):
    def __init__(self, connection: str, cause: BaseException) -> None:
        hint = (
            "It needs the package azure-identity: install it with `pip install 'pfstudio[azure]'`, or give the "
            "connection an api_key."
            if isinstance(cause, ImportError)
            else f"{type(cause).__name__}: {_first_words(cause)}"
        )
        super().__init__(f"Connection '{connection}' signs in with Microsoft Entra ID, which failed. {hint}")


class _Tokens:
    """The tokens of one process, by scope. The credential is made once; making it looks at the whole environment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credential: Any = None
        self._known: dict[str, tuple[str, float]] = {}

    def token(self, scope: str) -> str:
        with self._lock:  # One line asks, the others wait for its answer.
            token, ends = self._known.get(scope, ("", 0.0))
            if time.time() < ends - _SPARE_SECONDS:
                return token
            if self._credential is None:
                identity: Any = importlib.import_module("azure.identity")
                self._credential = identity.DefaultAzureCredential()
            given = self._credential.get_token(scope)
            self._known[scope] = (str(given.token), float(given.expires_on))
            return str(given.token)


_tokens: dict[int, _Tokens] = {}


def entra_token(connection: str, scope: str = SCOPE) -> str:
    """A token for the models of Azure. Asks nobody while calls are replayed.

    Raises:
        EntraSignInError: there is none to have; the sentence says what to do.
    """
    if is_offline():
        return "replayed"
    tokens = _tokens.setdefault(os.getpid(), _Tokens())
    try:
        return tokens.token(scope)
    except Exception as error:  # What azure-identity raises is its own affair.
        raise EntraSignInError(connection, error) from error


def forget_tokens() -> None:
    """Ask anew with the next call, as after a change of the environment."""
    _tokens.clear()


def _first_words(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
