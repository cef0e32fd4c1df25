"""Users who ask for pages, in a process of their own: what to ask on its input, durations out."""

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from random import Random
from typing import Any


def one_user(asked: dict[str, Any], number: int) -> list[float]:
    """Ask for pages over one connection, with a pause between two; give milliseconds."""
    drawn, durations = Random(number), []  # noqa: S311
    server = http.client.HTTPConnection("127.0.0.1", asked["port"], timeout=60)
    headers = {"Host": f"127.0.0.1:{asked['port']}"}
    cookies = dict(one.split("=", 1) for one in asked["cookie"].split("; "))
    time.sleep(asked["pause"] * drawn.random())
    until = time.monotonic() + asked["seconds"]
    while time.monotonic() < until:
        path = drawn.choice(asked["paths"])
        began = time.perf_counter()
        told = "; ".join(f"{name}={value}" for name, value in cookies.items())
        server.request("GET", path, headers=headers | {"Cookie": told})
        answer = server.getresponse()
        body = answer.read()
        durations.append((time.perf_counter() - began) * 1000)
        cookies |= _given(answer)
        if answer.status != 200 or asked["mark"].encode() not in body:
            raise SystemExit(f"{path}: {answer.status}")
        time.sleep(asked["pause"])
    return durations


def _given(answer: http.client.HTTPResponse) -> dict[str, str]:
    """The cookies of an answer, which a browser keeps: a page without its proof makes another."""
    told = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie", [])))
    return {name: one.value for name, one in told.items()}


def main() -> None:
    """Read what to ask, ask, write every duration."""
    asked = json.load(sys.stdin)
    with ThreadPoolExecutor(asked["users"]) as pool:
        users = pool.map(lambda number: one_user(asked, number), range(asked["users"]))
        json.dump([one for user in users for one in user], sys.stdout)


if __name__ == "__main__":
    main()
