"""Entry point of the web process, which the supervisor starts: `python -m pfstudio.server SOCKET REPORT ALIVE`."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    # Loading makes a great many objects and no garbage; `web` switches collection on again once it is ready.
    gc.disable()
    from pfstudio.server import web

    return web.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
