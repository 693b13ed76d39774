"""Gives one sandbox its network: `python -I -S network_helper.py PID < request`, where PID is a process in it.

The request is one JSON line: `{"slirp": program, "prohibited": [networks], "allowed": [[host, port]], "own_port": n}`.
A fork of this process enters the sandbox's network, prohibits the routes and opens the listening sockets of what is
allowed; this one, outside, starts the user-mode network, says `ready` and relays. It ends with its standard input.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import ipaddress
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

Place = tuple[str, int]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NS_GET_USERNS = 0xB701
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_RTM_NEWROUTE, _RTM_NEWADDR = 24, 20
_REQUEST_CREATE_ACK = 0x1 | 0x400 | 0x4 | 0x100
_PROHIBIT = 8
_FREEBIND, _FREEBIND_6 = 15, 78
_NAMESERVER = ("127.0.0.53", 53)
_MOST_CONNECTIONS = 256
_DNS_SECONDS = 6.0
_PIECE = 65_536


def main() -> None:
    pid = int(sys.argv[1])
    request = json.loads(sys.stdin.readline())
    net = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    user = fcntl.ioctl(net, _NS_GET_USERNS)
    targets = _targets(request["allowed"], request["own_port"])
    listening = _prepare(user, net, request["prohibited"], sorted(targets))
    slirp, ready, exiting = _start_slirp(request["slirp"], user, net)
    if os.read(ready, 1) != b"1":
        sys.exit("the user-mode network did not start")
    for descriptor in (user, net, ready):
        os.close(descriptor)
    for place, listener in listening.items():
        if place == ("udp", *_NAMESERVER):
            threading.Thread(target=_relay_names, args=(listener,), daemon=True).start()
        else:
            target = targets.get(place[1:])
            threading.Thread(target=_accept, args=(listener, target), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    os.read(0, 1)  # Its end is closed when the sandbox ends, or the studio, however it does.
    os.close(exiting)
    slirp.kill()
    os._exit(0)


def _targets(allowed: list[list[Any]], own_port: int | None) -> dict[Place, Place]:
    """What each address and port inside stands for outside. The studio's own port never does."""
    found: dict[Place, Place] = {}
    for host, port in allowed:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            continue  # It is looked up again for the next sandbox.
        for *_, address in entries:
            ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
            if port == own_port and _is_local(ip):
                continue
            if ip.version == 4 or ip.is_loopback:
                found[str(ip), port] = (str(ip), port)
    return found


def _is_local(ip: Address) -> bool:
    """Whether this machine itself has the address."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET) as trial:
        trial.bind((str(ip), 0))
        return True
    return False


def _prepare(user: int, net: int, prohibited: list[str], places: list[Place]) -> dict[tuple[Any, ...], socket.socket]:
    """Inside the sandbox's network: close what is prohibited, listen for what is allowed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _set_namespace(user, _CLONE_NEWUSER)
            _set_namespace(net, _CLONE_NEWNET)
            _prohibit(prohibited)
            for place, listener in _listen(places):
                theirs.sendmsg([json.dumps(place).encode()], [_rights(listener)])
            code = 0
        except OSError as error:
            sys.stderr.write(f"{error}\n")
        finally:
            os._exit(code)
    theirs.close()
    found: dict[tuple[Any, ...], socket.socket] = {}
    while True:
        data, ancillary, _, _ = ours.recvmsg(4096, socket.CMSG_SPACE(4))
        if not data:
            break
        descriptor = struct.unpack("i", ancillary[0][2][:4])[0]
        found[tuple(json.loads(data))] = socket.socket(fileno=descriptor)
    if os.waitpid(pid, 0)[1]:
        sys.exit("the sandbox's network could not be set up")
    return found


def _rights(listener: socket.socket) -> tuple[int, int, array.array[int]]:
    return (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener.fileno()]))


def _set_namespace(descriptor: int, kind: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, kind) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _prohibit(networks: list[str]) -> None:
    for text in networks:
        network = ipaddress.ip_network(text)
        header = struct.pack("=BBBBBBBBI", socket.AF_INET, network.prefixlen, 0, 0, 254, 4, 0, _PROHIBIT, 0)
        _netlink(_RTM_NEWROUTE, header + _attribute(1, network.network_address.packed))


