"""`pf flow test --ui`: a page in the browser to chat with a flow, or to fill in its inputs."""

from pfstudio.cli.page.server import Address, PageServer, serve

__all__ = ["Address", "PageServer", "serve"]
