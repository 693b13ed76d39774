"""Encryption of secrets at rest."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from pfstudio.errors import SDKError


class DecryptConnectionError(SDKError):
    """Stored secrets cannot be read with the key at hand."""


class Vault:
    """Encrypts and decrypts texts with one key. What it encrypted cannot be changed unnoticed.

    `key` is what `load_or_create_key` gives; any other bytes are accepted too and turned into a key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = _as_fernet_key(key)

    def encrypt(self, text: str) -> str:
        """The text, unreadable without the key; different each time."""
        from cryptography.fernet import Fernet

        return Fernet(self._key).encrypt(text.encode("utf-8")).decode("ascii")

    def decrypt(self, token: str) -> str:
        """What was encrypted.

        Raises:
            DecryptConnectionError: another key was used, or the text was changed.
        """
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(self._key).decrypt(token.encode("ascii", "replace")).decode("utf-8")
        except InvalidToken as error:
            raise DecryptConnectionError(
                "The stored secrets were encrypted with another key. Put the former key file back, or enter the "
                "secrets again."
            ) from error


def load_or_create_key(path: Path) -> bytes:
    """The key in this file; a new one in a new file, which only its owner can read, where there is none yet.

    The first of several processes that come at once makes the key, the others use it.
    """
    key = base64.urlsafe_b64encode(os.urandom(32))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    while True:
        if existing := read_key(path):
            return existing
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(key)
                file.flush()
                os.fsync(file.fileno())
            _place(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)


def read_key(path: Path) -> bytes | None:
    """The key in this file; None where there is no file, or an empty one."""
    try:
        return path.read_bytes().strip() or None
    except FileNotFoundError:
        return None


def _place(fresh: Path, path: Path) -> None:
    """Give the file its name unless another process was first; an empty file is no key and is replaced."""
    if path.exists() and not path.stat().st_size:
        fresh.replace(path)
        return
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:  # A file system without hard links.
        if not path.exists():
            fresh.replace(path)


def _as_fernet_key(key: bytes) -> bytes:
    stripped = key.strip()
    try:
        if len(base64.urlsafe_b64decode(stripped)) == 32:
            return stripped
    except ValueError:
        pass
    return base64.urlsafe_b64encode(hashlib.sha256(stripped).digest())
