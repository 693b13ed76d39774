"""Parts of batch runs on their own: frames, packed values, what is loaded before workers are forked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.sandbox.batch_frames import FrameReader, encode
from pfstudio.sandbox.batch_hand import LineQueue, Worker
from pfstudio.sandbox.batch_preload import shareable_imports
from pfstudio.sandbox.batch_processes import start
from pfstudio.sandbox.batch_values import packed, unpacked
from pfstudio.sandbox.protocol import ProtocolError

HEADS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3)


@given(frames=st.lists(st.tuples(HEADS, st.binary(max_size=50)), max_size=6), sizes=st.lists(st.integers(1, 30)))
def test_frames_come_through_in_pieces_of_any_size(frames: list[tuple[Any, bytes]], sizes: list[int]) -> None:
    data = b"".join(encode(head, body) for head, body in frames)
    reader, got = FrameReader(), []
    for size in [*sizes, len(data) + 1]:
        got += reader.feed(data[:size])
        data = data[size:]

    assert got == frames


@pytest.mark.parametrize("data", [b"\xff" * 12, b"\0\0\0\2" + bytes(8) + b"[]", b"\0\0\0\1" + bytes(8) + b"x"])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        list(FrameReader().feed(data))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_values_come_out_as_they_went_in(value: Any) -> None:
    import json

    back = unpacked(json.loads(json.dumps(packed(value))))

    assert back == value
    assert type(back) is type(value)


def test_a_value_that_cannot_be_packed_comes_as_a_record_would_show_it() -> None:
    assert unpacked(packed([date(2026, 1, 2), lambda: 0])).startswith("[datetime.date(2026, 1, 2), <function")


def test_large_lines_are_handed_out_alone_and_small_fast_ones_together() -> None:
    lines = [(n, {"text": "x" * (2_000_000 if n < 2 else 1)}) for n in range(100)]
    queue, worker = LineQueue(lines), Worker(1)

    assert queue.share(worker, 0.0, 2) == 1
    assert queue.share(worker, 1.0, 2) == 1
    assert queue.share(worker, 0.001, 2) == 25
    queue.take(worker, 25)
    assert worker.outstanding == 1
    queue.take(worker, 10)
    assert worker.give_back([1]) == [1]
    queue.put_back([1])
    assert worker.take_all() == [0]
    assert queue.take_all()[0] == 1


CODE = """
import os, json, openai.types, not_there, mine, turtle
from requests import get
from . import sibling
from somewhere.else_ import x
def tool():
    import urllib.parse
    from promptflow.core import tool
"""


def test_only_known_libraries_are_loaded_ahead_and_none_that_the_flow_s_own_files_hide(tmp_path: Path) -> None:
    (tmp_path / "node.py").write_text(CODE)
    (tmp_path / "broken.py").write_text("import (")
    (tmp_path / "mine.py").write_text("")
    (tmp_path / "json.py").write_text("")

    names = shareable_imports(tmp_path)

    assert {"os", "urllib.parse", "promptflow.core"} <= names
    assert not names & {"json", "mine", "not_there", "turtle", "sibling", "somewhere.else_"}


LEFT_TO_LOAD = """
import sys
from pathlib import Path
from pfstudio.sandbox.batch_rehearsal import rehearse, rehearse_models
rehearse("plain.yaml")
rehearse_models()
before = set(sys.modules)
sys.path.insert(0, {root!r})
from tests.flow_folders import KnownConnections
from tests.model_servers import ModelServer, chat_answer
loaded_for_the_test = set(sys.modules)
from pfstudio.engine.loading import load_executor
server = ModelServer(chat_answer())
with load_executor(Path({flow!r}), connections=KnownConnections(server.openai())) as executor:
    result = executor.run_line({{"given": "1"}}, index=0)
    assert result.error is None, result.error
server.close()
print(sorted(set(sys.modules) - loaded_for_the_test))
"""


def test_a_worker_has_nothing_left_to_load_for_a_model_call(tmp_path: Path) -> None:
    from tests.sandbox.test_batch_models import ask_flow

    script = LEFT_TO_LOAD.format(root=str(Path(__file__).parents[2]), flow=str(ask_flow(tmp_path / "flow")))

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_rehearsal_leaves_a_proxy_alone(tmp_path: Path) -> None:
    script = "from pfstudio.sandbox.batch_rehearsal import rehearse_models; rehearse_models()"
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        variables = {**os.environ, "HTTP_PROXY": address, "ALL_PROXY": address}

        subprocess.run([sys.executable, "-c", script], env=variables, check=True, timeout=60)

        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()


def test_a_mapping_in_a_head_is_a_plain_object() -> None:
    head: Mapping[str, Any] = {"a": date(2026, 1, 2)}

    assert list(FrameReader().feed(encode(head))) == [({"a": "2026-01-02"}, b"")]


@pytest.mark.parametrize(
    ("platform", "asked", "kind"),
    [("linux", "", "Forked"), ("linux", "spawn", "Spawned"), ("darwin", "", "Spawned"), ("darwin", "fork", "Forked")],
)
def test_processes_are_forked_where_that_is_sound_or_asked_for(
    monkeypatch: pytest.MonkeyPatch, platform: str, asked: str, kind: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("PF_BATCH_METHOD", asked)

    processes = start()
    processes.close()

    assert type(processes).__name__ == f"{kind}Processes"
