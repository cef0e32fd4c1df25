"""Phones that come back at once, in a process of their own: what they hold in, counts out.

Meanwhile a coordinator asks for her list, again and again: her screen is to stay alive.
"""

import http.client
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

AT_ONCE = 32
"""Connections open at a time: what a proxy lets through to two processes of pages."""
LIST, PAUSE = "/a-faire", 0.5


def one_phone(port: int, phone: dict[str, Any]) -> tuple[list[str], list[float]]:
    """Send what one phone holds; give the identifiers acknowledged, and milliseconds by sending."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": phone["name"], "Content-Type": "application/json"}
    headers |= {"Host": f"127.0.0.1:{port}"}
    acknowledged, durations = [], []
    for body in phone["bodies"]:
        began = time.perf_counter()
        server.request("POST", "/visites/envoi", body=body, headers=headers)
        answer = server.getresponse()
        said = answer.read()
        durations.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"/visites/envoi: {answer.status}")
        acknowledged += [one["id"] for one in json.loads(said)["acks"] if one["state"] != "aside"]
    server.close()
    return acknowledged, durations


def looking(port: int, cookie: str, over: Event) -> list[float]:
    """Ask for the list of a coordinator until it is over; give the milliseconds of each page."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers, durations = {"Cookie": cookie, "Host": f"127.0.0.1:{port}"}, []
    while not over.wait(PAUSE):
        began = time.perf_counter()
        server.request("GET", LIST, headers=headers)
        answer = server.getresponse()
        answer.read()
        durations.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{LIST}: {answer.status}")
    server.close()
    return durations


def main() -> None:
    """Read the phones, send all of them at once, write what came back."""
    asked = json.load(sys.stdin)
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    over = Event()
    with ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor(1) as screen:
        looks = screen.submit(looking, asked["port"], asked["cookie"], over)
        told = list(pool.map(lambda phone: one_phone(asked["port"], phone), asked["phones"]))
        over.set()
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    said = {
        "seconds": took,
        "processor": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "acknowledged": [one for acks, _ in told for one in acks],
        "looks": looks.result(),
        "durations": [one for _, durations in told for one in durations],
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
