"""What a sandbox with a limited network reaches: the public internet and what the admin allows, never this machine."""

from __future__ import annotations

import ast
import ipaddress
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from pfstudio.sandbox import network, processes
from pfstudio.sandbox.isolation import SandboxSpec
from pfstudio.sandbox.limits import Limits
from pfstudio.sandbox.network import Rules

GREETING = b"a server of this machine"
TRY = """
import socket
def attempt(address, bound=False):
    family = socket.AF_INET6 if ':' in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(1.0)
        try:
            if bound:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'tap0')
            client.connect(address)
            return client.recv(100)
        except OSError as error:
            return type(error).__name__
def raw(family):
    try:
        return socket.socket(family, socket.SOCK_RAW, 1).family.name
    except OSError as error:
        return type(error).__name__
"""


def _serve(listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.sendall(GREETING)


@pytest.fixture(scope="module")
def own_address() -> str:
    """An address of this machine that is not loopback; the machine the tests run on must have one."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as trial:
        trial.connect(("192.0.2.1", 9))
        return str(trial.getsockname()[0])


@pytest.fixture(scope="module")
def servers(own_address: str) -> Iterator[dict[str, tuple[str, int]]]:
    """By name, where they listen."""
    listeners = {"loopback": socket.create_server(("127.0.0.1", 0)), "own": socket.create_server((own_address, 0))}
    for listener in listeners.values():
        threading.Thread(target=_serve, args=(listener,), daemon=True).start()
    yield {name: listener.getsockname() for name, listener in listeners.items()}
    for listener in listeners.values():
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def answers(attempts: str, *allowed: tuple[str, int], own_port: int | None = None) -> Any:
    """What Python inside a limited network says to the expression."""
    assert network.why_not_limited() is None, network.why_not_limited()
    started = processes.start(
        SandboxSpec(network="limited"),
        Limits(seconds=30.0),
        ["python3", "-I", "-c", f"{TRY}\nprint(repr(({attempts})))"],
        rules=Rules(allowed, own_port),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    output = started.process.stdout
    assert output is not None
    with output:
        said = output.read().decode()
    started.end()
    return ast.literal_eval(said)


REFUSED = {"ConnectionRefusedError", "PermissionError", "OSError", "TimeoutError"}


def test_nothing_of_this_machine_is_reached(servers: dict[str, tuple[str, int]]) -> None:
    (_, port), own = servers["loopback"], servers["own"]
    places = [("127.0.0.1", port), ("0.0.0.0", port), own, ("10.0.2.2", port), ("10.0.2.2", own[1])]
    places += [("127.0.0.2", own[1]), ("::1", port), (f"::ffff:{own[0]}", own[1])]

    found = answers(f"[attempt(place) for place in {places}]")

    assert set(found) <= REFUSED, list(zip(places, found, strict=True))


def test_private_and_metadata_addresses_are_prohibited_even_for_who_names_the_device() -> None:
    places = [("169.254.169.254", 80), ("10.1.2.3", 80), ("172.16.0.1", 80), ("192.168.1.1", 80), ("100.64.0.1", 80)]
    places += [("168.63.129.16", 80)]

    found = answers(f"[attempt(place) for place in {places}], [attempt(place, True) for place in {places[:2]}]")

    assert found[0] == ["PermissionError"] * len(places)
    assert set(found[1]) <= REFUSED


def test_an_allowed_model_server_answers_at_its_usual_address(servers: dict[str, tuple[str, int]]) -> None:
    loopback, own = servers["loopback"], servers["own"]

    found = answers(f"[attempt({loopback}), attempt({own}), attempt(('127.0.0.1', {own[1]}))]", loopback, own)

    assert found == [GREETING, GREETING, "ConnectionRefusedError"]


def test_the_studios_own_port_is_never_let_through(servers: dict[str, tuple[str, int]]) -> None:
    loopback, own = servers["loopback"], servers["own"]

    for name, place in (("localhost", loopback), (loopback[0], loopback), (own[0], own)):
        found = answers(f"attempt({place})", (name, place[1]), own_port=place[1])
        assert found in REFUSED


def test_routes_cannot_be_changed_from_inside() -> None:
    attempts = """[
    __import__('ctypes').CDLL(None).unshare(0x10000000),
    __import__('ctypes').CDLL(None).unshare(0x40000000),
    raw(socket.AF_INET), raw(socket.AF_PACKET),
]"""
    found = answers(attempts)

    assert found == [-1, -1, "PermissionError", "PermissionError"]


def test_names_are_asked_at_the_machines_own_nameserver() -> None:
    found = answers("(open('/etc/resolv.conf').read(), attempt(('127.0.0.53', 53)))")

    assert found[0].startswith("nameserver 127.0.0.53\n")
    assert found[1] in (b"", "TimeoutError", "ConnectionResetError")  # Somebody listens, and waits for a question.


def test_all_addresses_of_this_machine_are_found(own_address: str) -> None:
    found = [ipaddress.ip_network(text) for text in network.own_addresses()]

    assert ipaddress.ip_network(own_address) in found
    assert not [entry for entry in found if entry.is_loopback]


def test_without_the_program_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "slirp", lambda: None)

    assert network.why_not_limited.__wrapped__() == "slirp4netns is not installed"
