"""The OpenID Connect provider: where it sends people to sign in, and what its answers are worth.

Authorization code with PKCE. Nothing of an answer counts before the ID token's signature, issuer, audience, times and
nonce are checked; `none` and shared-secret algorithms never are.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from pfstudio.accounts.oidc_errors import OidcRefusedError, OidcTokenError, OidcUnreachableError

if TYPE_CHECKING:
    import httpx2

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_KNOWN_FOR_SECONDS = 3600
_TIMEOUT_SECONDS = 10.0
_LONGEST_ANSWER = 1024 * 1024
_LEEWAY_SECONDS = 60
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """As which client the studio asks which provider. `secret` is None for a public client."""

    issuer: str
    client_id: str
    secret: str | None
    scopes: str
    groups_claim: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that was begun and whose answer is awaited; it is kept, sealed, in the browser that began it.

    `link_to` is the signed-in user who wants the provider's account linked to theirs.
    """

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    next: str
    link_to: str | None
    expires_at: float

    def to_json(self) -> str:
        return json.dumps({"kind": "oidc pending", **asdict(self)})


class Provider:
    """One provider; threads share it. Its documents are read when first needed, and again after an hour."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._documents: dict[str, tuple[float, dict[str, Any]]] = {}

    def authorization_address(self, pending: Pending) -> str:
        """Where the browser goes to sign in.

        Raises:
            OidcUnreachableError: the provider cannot be asked where that is.
        """
        challenge = hashlib.sha256(pending.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": pending.redirect_uri,
            "scope": self.settings.scopes,
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return _with_query(self._endpoint("authorization_endpoint"), query)

    def sign_out_address(self, back_to: str) -> str | None:
        """Where the browser goes to end its session at the provider; None where the provider has no such place."""
        if "end_session_endpoint" not in self._metadata():
            return None
        query = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to}
        return _with_query(self._endpoint("end_session_endpoint"), query)

    def check_answer(self, pending: Pending, answer: Mapping[str, str]) -> dict[str, Any]:
        """The claims about whoever signed in, once everything about them holds.

        Raises:
            OidcRefusedError: the provider says no, or does not take the code.
            OidcTokenError: what it gave cannot be trusted.
            OidcUnreachableError: it does not answer.
        """
        issuer = answer.get("iss")
        metadata = self._metadata()
        if issuer != self.settings.issuer and (
            issuer is not None or metadata.get("authorization_response_iss_parameter_supported") is True
        ):
            raise OidcTokenError("it comes from another issuer.")
        if "error" in answer:
            raise OidcRefusedError(_words(answer.get("error_description") or answer["error"]))
        if not answer.get("code"):
            raise OidcRefusedError("it sent no code.")
        tokens = self._exchange(answer["code"], pending)
        if not isinstance(tokens.get("id_token"), str):
            raise OidcTokenError("it holds no ID token.")
        claims = self._check_id_token(tokens["id_token"], pending.nonce)
        return {**self._user_info(tokens.get("access_token"), claims["sub"]), **claims}

    def _exchange(self, code: str, pending: Pending) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect_uri,
            "code_verifier": pending.verifier,
        }
        address = self._endpoint("token_endpoint")
        headers = {}
        if self.settings.secret is None:
            form["client_id"] = self.settings.client_id
        elif self._wants_secret_in_body():
            form |= {"client_id": self.settings.client_id, "client_secret": self.settings.secret}
        else:
            pair = urlencode({self.settings.client_id: self.settings.secret}).replace("=", ":", 1)
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        status, answer = self._ask("POST", address, data=form, headers=headers)
        if status != 200:
            raise OidcRefusedError(_words(answer.get("error_description") or answer.get("error") or f"answer {status}"))
        return answer

    def _wants_secret_in_body(self) -> bool:
        methods = self._metadata().get("token_endpoint_auth_methods_supported")
        return isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods

    def _check_id_token(self, token: str, nonce: str) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError, MissingKeyError

        for is_fresh in (False, True):
            try:
                decoded = jwt.decode(token, self._keys(fresh=is_fresh), algorithms=list(_ALGORITHMS))
                break
            except (JoseError, ValueError, TypeError) as error:
                # A provider that has changed its keys since signs with one that is not known yet.
                if is_fresh or not isinstance(error, MissingKeyError | ValueError | JoseError):
                    raise OidcTokenError("the ID token is not signed by the provider.") from error
        claims: dict[str, Any] = decoded.claims
        self._check_claims(claims, nonce)
        return claims

    def _check_claims(self, claims: Mapping[str, Any], nonce: str) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = time.time()
        if claims.get("iss") != self.settings.issuer:
            raise OidcTokenError("the ID token is of another issuer.")
        if self.settings.client_id not in audiences:
            raise OidcTokenError("the ID token is for another application.")
        if claims.get("azp", self.settings.client_id) != self.settings.client_id or (
            len(audiences) > 1 and "azp" not in claims
        ):
            raise OidcTokenError("the ID token was given to another application.")
        expires, issued = claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int | float) or not isinstance(issued, int | float):
            raise OidcTokenError("the ID token has no times.")
        if expires <= now - _LEEWAY_SECONDS or issued > now + _LEEWAY_SECONDS:
            raise OidcTokenError("the ID token has expired or is not valid yet; compare the clocks.")
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise OidcTokenError("the ID token belongs to another sign-in.")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise OidcTokenError("the ID token does not say whose it is.")

    def _user_info(self, access_token: Any, subject: str) -> dict[str, Any]:
        """What the provider tells beyond the ID token; many keep groups and names for here."""
        if "userinfo_endpoint" not in self._metadata() or not isinstance(access_token, str):
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        status, answer = self._ask("GET", self._endpoint("userinfo_endpoint"), headers=headers)
        if status != 200:
            raise OidcUnreachableError(f"it answers {status} where it is asked about you.")
        if answer.get("sub") != subject:
            raise OidcTokenError("it tells about somebody else.")
        return answer

    def _keys(self, *, fresh: bool) -> Any:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        document = self._document(self._endpoint("jwks_uri"), fresh=fresh)
        try:
            return KeySet.import_key_set({"keys": document["keys"]})
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OidcTokenError("its keys cannot be read.") from error

    def _metadata(self) -> dict[str, Any]:
        found = self._document(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            raise OidcUnreachableError("it calls itself otherwise than PFSTUDIO_OIDC_ISSUER says.")
        return found

    def _endpoint(self, name: str) -> str:
        address = self._metadata().get(name)
        if not isinstance(address, str) or not is_safe_address(address, self.settings.issuer):
            raise OidcUnreachableError(f"its '{name}' is no address under https.")
        return address

    def _document(self, address: str, *, fresh: bool = False) -> dict[str, Any]:
        with self._lock:
            read_at, known = self._documents.get(address, (0.0, {}))
        if known and not fresh and time.monotonic() - read_at < _KNOWN_FOR_SECONDS:
            return known
        status, document = self._ask("GET", address)
        if status != 200:
            raise OidcUnreachableError(f"it answers {status} at {address}.")
        with self._lock:
            self._documents[address] = (time.monotonic(), document)
        return document

    def _ask(self, method: str, address: str, **request: Any) -> tuple[int, dict[str, Any]]:
        import httpx2

        try:
            with _open_client(address) as client, client.stream(method, address, **request) as response:
                body = b""
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > _LONGEST_ANSWER:
                        raise OidcUnreachableError("its answer is too long.")
                answer = json.loads(body or b"{}")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise OidcUnreachableError(
                f"{urlsplit(address).netloc} does not answer ({type(error).__name__})."
            ) from error
        except ValueError as error:
            raise OidcUnreachableError(f"{urlsplit(address).netloc} does not answer in JSON.") from error
        return response.status_code, answer if isinstance(answer, dict) else {}


def is_safe_address(address: str, issuer: str) -> bool:
    """Whether an address may be asked: `https`, or plain `http` where the issuer itself is on this machine."""
    parts = urlsplit(address)
    is_local = urlsplit(issuer).scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_local))


def _open_client(address: str) -> httpx2.Client:
    import httpx2

    from pfstudio.models.certificates import tls_context

    verify: Any = tls_context() if address.startswith("https:") else True
    return httpx2.Client(verify=verify, timeout=_TIMEOUT_SECONDS, headers={"User-Agent": "pfstudio"})


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _words(text: Any) -> str:
    return "".join(character for character in str(text) if character.isprintable())[:200]
