"""What a browser fetches when a page of the studio is opened for the first time."""

from __future__ import annotations

import shutil
from typing import Any

from playwright.sync_api import Browser, sync_playwright

FLOW = "Users/bench/promptflow/first-load"
WATCHED_MS = 5_000
_CREATE_FLOW = """async () => {
  const session = await (await fetch('api/auth/session')).json()
  const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf_token}
  const body = JSON.stringify({name: 'first-load', type: 'standard', template: 'web-classification'})
  return (await fetch('api/flows', {method: 'POST', body, headers})).status
}"""


def first_loads(address: str, username: str, password: str) -> dict[str, int] | None:
    """Bytes on the wire for each page, by its name, until five seconds after it was opened; None without a browser.

    Counts files of the pages, with their headers, not what the API answers.
    """
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    if installed is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        try:
            state = _signed_in(browser, address, username, password)
            pages = {"flows": "/flows", "connections": "/connections", "files": "/files", "a flow": f"/flows/{FLOW}"}
            return {name: _transferred(browser, state, address + path) for name, path in pages.items()}
        finally:
            browser.close()


def _signed_in(browser: Browser, address: str, username: str, password: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + "/sign-in")
    page.get_by_role("textbox", name="Username").fill(username)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Flows").wait_for()
    if page.evaluate(_CREATE_FLOW) != 201:
        raise SystemExit("The flow for the first load could not be created.")
    state = context.storage_state()
    context.close()
    return state


def _transferred(browser: Browser, state: Any, address: str) -> int:
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    network = context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    network.on("Network.requestWillBeSent", lambda sent: addresses.update({sent["requestId"]: sent["request"]["url"]}))
    network.on("Network.loadingFinished", lambda done: sizes.update({done["requestId"]: done["encodedDataLength"]}))
    network.send("Network.enable")
    page.goto(address)
    page.wait_for_timeout(WATCHED_MS)
    context.close()
    return sum(int(size) for request, size in sizes.items() if "/api/" not in addresses.get(request, ""))
