"""Bodies of signing in by OpenID Connect."""

from __future__ import annotations

from pfstudio.server.schemas.base import Schema


class OidcRead(Schema):
    """`name` is what the button says, null where there is no provider. `signed_in` is set where this browser was signed
    in there by the studio, so that it can be signed out there too."""

    name: str | None
    signed_in: bool


class OidcLinkRead(Schema):
    """Where the browser goes to sign in at the provider."""

    address: str
