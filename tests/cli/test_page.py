"""`pf flow test --ui`: the page in a real browser, and the server behind it, which answers nobody else."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from .conftest import PF, write_flow

CHAT = {
    "flow.dag.yaml": """\
display_name: Small talk
inputs:
  chat_history: {type: list, is_chat_history: true, default: []}
  question: {type: string, is_chat_input: true}
  tone: {type: string, default: calm, description: How it sounds.}
outputs:
  answer: {type: string, reference: "${say.output}", is_chat_output: true}
nodes:
- name: say
  type: python
  source: {type: code, path: say.py}
  inputs: {q: "${inputs.question}", h: "${inputs.chat_history}", tone: "${inputs.tone}"}
""",
    "say.py": """\
import time
from promptflow.core import tool
@tool
def say(q, h, tone):
    print("heard", q)
    if q == "fail":
        raise ValueError("no <b>luck</b>")
    def pieces():
        yield f"{len(h)}:"
        if q == "slow":
            time.sleep(1.5)
        yield f"{q} {tone}"
    return pieces()
""",
}
FORM = {
    "flow.dag.yaml": """\
inputs:
  n: {type: int, default: 2}
  loud: {type: bool, default: false}
  words: {type: list, default: ["a"]}
  picture: {type: image}
outputs:
  result: {type: object, reference: "${go.output}"}
  picture: {type: image, reference: "${keep.output}"}
nodes:
- name: go
  type: python
  source: {type: code, path: go.py}
  inputs: {n: "${inputs.n}", loud: "${inputs.loud}", words: "${inputs.words}"}
- name: keep
  type: python
  source: {type: code, path: keep.py}
  inputs: {picture: "${inputs.picture}"}
""",
    "go.py": "from promptflow.core import tool\n@tool\ndef go(n, loud, words):\n"
    "    print('going')\n    return {'n': n + 1, 'loud': loud, 'words': words}\n",
    "keep.py": "from promptflow.core import tool\n@tool\ndef keep(picture):\n    return picture\n",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@contextmanager
def page_server(folder: Path, *more: str) -> Iterator[str]:
    """The command as a process of its own; gives the address it prints."""
    process = subprocess.Popen(
        [PF, "flow", "test", "--flow", str(folder), "--ui", "--skip-open-browser", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder.parent / "home"), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("The flow's page is at http://127.0.0.1:"), process.communicate()[1]
        yield line.rpartition(" ")[2].strip()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    arguments = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=installed, args=arguments)


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """The page; nothing may come from elsewhere, and nothing may be complained about."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    requested: set[str] = set()
    page.on("request", lambda request: requested.add(urlsplit(request.url).scheme))
    page.goto(url)
    yield page
    assert complaints == []
    assert requested <= {"http", "data"}
    context.close()


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()


def test_a_chat_streams_and_remembers(browser: Browser, tmp_path: Path) -> None:
    write_flow(tmp_path / "talk", CHAT)

    with page_server(tmp_path / "talk") as url, opened(browser, url) as page:
        expect(page.get_by_role("heading", name="Small talk")).to_be_visible()
        say(page, "slow")
        answers = page.get_by_role("article", name="Flow")
        expect(answers.first).to_contain_text("0:", timeout=10_000)
        assert "calm" not in (answers.first.text_content() or "")
        expect(answers.first).to_contain_text("0:slow calm", timeout=10_000)
        page.get_by_role("textbox", name="tone").fill("loud")
        say(page, "again")
        expect(answers.nth(1)).to_contain_text("1:again loud", timeout=10_000)
        answers.nth(1).get_by_text("More").click()
        expect(answers.nth(1)).to_contain_text("[say] heard again")
        page.get_by_role("button", name="New chat").click()
        say(page, "afresh")
        expect(answers.first).to_contain_text("0:afresh", timeout=10_000)
        assert "token" not in page.url


def test_a_failure_shows_its_place_and_the_chat_goes_on(browser: Browser, tmp_path: Path) -> None:
    write_flow(tmp_path / "talk", CHAT)

    with page_server(tmp_path / "talk") as url, opened(browser, url) as page:
        say(page, "fail")
        expect(page.get_by_role("alert").last).to_contain_text("no <b>luck</b> (say.py:7)", timeout=10_000)
        write_flow(tmp_path / "talk", {"say.py": CHAT["say.py"].replace('{len(h)}:"', '{len(h)} edited:"')})
        say(page, "better")
        expect(page.get_by_role("article", name="Flow").nth(1)).to_contain_text("0 edited:better", timeout=10_000)


