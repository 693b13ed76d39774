"""A studio on a small disk that a flow fills: `small_disk.py FOLDER`, in a mount namespace of its own.

Prints for each flood as JSON what the flow was told, how fast another user's pages loaded, and whether all is well
once there is room.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from security.hostile_studio import MALLORY, percentile, serve_hostile

FLOODS = {
    "bytes": "with open('big', 'wb') as file:\n    for _ in range(400):\n        file.write(bytes(2**20))",
    "files": "os.mkdir('many')\nfor number in range(60000):\n    open(f'many/{number}', 'w').close()",
}


def main() -> None:
    disk = Path(sys.argv[1], "disk")
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m,nr_inodes=20000", "tmpfs", str(disk)], check=True)
    with serve_hostile(disk) as hostile:
        for body in FLOODS.values():
            result = hostile.run(body)
            loads = hostile.loads
            for path in (f"/api/files/{MALLORY}/big", f"/api/files/{MALLORY}/many"):
                hostile.call("mallory", "DELETE", path)
            hostile.call("mallory", "DELETE", "/api/trash")
            after = hostile.run("return 'works'")["output"]["out"]
            error = (result["error"] or {}).get("message", "")
            print(json.dumps({"error": error, "p95": percentile(loads), "pages": len(loads), "after": after}))


if __name__ == "__main__":
    main()
