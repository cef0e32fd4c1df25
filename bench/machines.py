"""Partners at the door, in a process of their own: what to ask on its input, durations out."""

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any


def one_partner(asked: dict[str, Any], turns: "count[int]") -> tuple[list[float], list[int]]:
    """Ask over one connection, without a pause; give milliseconds and statuses."""
    durations, statuses = [], []
    server = http.client.HTTPConnection("127.0.0.1", asked["port"], timeout=120)
    until = time.monotonic() + asked["seconds"]
    requests = asked["requests"]
    while time.monotonic() < until:
        turn = next(turns)
        if asked["once"] and turn >= len(requests):
            break
        method, path, headers, body = requests[turn % len(requests)]
        began = time.perf_counter()
        server.request(method, path, body and body.encode(), asked["headers"] | headers)
        answer = server.getresponse()
        answer.read()
        durations.append((time.perf_counter() - began) * 1000)
        statuses.append(answer.status)
    server.close()
    return durations, statuses


def main() -> None:
    """Read what to ask, ask, write every duration and every status."""
    asked = json.load(sys.stdin)
    turns = count()
    with ThreadPoolExecutor(asked["partners"]) as pool:
        began = time.perf_counter()
        heard = list(pool.map(lambda _: one_partner(asked, turns), range(asked["partners"])))
        wall = time.perf_counter() - began
    durations = [one for some, _ in heard for one in some]
    statuses = [one for _, some in heard for one in some]
    json.dump({"durations": durations, "statuses": statuses, "wall": wall}, sys.stdout)


if __name__ == "__main__":
    main()
