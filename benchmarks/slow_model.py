"""A model server that takes a second for every answer, whatever it is asked and by however many: `python -m`."""

from __future__ import annotations

import asyncio
import json
import sys

ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "slow",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "four words of text"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Serve one connection until its other end closes it."""
    body = json.dumps(ANSWER).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    try:
        while True:
            request = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(request.split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            await asyncio.sleep(seconds)
            writer.write(head + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(seconds: float) -> None:
    server = await asyncio.start_server(lambda r, w: answer(r, w, seconds), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
