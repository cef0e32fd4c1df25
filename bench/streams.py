"""Open event streams by the hundred, in a process of its own, and count what each one hears.

Reads {"port", "cookies"} on its input; says "open" once every stream has its place; on "stop",
writes how many events each stream heard.
"""

import asyncio
import json
import sys


async def follow(
    port: int, cookie: str, heard: list[int], number: int, opened: asyncio.Event
) -> None:
    """Read one stream for ever."""
    reading, writing = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET /direct HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
    writing.write(head.encode())
    while line := await reading.readline():
        if line.startswith(b"id: "):
            opened.set()
        heard[number] += line.startswith(b"event: thread")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main() -> None:
    """Open them, twenty at a time; wait for the end."""
    asked = json.loads(await asyncio.to_thread(sys.stdin.readline))
    cookies = asked["cookies"]
    heard, streams = [0] * len(cookies), []
    for start in range(0, len(cookies), 20):
        opened = [asyncio.Event() for _ in cookies[start : start + 20]]
        for place, event in enumerate(opened, start):
            one = follow(asked["port"], cookies[place], heard, place, event)
            streams.append(asyncio.create_task(one))
        await asyncio.gather(*(event.wait() for event in opened))
    _say("open")
    await asyncio.to_thread(sys.stdin.readline)
    _say(json.dumps(heard))
    for stream in streams:
        stream.cancel()


if __name__ == "__main__":
    asyncio.run(main())
