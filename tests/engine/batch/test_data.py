"""Data files are read as they are; a fault is named with file and line."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.engine.batch import data_json
from pfstudio.engine.batch.data import read_data
from pfstudio.engine.batch.errors import DataNotFoundError, EmptyInputsData, InvalidUserData


def rows(file: Path) -> list[dict[str, object]]:
    return [dict(row) for row in read_data(file)]


def test_json_lines_keep_their_values_and_what_is_absent_stays_absent(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    big = 2**64 + 1
    file.write_text(
        f'{{"created_at": 1700000000, "a": 1.0}}\n\n{{"a": {big}, "b": null, "c": "é"}}\n', encoding="utf-8"
    )

    assert rows(file) == [{"created_at": 1700000000, "a": 1.0}, {"a": big, "b": None, "c": "é"}]


def test_a_byte_order_mark_and_every_kind_of_line_end_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"n": 1}\r\n{"n": 2}\n\r\n{"n": 3}\r{"n": 4}')

    assert [row["n"] for row in rows(file)] == [1, 2, 3, 4]


def test_nan_and_infinity_are_numbers(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text('{"a": NaN, "b": -Infinity}\n')

    row = rows(file)[0]

    assert row["a"] != row["a"]
    assert row["b"] == float("-inf")


def test_of_keys_that_come_twice_the_last_counts(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text('{"a": 1, "a": 2}\n')

    assert rows(file) == [{"a": 2}]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b'{"a": 1}\n\n{"a": 1,}\n', 3, "not JSON"),
        (b'{"a": 1}\n[1, 2]\n', 2, "a list, not an object"),
        (b'{"a": 1}\r\n{"a": "\xff"}\r\n', 2, "not UTF-8"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", 1, "nested too deep"),
        (b'{"a": ' + b"9" * 5000 + b"}\n", 1, "digits"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: bytes, line: int, words: str) -> None:
    file = tmp_path / "data.jsonl"
    file.write_bytes(content)

    with pytest.raises(InvalidUserData, match=words) as raised:
        read_data(file)

    assert (raised.value.file, raised.value.line) == (str(file), line)
    assert raised.value.message.startswith("Fail to load invalid data. We support file formats:")


def test_a_json_file_is_a_list_of_records_or_an_object_of_columns(tmp_path: Path) -> None:
    file = tmp_path / "data.json"

    file.write_text('\ufeff[{"a": 1}, {"b": 2}]', encoding="utf-8")
    assert rows(file) == [{"a": 1}, {"b": 2}]
    file.write_text('{"a": [1, 2], "b": ["x", "y"]}')
    assert rows(file) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    file.write_text('{"a": {"0": 1, "1": 2}}')
    assert rows(file) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"a": 1},\n {"a": }]', "line 2: it is not JSON"),
        ("[1, 2]", "element 0 of the list is a number"),
        ('{"a": 1}', "one object, not a list"),
        ('{"a": [1], "b": [1, 2]}', "different lengths"),
        ('"text"', "neither a list"),
    ],
)
def test_a_json_file_that_holds_no_records_is_refused(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "data.json"
    file.write_text(content)

    with pytest.raises(InvalidUserData, match=words):
        read_data(file)


@pytest.mark.parametrize(("name", "cell"), [("data.csv", ","), ("data.tsv", "\t")])
def test_cells_of_a_table_are_text(tmp_path: Path, name: str, cell: str) -> None:
    file = tmp_path / name
    lines = [["id", "text", "id"], ["007", '"two\nlines, and ""quotes"""', ""], [], ["1.0", "NaN"]]
    file.write_text("\ufeff" + "\r\n".join(cell.join(line) for line in lines), encoding="utf-8", newline="")

    assert rows(file) == [
        {"id": "007", "text": 'two\nlines, and "quotes"', "id.1": ""},
        {"id": "1.0", "text": "NaN", "id.1": ""},
    ]


