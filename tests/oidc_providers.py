"""OpenID Connect providers: a certified one as a process of its own, and one that lies."""

from __future__ import annotations

import base64
import hmac
import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2

ROOT = Path(__file__).parents[1]
SECRET = "the secret of the studio"
PEOPLE: dict[str, dict[str, Any]] = {
    "anna-1": {"preferred_username": "Anna.Berg", "email": "anna@corp.example", "groups": ["authors"]},
    "boss-1": {"preferred_username": "boss", "groups": ["everyone", "Studio Admins"]},
    "bob-at-provider": {"preferred_username": "bob", "email": "bob@corp.example", "email_verified": False},
}


@contextmanager
def running_provider(*origins: str, base_path: str = "") -> Iterator[str]:
    """The issuer of a running provider that knows the studio at these origins."""
    configuration = {
        "redirects": [f"{origin}{base_path}/api/auth/oidc/callback" for origin in origins],
        "signOuts": [f"{origin}{base_path}/sign-in" for origin in origins],
        "people": PEOPLE,
    }
    command = ["node", str(ROOT / "tests/oidc_provider.mjs"), str(ROOT / "frontend"), json.dumps(configuration)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("ready "):
                    yield line.split()[1]
                    return
            raise AssertionError("The provider did not start: run `npm ci` in the folder frontend.")
        finally:
            process.terminate()


def sign_in_at_provider(address: str, person: str) -> str:
    """Go through the provider's own pages, and give the address it sends the browser back to."""
    with httpx2.Client(timeout=20) as browser:
        answer = browser.get(address)
        while True:
            while answer.status_code in (302, 303):
                target = urljoin(str(answer.request.url), answer.headers["location"])
                if "/api/auth/oidc/callback" in target:
                    return target
                answer = browser.get(target)
            assert answer.status_code == 200, answer.text
            action = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action is not None and prompt is not None, answer.text
            form = {"prompt": prompt[1], "login": person, "password": "any"}
            answer = browser.post(urljoin(str(answer.request.url), action[1]), data=form)


@dataclass
class Liar:
    """A provider that signs what the test tells it to: `claims` over the right ones, `header` and `key` likewise."""

    issuer: str = ""
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signs_with: str = "own"
    metadata: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        from joserfc.jwk import RSAKey

        self.own = RSAKey.generate_key(2048, {"kid": "1"})
        self.strange = RSAKey.generate_key(2048, {"kid": "1"})

    def answer(self, path: str) -> dict[str, Any]:
        self.calls.append(path)
        if path.startswith("/.well-known"):
            found = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/me",
            }
            return {**found, **self.metadata}
        if path == "/keys":
            return {"keys": [self.own.as_dict(private=False)]}
        if path == "/me":
            return self.user_info or {"sub": "s"}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self._token()}

    def _token(self) -> str:
        from joserfc import jwt

        now = int(time.time())
        right = {"iss": self.issuer, "aud": "studio", "sub": "s", "iat": now, "exp": now + 300, "nonce": self.nonce}
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        if self.algorithm == "RS256":
            return jwt.encode(
                {"alg": "RS256", "kid": "1"}, claims, self.own if self.signs_with == "own" else self.strange
            )
        signed = f"{_encoded({'alg': self.algorithm, 'kid': '1'})}.{_encoded(claims)}"
        if self.algorithm == "none":
            return f"{signed}."
        # The public key, which everybody has, taken for a shared secret.
        mac = hmac.digest(self.own.as_pem(private=False), signed.encode(), "sha256")
        return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@contextmanager
def lying_provider() -> Iterator[Liar]:
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(liar.answer(self.path.partition("?")[0])).encode()
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Nothing: the test tells what is asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield liar
    server.shutdown()
    server.server_close()
    thread.join()
