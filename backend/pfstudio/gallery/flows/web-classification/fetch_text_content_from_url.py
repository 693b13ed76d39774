"""The text of a web page, from the first of three places that has it.

1. The folder `pages`: examples that are always at hand.
2. The web, for at most five seconds.
3. The words of the address itself, so that the flow also runs where there is no network.
"""

import re
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from promptflow.core import tool

PAGES = Path(__file__).parent / "pages"
SECONDS = 5
MOST_CHARACTERS = 2000


@tool
def fetch_text_content_from_url(url: str) -> str:
    text = from_pages(url) or from_web(url) or from_address(url)
    return text[:MOST_CHARACTERS]


def from_pages(url: str) -> str:
    """A page that came with this flow: `https://www.example.com/a` is kept in `www.example.com_a.txt`."""
    parts = urlsplit(url if "//" in url else "//" + url)
    name = re.sub(r"[^\w.-]+", "_", (parts.netloc + parts.path).strip("/"))
    page = PAGES / (name + ".txt")
    return page.read_text(encoding="utf-8").strip() if page.is_file() else ""


def from_web(url: str) -> str:
    """What the web says, or nothing. Looking up a name can hang without a network, so another thread does it."""
    if urlsplit(url).scheme not in ("http", "https"):
        return ""
    found = []

    def download() -> None:
        try:
            request = Request(url, headers={"User-Agent": "Mozilla/5.0 (compatible; web-classification)"})
            with urlopen(request, timeout=SECONDS) as page:
                found.append(page.read(500_000).decode("utf-8", "replace"))
        except (OSError, ValueError) as error:
            print(f"{url} cannot be read ({error}); its address is used instead.")

    thread = threading.Thread(target=download, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return visible_text(found[0]) if found else ""


def from_address(url: str) -> str:
    """`https://shop.example/red-shoes` as `shop example red shoes`."""
    words = re.findall(r"[^\W_]+", url.split("//")[-1])
    return "A page with the address: " + " ".join(word for word in words if word.lower() != "www")


class TextOfPage(HTMLParser):
    """Collects the text that a reader of the page sees."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = []
        self.hidden = 0

    def handle_starttag(self, tag, attrs) -> None:
        self.hidden += tag in ("script", "style", "noscript")

    def handle_endtag(self, tag) -> None:
        self.hidden -= tag in ("script", "style", "noscript") and self.hidden > 0

    def handle_data(self, data) -> None:
        if not self.hidden and data.strip():
            self.pieces.append(" ".join(data.split()))


def visible_text(html: str) -> str:
    page = TextOfPage()
    page.feed(html)
    return "\n".join(page.pieces)
