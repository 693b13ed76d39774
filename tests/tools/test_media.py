"""Images and texts as values, and what stands for them in the inputs of both message formats."""

from __future__ import annotations

import base64
import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.tools.errors import InvalidImageInput
from pfstudio.tools.image_inputs import VISION, load_image, load_media, with_absolute_paths
from pfstudio.tools.media import Image, Text, mime_type_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
DATA = base64.b64encode(PNG).decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.png").write_bytes(PNG)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "q.gif").write_bytes(b"GIF89a")
    return tmp_path


def test_image_is_bytes_with_a_kind_and_a_short_text() -> None:
    image = Image(PNG)

    assert image == PNG
    assert (image._mime_type, image.source_url) == ("image/png", None)
    assert str(image) == repr(image) == f"Image({image._hash})"
    assert len(image._hash) == 8
    assert image.to_base64() == DATA
    assert image.to_base64(with_type=True) == f"data:image/png;base64,{DATA}"
    assert image.serialize() == str(image)
    assert image.serialize(lambda it: it._mime_type) == "image/png"


def test_given_kind_and_address_are_kept() -> None:
    image = Image(b"x", "IMAGE/Jpeg", "https://example.com/x")

    assert (image._mime_type, image.source_url) == ("image/jpeg", "https://example.com/x")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_images_and_texts_survive_being_copied_and_pickled(copied: Any) -> None:
    image, text = copied(Image(PNG, "image/x", "https://e")), copied(Text("hi", [1]))

    assert (image, image._mime_type, image.source_url) == (PNG, "image/x", "https://e")
    assert (text, text._annotations) == ("hi", [1])


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF0000WEBPVP8 ", "image/webp"),
        (b"BM00", "image/bmp"),
        (b"II*\x00", "image/tiff"),
        (b"\x00\x00\x01\x00", "image/x-icon"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
        (b"<svg/>", "image/*"),
        (b"", "image/*"),
    ],
)
def test_kind_of_an_image_is_seen_in_its_first_bytes(start: bytes, kind: str) -> None:
    assert mime_type_of(start) == kind


def test_text_keeps_its_annotations_on_the_wire() -> None:
    assert Text("hi", [1]).serialize() == {"type": "text", "text": {"value": "hi", "annotations": [1]}}
    assert Text("hi").serialize() == {"type": "text", "text": "hi"}
    assert Text.deserialize(Text("hi", [1]).serialize())._annotations == [1]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("p.png", "image/png"),
        ("sub/q.gif", "image/gif"),
        ("sub\\q.gif", "image/gif"),
        (DATA, "image/png"),
        (f"data:image/jpeg;base64,{DATA}", "image/jpeg"),
        ("abcd", "image/*"),
        ({"data:image/png;path": "p.png"}, "image/png"),
        ({"data:image/*;path": "p.png"}, "image/*"),
        ({"data:image/jpeg;base64": DATA}, "image/jpeg"),
    ],
)
def test_value_of_an_image_input_becomes_an_image(folder: Path, value: Any, kind: str) -> None:
    assert load_image(value, "basic", folder)._mime_type == kind


@pytest.mark.parametrize(
    "value",
    [
        {"type": "image_file", "image_file": {"path": "p.png"}},
        {"type": "image_url", "image_url": {"url": DATA}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA}"}},
    ],
)
def test_image_of_the_vision_format_becomes_an_image(folder: Path, value: Any) -> None:
    assert load_image(value, VISION, folder) == PNG


@pytest.mark.parametrize(
    ("value", "format_name", "says"),
    [
        ("", "basic", "should not be empty"),
        (5, "basic", "Unsupported image input type: <class 'int'>"),
        (None, VISION, "Unsupported image input type: <class 'NoneType'>"),
        ({"a": 1}, "basic", "Invalid image input format"),
        ({"data:image/png;path": "p.png", "b": 1}, "basic", "Invalid image input format"),
        ({"data:image/png;path": "p.png"}, VISION, "Invalid image input format"),
        ({"data:image/png;base64": "@@@"}, "basic", "Invalid base64 image: @@@"),
        ({"type": "image_url"}, VISION, "Invalid image input format"),
        ({"type": "text", "text": "x"}, VISION, "Invalid image input format"),
        ({"type": "image_url", "image_url": {"url": "p.png"}}, VISION, "Invalid image url: p.png"),
    ],
)
def test_value_that_is_no_image_is_told(folder: Path, value: Any, format_name: str, says: str) -> None:
    with pytest.raises(InvalidImageInput, match=says):
        load_image(value, format_name, folder)


def test_missing_file_is_told_by_the_path_that_was_given(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: 'none\.png'"):
        load_image("none.png", "basic", folder)


def test_images_in_lists_and_objects_are_found(folder: Path) -> None:
    found = load_media({"a": [{"data:image/png;path": "p.png"}, "p.png", {"b": 1}]}, "basic", folder)

    assert found == {"a": [PNG, "p.png", {"b": 1}]}
    assert isinstance(found["a"][0], Image)


def test_dicts_of_the_other_format_stay_dicts(folder: Path) -> None:
    basic, vision = {"data:image/png;path": "p.png"}, {"type": "image_file", "image_file": {"path": "p.png"}}

    assert load_media([basic], VISION, folder) == [basic]
    assert load_media([vision], "basic", folder) == [vision]


def test_texts_of_the_vision_format_become_texts(folder: Path) -> None:
    given = [
        {"type": "text", "text": "a"},
        {"type": "text", "text": {"value": "b", "annotations": [1]}},
        {"type": "text"},
    ]

    found = load_media(given, VISION, folder)

    assert found == ["a", "b", {"type": "text"}]
    assert [getattr(item, "_annotations", 0) for item in found[:2]] == [None, [1]]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    )
)
def test_value_without_images_is_handed_back_itself(value: Any) -> None:
    assert load_media(value, "basic", Path()) is value
    assert with_absolute_paths(value, "basic", Path("/data")) is value


def test_relative_paths_of_a_data_file_are_made_absolute() -> None:
    basic = [{"data:image/png;path": "p.png"}, {"data:image/png;url": "https://e"}]
    vision = {"x": {"type": "image_file", "image_file": {"path": "/q.png"}}}

    assert with_absolute_paths(basic, "basic", Path("/data")) == [{"data:image/png;path": "/data/p.png"}, basic[1]]
    assert with_absolute_paths(vision, VISION, Path("/data")) == vision
