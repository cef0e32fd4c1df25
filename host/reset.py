"""Forget the data of the demonstration: the cluster, the secrets, the accounts, the logs.

usage: python -m host.reset
"""

import os
import shutil
import sys

from config.environment import Malformed, read
from host.postgres import Server
from host.screen import say


def main() -> int:
    """Stop the embedded server and delete its data; refuse in production."""
    try:
        environment = read(os.environ)
    except Malformed as refusal:
        say(str(refusal))
        return 2
    if not environment.is_demonstration or environment.database_url:
        say("Seules les données de la démonstration, sur le serveur embarqué, s’effacent ainsi.")
        return 1
    data = environment.data
    if (data / "postgres").exists():
        server = Server(data, programs=environment.postgres_bin)
        server.stop()
        shutil.rmtree(server.folder)
    for name in (
        "postgres",
        "postgres.port",
        "postgres.lock",
        "secrets.json",
        "secrets.lock",
        "accounts.txt",
    ):
        (data / name).unlink(missing_ok=True)
    for folder in ("logs", "documents"):
        shutil.rmtree(data / folder, ignore_errors=True)
    say(f"Les données de {data} sont effacées ; « make run » recommencera à neuf.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