def test_a_form_takes_values_of_every_type_and_images(browser: Browser, tmp_path: Path) -> None:
    write_flow(tmp_path / "form", FORM)
    (tmp_path / "dot.png").write_bytes(PNG)

    with page_server(tmp_path / "form", "--url-params", "n=5") as url, opened(browser, url) as page:
        page.get_by_label("loud").select_option("true")
        page.get_by_label("words").fill('["b", "ü"]')
        page.get_by_label("picture").set_input_files(tmp_path / "dot.png")
        page.keyboard.press("Control+Enter")
        results = page.get_by_role("region", name="Results")
        expect(results).to_contain_text('"n": 6', timeout=10_000)
        expect(results).to_contain_text('"loud": true')
        expect(results).to_contain_text('"ü"')
        expect(results).to_contain_text("[go] going")
        assert str(results.get_by_role("img").get_attribute("src")).startswith("data:image/png;base64,iVBOR")


def test_a_flow_that_broke_meanwhile_says_so(browser: Browser, tmp_path: Path) -> None:
    write_flow(tmp_path / "form", FORM)

    with page_server(tmp_path / "form") as url:
        write_flow(tmp_path / "form", {"flow.dag.yaml": "nodes: [a: b: c"})
        with opened(browser, url) as page:
            expect(page.get_by_role("alert").first).to_contain_text("flow.dag.yaml, line 1: Not valid YAML")


def request(url: str, method: str = "GET", path: str = "/", body: Any = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 0, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, None if body is None else json.dumps(body), given)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def test_the_server_answers_only_its_own_page(tmp_path: Path) -> None:
    write_flow(tmp_path / "talk", CHAT)
    body = {"inputs": {"question": "hi"}}

    with page_server(tmp_path / "talk") as url:
        token = url.rpartition("token=")[2]
        assert request(url)[0] == 200
        assert token.encode() not in request(url)[1]
        assert request(url, path="/api/flow")[0] == 403
        assert request(url, "POST", "/api/run", body)[0] == 403
        assert request(url, "POST", "/api/run", body, X_Pf_Token="wrong")[0] == 403
        assert request(url, "POST", "/api/run", body, X_Pf_Token=token, Host="evil.example")[0] == 421
        assert request(url, "POST", "/api/run", body, X_Pf_Token=token, Origin="http://evil.example")[0] == 403
        assert request(url, "POST", "/api/run", [], X_Pf_Token=token)[0] == 400
        assert request(url, "POST", "/nothing", body, X_Pf_Token=token)[0] == 404
        assert request(url, path="/../server.py")[0] == 404
        status, answer = request(url, "POST", "/api/run", body, X_Pf_Token=token)
        events = [json.loads(line) for line in answer.splitlines()]
    assert status == 200
    assert [event["event"] for event in events] == ["printed", "piece", "piece", "finished"]
    assert events[-1]["outputs"] == {"answer": "0:hi calm"}


def test_a_reader_that_goes_away_harms_nothing(tmp_path: Path) -> None:
    write_flow(tmp_path / "talk", CHAT)

    with page_server(tmp_path / "talk") as url:
        token = url.rpartition("token=")[2]
        body = json.dumps({"inputs": {"question": "slow"}}).encode()
        head = f"POST /api/run HTTP/1.0\r\nHost: 127.0.0.1:{urlsplit(url).port}\r\nX-Pf-Token: {token}\r\n"
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=10) as gone:
            gone.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            gone.recv(1)
        answer = request(url, "POST", "/api/run", {"inputs": {"question": "hi"}}, X_Pf_Token=token)[1]
    assert b'"0:hi calm"' in answer


def test_a_port_can_be_chosen_and_a_taken_one_is_told(tmp_path: Path) -> None:
    write_flow(tmp_path / "talk", CHAT)

    with page_server(tmp_path / "talk") as url:
        port = str(urlsplit(url).port)
        ended = subprocess.run(
            [PF, "flow", "test", "--flow", str(tmp_path / "talk"), "--ui", "--skip-open-browser", "--port", port],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"pf.flow.test failed with UserErrorException: Port {port} cannot be used: ")


def test_a_flow_that_cannot_be_read_opens_no_page(tmp_path: Path) -> None:
    write_flow(tmp_path / "torn", {"flow.dag.yaml": "nodes: [a: b: c"})

    ended = subprocess.run(
        [PF, "flow", "test", "--flow", str(tmp_path / "torn"), "--multi-modal"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Not valid YAML" in ended.stderr
