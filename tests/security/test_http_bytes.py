"""What users wrote is never shown as a page of ours: rows 9 and 35 of the table of incidents."""

from __future__ import annotations

import pytest

from studios import People

SCRIPT = b"<script>fetch('/api/users')</script>"
HOSTILE = {
    "page.html": SCRIPT,
    "page.xhtml": b"<html xmlns='http://www.w3.org/1999/xhtml'><script>1</script></html>",
    "image.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "script.js": b"alert(1)",
    "style.css": b"body{background:url(http://evil.example)}",
    "noending": SCRIPT,
    "image.png": SCRIPT,
    "feed.xml": b"<?xml-stylesheet href='x.xsl'?>",
    "problem.json": SCRIPT,
    "page.html.txt": SCRIPT,
    'a";filename="x.html': SCRIPT,
    "two words.html": SCRIPT,
    "página.html": SCRIPT,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_users_file_is_an_attachment_without_rights_whatever_it_is(people: People, name: str) -> None:
    (people.make_flow("bob") / name).write_bytes(HOSTILE[name])

    answer = people.browser("vic").get(f"/api/content/Users/bob/promptflow/flow/{name.replace('%', '%25')}")

    assert answer.status_code == 200
    assert answer.content == HOSTILE[name]
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["content-type"].partition(";")[0] not in (
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
    )


def test_the_type_that_an_upload_claims_is_forgotten(people: People) -> None:
    client = people.browser("bob")
    client.put("/api/content/Users/bob/promptflow/x.bin", content=SCRIPT, headers={"Content-Type": "text/html"})
    client.post(
        "/api/import",
        files=[
            ("files", ("up/index.txt", SCRIPT, "text/html")),
            ("files", ("up/flow.dag.yaml", b"nodes: []\n", "text/html")),
        ],
    )

    for path in ("x.bin", "up/index.txt"):
        answer = client.get(f"/api/content/Users/bob/promptflow/{path}")
        assert answer.status_code == 200
        assert "html" not in answer.headers["content-type"]


def test_a_zip_is_an_attachment(people: People) -> None:
    people.make_flow("bob", "<b>flow")

    answer = people.browser("vic").get("/api/export/Users/bob/promptflow/%3Cb%3Eflow")

    assert answer.headers["content-disposition"].startswith("attachment")
    assert "<" not in answer.headers["content-disposition"]


def test_names_come_back_as_json_and_never_as_markup(people: People) -> None:
    (people.make_flow("bob") / "<img src=x onerror=alert(1)>").write_text("")

    answer = people.browser("vic").get("/api/files/Users/bob/promptflow/flow")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_error_repeats_hostile_input_as_json_only(people: People) -> None:
    answer = people.browser("vic").get("/api/files/Users/bob/%3Cscript%3Ealert(1)%3C%2Fscript%3E")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
