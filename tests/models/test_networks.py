"""Model servers behind a certificate authority of a company's own, and behind its proxy."""

from __future__ import annotations

import datetime
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.model_servers import chat_answer

from pfstudio.connections.types import OpenAIConnection
from pfstudio.models.client import ModelClient
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.errors import ModelError

HOST = "models.internal.example"
BODY = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
_NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr("pfstudio.models.client.time.sleep", lambda _: None)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company authority")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(issuer if is_authority else subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class SecureServer:
    """A model server with a certificate of an authority that no machine knows."""

    def __init__(self, folder: Path, host: str) -> None:
        authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.authority_file = folder / "authority.pem"
        self.authority_file.write_bytes(_certificate("Company authority", authority, authority, is_authority=True))
        chain = folder / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain.write_bytes(private + _certificate(host, key, authority, is_authority=False))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        import json

        data = json.dumps(chat_answer("safe").body).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust the certificate hangs up, which is what is tested."""


class Proxy:
    """Passes CONNECT on to one port of this machine, whatever name was asked for."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head.split(b"\r\n")[0].decode())
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            while True:
                for end in select.select([client, server], [], [], 10)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    (server if end is client else client).sendall(data)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureServer]:
    server = SecureServer(tmp_path, HOST)
    yield server
    server.close()


def ask(address: str) -> str:
    client = ModelClient(endpoint_of(OpenAIConnection(name="c", api_key="k", base_url=address)))
    try:
        return str(client.call("chat", BODY)["choices"][0]["message"]["content"])
    finally:
        client.close()


def test_server_of_an_own_authority_is_reached_through_the_proxy(
    secure: SecureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy(secure.port)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.authority_file))

    assert ask(f"https://{HOST}/v1") == "safe"
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
    proxy.close()


def test_server_of_an_unknown_authority_is_not_trusted(secure: SecureServer, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Proxy(secure.port)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    with pytest.raises(ModelError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(f"https://{HOST}/v1")
    proxy.close()


def test_no_proxy_names_servers_that_are_asked_directly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secure = SecureServer(tmp_path, "localhost")
    proxy = Proxy(secure.port)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.authority_file))

    assert ask(f"https://localhost:{secure.port}/v1") == "safe"
    assert proxy.asked == []
    secure.close()
    proxy.close()


def test_authority_file_that_is_not_there_is_told_in_a_sentence(
    secure: SecureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/authority.pem")

    with pytest.raises(ModelError, match="SSL_CERT_FILE"):
        ask(f"https://{HOST}/v1")
