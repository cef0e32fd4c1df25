"""Fetch the keys that a client shows, where administration wrote that it does."""

from cordee.partners.gateways.outside import Asked, Unreachable, ask

SECONDS, HEAVIEST = 5.0, 20_000
ASKED = Asked(headers={"Accept": "application/json"})


def fetch_keys(url: str) -> str:
    """Give what an address shows. Raises Unreachable."""
    answer = ask(url, ASKED, seconds=SECONDS, heaviest=HEAVIEST)
    if answer.status != 200 or len(answer.body) > HEAVIEST:
        raise Unreachable
    try:
        return answer.body.decode()
    except UnicodeDecodeError as error:
        raise Unreachable from error
