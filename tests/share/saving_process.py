"""A process of its own that saves whenever it is told to: `python saving_process.py SHARE PATH CONTENT`.

Each line it reads is the tag that the file should have and the moment at which to save; it answers `won` or `stale`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from pfstudio.share import content
from pfstudio.share.content import Precondition
from pfstudio.share.errors import StaleFileError
from pfstudio.share.paths import Share, SharePath


def main() -> None:
    share, path = Share(Path(sys.argv[1])), SharePath.parse(sys.argv[2])
    print("ready", flush=True)
    for line in sys.stdin:
        tag, moment = line.split()
        try:
            with content.begin_write(share, path, Precondition.from_headers(tag, None)) as upload:
                upload.write(sys.argv[3].encode())
                while time.time() < float(moment):
                    pass
                upload.commit()
            print("won", flush=True)
        except StaleFileError:
            print("stale", flush=True)


if __name__ == "__main__":
    main()
