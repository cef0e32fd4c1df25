"""Whether the pages answer."""

import http.client
import time
from collections.abc import Callable

from config.environment import Environment
from host.failures import CannotStart
from host.processes import Household

HEALTHY_WITHIN = 120  # seconds: a busy machine is slow, not broken


def wait_until_healthy(
    environment: Environment, household: Household, stopping: Callable[[], bool]
) -> None:
    """Tend the processes until the pages answer. Raises CannotStart when they never will."""
    deadline = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < deadline and not stopping():
        household.tend()
        if _is_healthy(environment):
            return
        household.refuse_falls()
        time.sleep(0.05)
    if not stopping():
        raise CannotStart(
            f"Les pages ne répondent pas : lisez les journaux de {environment.data / 'logs'}."
        )


def _is_healthy(environment: Environment) -> bool:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (heard, not opened)
    host = everywhere.get(environment.host, environment.host)
    connection = http.client.HTTPConnection(host, environment.port, timeout=5)
    headers = {"Host": environment.allowed_hosts[0]}
    if environment.behind_tls:
        headers["X-Forwarded-Proto"] = "https"
    try:
        connection.request("GET", "/health", headers=headers)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
