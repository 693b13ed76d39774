"""Limits on guessing passwords, the same for all web processes."""

from __future__ import annotations

import ipaddress
import math
from datetime import timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.errors import TooManySignInsError
from pfstudio.db.models import SignInTryRow
from pfstudio.db.session import Database
from pfstudio.kit.clock import utc_now

WINDOW_SECONDS = 300
TRIES_PER_NAME_AND_ADDRESS = 8
TRIES_PER_ADDRESS = 40
TRIES_PER_NAME = 60

_WINDOW = timedelta(seconds=WINDOW_SECONDS)


class SignInLimits:
    """Counts the tries of the last five minutes by name and address, by address and by name.

    The limit of a name alone is wide, so that nobody can lock somebody else out by guessing from one address. A try
    counts before its password is checked, so parallel tries do not slip through; a right password gives it back.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, username: str, address: str) -> None:
        """Count a try, committed at once whatever becomes of the request.

        Raises:
            TooManySignInsError: one of the limits is reached; the try is not counted.
        """
        name, source = _hashed(username), _hashed(_network(address))
        with self._database.read() as session:
            _require_room(session, name, source)  # A flood is refused without keeping any writer waiting.
        with self._database.write() as session:
            repository.lock_tries(session)
            _require_room(session, name, source)
            now = utc_now()
            repository.delete_tries_until(session, now - _WINDOW)
            session.add(SignInTryRow(name_hash=name, address_hash=source, tried_at=now))

    def succeeded(self, username: str, address: str) -> None:
        """Forget the tries of this name from this address."""
        with self._database.write() as session:
            repository.delete_tries_of(session, _hashed(username), _hashed(_network(address)))


def _require_room(session: Session, name: str, address: str) -> None:
    now = utc_now()
    since = now - _WINDOW
    waits = [timedelta()]
    for limit, who in (
        (TRIES_PER_NAME_AND_ADDRESS, (name, address)),
        (TRIES_PER_ADDRESS, (None, address)),
        (TRIES_PER_NAME, (name, None)),
    ):
        count, oldest = repository.tries_since(session, since, *who)
        if count >= limit and oldest is not None:
            waits.append(oldest + _WINDOW - now)
    if max(waits) > timedelta():
        raise TooManySignInsError(math.ceil(max(waits).total_seconds()))


def _network(address: str) -> str:
    """The address, or the /64 network of one of IPv6: who has one address there has them all."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found.ipv4_mapped if found.version == 6 else found)


def _hashed(text: str) -> str:
    """A fixed length for any text; and a password that was typed as a name is not kept."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