def test_a_row_with_more_cells_than_columns_is_named(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("a,b\n1,2\n1,2,3\n")

    with pytest.raises(InvalidUserData, match="line 3: the row has 3 cells, but there are 2 columns"):
        read_data(file)


def test_a_cell_of_many_megabytes_is_read(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("a\n" + "x" * 20_000_000 + "\n")

    assert len(str(read_data(file)[0]["a"])) == 20_000_000


def test_parquet_keeps_the_types_of_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "data.parquet"
    columns = {"n": [1, 2], "text": ["a", None], "list": [[1.5], []], "big": [2**62, 0]}
    pyarrow.parquet.write_table(pyarrow.table(columns), file)

    assert rows(file) == [
        {"n": 1, "text": "a", "list": [1.5], "big": 2**62},
        {"n": 2, "text": None, "list": [], "big": 0},
    ]


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "data.parquet"
    file.write_bytes(b"PAR1")

    with pytest.raises(InvalidUserData, match="no Parquet file"):
        read_data(file)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "data.parquet"
    file.write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(InvalidUserData, match=r"pip install 'pfstudio\[parquet\]'"):
        read_data(file)


def test_a_folder_is_all_its_files_in_the_order_of_their_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n')
    (tmp_path / "b/c.csv").write_text("n\n2\n")
    (tmp_path / "b/d.json").write_text('[{"n": 3}]')
    (tmp_path / "notes.txt").write_text("no data")
    (tmp_path / "plain").write_text('{"n": 4}\n')
    warnings: list[str] = []

    data = read_data(tmp_path, warn=warnings.append)

    assert [row["n"] for row in data] == [1, "2", 3, 4]
    assert [dict(data[-1]), dict(data[1])] == [{"n": 4}, {"n": "2"}]
    assert warnings == ["File notes.txt is not supported format: csv, tsv, json, jsonl, parquet. Ignoring it."]


def test_nothing_at_the_path_and_no_record_in_it_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="Can't find directory or file"):
        read_data(tmp_path / "nowhere.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n \n")
    with pytest.raises(EmptyInputsData, match="Couldn't find any inputs data"):
        read_data(tmp_path / "empty.jsonl")


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    file.symlink_to(file)

    with pytest.raises((InvalidUserData, DataNotFoundError), match=r"data\.jsonl"):
        read_data(file)


def test_images_are_found_from_the_folder_of_the_data(tmp_path: Path) -> None:
    file = tmp_path / "data.jsonl"
    basic = {"data:image/png;path": "cat.png"}
    vision = {"type": "image_file", "image_file": {"path": "sub/cat.png"}}
    row = {"image": basic, "chat": ["look", vision], "text": "cat.png", "url": {"data:image/png;url": "http://x/y"}}
    file.write_text(json.dumps(row))

    assert rows(file) == [
        {
            "image": {"data:image/png;path": str(tmp_path / "cat.png")},
            "chat": ["look", {"type": "image_file", "image_file": {"path": str(tmp_path / "sub/cat.png")}}],
            "text": "cat.png",
            "url": {"data:image/png;url": "http://x/y"},
        }
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: "data:image" not in str(value) and "image_file" not in str(value))
RECORDS = st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), min_size=1, max_size=8)


@given(records=RECORDS, large=st.booleans(), piece=st.integers(1, 40), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_whatever_json_is_written_is_read_back_from_lines_and_lists_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]], large: bool, piece: int, ending: str
) -> None:
    folder = tmp_path_factory.mktemp("data")
    lines, array = folder / "data.jsonl", folder / "data.json"
    lines.write_bytes(ending.join(json.dumps(record) for record in records).encode())
    array.write_text(json.dumps(records, indent=1, ensure_ascii=large), encoding="utf-8", errors="surrogatepass")
    before = data_json._LARGE, data_json._PIECE
    try:
        data_json._LARGE, data_json._PIECE = (0 if large else 2**30), piece
        assert rows(lines) == records
        if "\\ud" not in json.dumps(records):
            assert rows(array) == records
    finally:
        data_json._LARGE, data_json._PIECE = before


def _memory_used(read: Callable[[], object]) -> int:
    """Bytes by which reading in a process of its own grew that process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        read()
        os.write(writer, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return int(answer.read()) * 1024


@pytest.mark.parametrize("name", ["data.jsonl", "data.json"])
def test_a_large_file_is_held_once_and_not_as_objects(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    record = json.dumps({f"column {n}": f"text {n}" for n in range(10)})
    count = 100_000_000 // len(record)
    with file.open("w") as out:
        separator = "\n" if name == "data.jsonl" else ","
        out.write("" if name == "data.jsonl" else "[")
        out.writelines(record + (separator if n < count - 1 else "") for n in range(count))
        out.write("" if name == "data.jsonl" else "]")

    def read() -> None:
        for row in read_data(file):
            assert len(row) == 10

    assert _memory_used(read) < 180_000_000
