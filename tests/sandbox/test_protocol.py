from __future__ import annotations

import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.sandbox import protocol

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
).filter(lambda value: "\\ud" not in ascii(value))


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=4), max_size=5), st.integers(1, 50))
def test_frames_arrive_whole_however_they_are_cut(messages: list[dict[str, object]], size: int) -> None:
    data = b"".join(map(protocol.encode, messages))
    reader = protocol.FrameReader()

    arrived = [message for start in range(0, len(data), size) for message in reader.feed(data[start : start + size])]

    assert arrived == messages


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\3abc", b"\0\0\0\1\xff"])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(protocol.ProtocolError):
        list(protocol.FrameReader().feed(data))


def test_numbers_that_are_no_json_become_null() -> None:
    data = protocol.encode({"value": [float("nan"), float("inf"), {"deep": float("-inf")}]})

    assert list(protocol.FrameReader().feed(data)) == [{"value": [None, None, {"deep": None}]}]


def test_descriptors_travel_with_a_frame() -> None:
    ours, theirs = socket.socketpair()
    read, write = os.pipe()

    protocol.send(ours, {"do": "start"}, [write])
    received = protocol.receive(theirs)

    assert received is not None
    message, descriptors = received
    os.write(descriptors[0], b"hello")
    assert (message, os.read(read, 5)) == ({"do": "start"}, b"hello")
    ours.close()
    assert protocol.receive(theirs) is None
    for descriptor in (read, write, *descriptors):
        os.close(descriptor)
    theirs.close()