def _listen(places: list[Place]) -> Iterator[tuple[tuple[Any, ...], socket.socket]]:
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.setsockopt(socket.IPPROTO_IP, _FREEBIND, 1)  # Its loopback device may not be up yet.
    names.bind(_NAMESERVER)
    yield ("udp", *_NAMESERVER), names
    for host, port in [_NAMESERVER, *places]:
        ip = ipaddress.ip_address(host)
        if not ip.is_loopback:  # The sandbox sees the address on its own loopback device, this one port answers there.
            header = struct.pack("=BBBBI", socket.AF_INET, 32, 0, 0, socket.if_nametoindex("lo"))
            with contextlib.suppress(FileExistsError):
                _netlink(_RTM_NEWADDR, header + _attribute(2, ip.packed) + _attribute(1, ip.packed))
        listener = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
        level, option = (socket.IPPROTO_IPV6, _FREEBIND_6) if ip.version == 6 else (socket.IPPROTO_IP, _FREEBIND)
        try:
            listener.setsockopt(level, option, 1)
            listener.bind((host, port))
        except OSError:
            if ip.version == 4:
                raise
            continue  # A machine without IPv6.
        listener.listen(64)
        yield ("tcp", host, port), listener


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data


def _netlink(kind: int, body: bytes) -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.send(struct.pack("=IHHII", 16 + len(body), kind, _REQUEST_CREATE_ACK, 1, 0) + body)
        number = -struct.unpack("=i", link.recv(4096)[16:20])[0]
    if number:
        raise OSError(number, os.strerror(number))


def _start_slirp(program: str, user: int, net: int) -> tuple[subprocess.Popen[bytes], int, int]:
    ready, ready_theirs = os.pipe()
    exiting_theirs, exiting = os.pipe()
    command = [program, "--configure", "--mtu=65520", "--disable-host-loopback", "--disable-dns"]
    command += [f"--ready-fd={ready_theirs}", f"--exit-fd={exiting_theirs}", f"--userns-path=/proc/self/fd/{user}"]
    command += ["--netns-type=path", f"/proc/self/fd/{net}", "tap0"]
    process = subprocess.Popen(  # noqa: S603 - found by the studio, no shell.
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[ready_theirs, exiting_theirs, user, net],
    )
    os.close(ready_theirs)
    os.close(exiting_theirs)
    return process, ready, exiting


def _accept(listener: socket.socket, target: Place | None) -> None:
    room = threading.BoundedSemaphore(_MOST_CONNECTIONS)
    while True:
        client, _ = listener.accept()
        if room.acquire(blocking=False):
            threading.Thread(target=_serve, args=(client, target, room), daemon=True).start()
        else:
            client.close()


def _serve(client: socket.socket, target: Place | None, room: threading.BoundedSemaphore) -> None:
    """Relay one connection; without a target to the first nameserver that takes it."""
    try:
        with client, _connect([target] if target else [(name, 53) for name in _nameservers()]) as server:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join()
    except OSError:
        return  # The client sees its connection closed, as it would without us between.
    finally:
        room.release()


def _connect(places: list[Place]) -> socket.socket:
    for place in places[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection(place, timeout=10)
    connected = socket.create_connection(places[-1], timeout=10)
    connected.settimeout(None)
    return connected


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_PIECE):
            target.sendall(data)
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        with contextlib.suppress(OSError):
            end.shutdown(how)


def _nameservers() -> list[str]:
    with contextlib.suppress(OSError), open("/etc/resolv.conf") as file:  # noqa: PTH123 - no imports that cost.
        lines = [line.split() for line in file]
        found = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]
        if found:
            return found
    return ["127.0.0.1"]


def _relay_names(listener: socket.socket) -> None:
    """Questions to the machine's own nameservers, each from a socket of its own."""
    waiting: dict[socket.socket, tuple[Any, float]] = {}
    while True:
        ready, _, _ = select.select([listener, *waiting], [], [], 1.0)
        for end in ready:
            with contextlib.suppress(OSError):
                data, client = end.recvfrom(_PIECE)
                if end is not listener:
                    listener.sendto(data, waiting[end][0])
                elif len(waiting) < _MOST_CONNECTIONS:
                    asked = _ask(data)
                    waiting[asked] = (client, time.monotonic())
        now = time.monotonic()
        for end in [end for end, (_, since) in waiting.items() if end in ready or now - since > _DNS_SECONDS]:
            end.close()
            del waiting[end]


def _ask(question: bytes) -> socket.socket:
    server = _nameservers()[0]
    asked = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
    asked.connect((server, 53))
    asked.send(question)
    return asked


if __name__ == "__main__":
    main()
