"""A network of one's own, where the cables between machines can be pulled.

Two switches: one between the machines (replication, etcd, Patroni), one towards the clients. They
are bridges of Linux in network namespaces that vanish with this run: nothing of the system's own
network is seen nor touched. To pull a cable is to take its port off the switch: packets are lost
without a word, both ways, as when a switch dies; the machine still believes it is plugged in.
A cable may be bad rather than pulled: a filter on its port loses one packet in two, or all those
of one way.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from host.failures import CannotStart

# 198.18.0.0/15 is set apart for tests of networks (RFC 2544): it leads to nobody.
AMONG_MACHINES, TOWARDS_CLIENTS = "198.18.1", "198.18.2"
SWITCHES = {"machines": AMONG_MACHINES, "clients": TOWARDS_CLIENTS}
HUB = f"{TOWARDS_CLIENTS}.1"  # where the clients and HAProxy are

SAID, HEARD = "ingress", "egress"  # what a machine says and hears, as the port of its switch sees
# Programs of five and one instructions for the kernel's packet filter (`tc-bpf(8)`, classic BPF),
# as netem is not in every kernel: draw a number, keep its last bit, 2 loses and -1 lets pass.
ONE_IN_TWO = "5,32 0 0 4294963256,84 0 0 1,21 0 1 0,6 0 0 2,6 0 0 4294967295,"
EVERY_ONE = "1,6 0 0 2,"


@dataclass
class Machine:
    """One machine: a network namespace with two cables, kept open by a process that sleeps."""

    name: str
    number: int
    holder: subprocess.Popen[bytes]

    @property
    def inner(self) -> str:
        """Where the other machines find it."""
        return f"{AMONG_MACHINES}.{self.number}"

    @property
    def outer(self) -> str:
        """Where clients find it."""
        return f"{TOWARDS_CLIENTS}.{self.number}"

    def enter(self) -> list[str]:
        """Return the words that start a program on this machine."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]

    def isolate(self) -> None:
        """Pull the cable to the other machines; clients still reach this one."""
        _ip("link", "set", f"{self.name}-machines", "nomaster")

    def join(self) -> None:
        """Plug it in again."""
        _ip("link", "set", f"{self.name}-machines", "master", "machines")

    def lose(self, which: str, *ways: str) -> None:
        """Lose packets of its cable to the other machines, without a word, in those ways."""
        port = f"{self.name}-machines"
        _run("tc", "qdisc", "add", "dev", port, "clsact")
        for way in ways:
            _run("tc", "filter", "add", "dev", port, way, "bpf", "da", "bytecode", which)

    def mute(self) -> None:
        """The other machines hear it no more; it still hears them."""
        self.lose(EVERY_ONE, SAID)

    def deafen(self) -> None:
        """It hears the other machines no more; they still hear it."""
        self.lose(EVERY_ONE, HEARD)

    def stammer(self) -> None:
        """One packet in two is lost, both ways."""
        self.lose(ONE_IN_TWO, SAID, HEARD)

    def lose_nothing(self) -> None:
        """Lay a good cable again."""
        _run("tc", "qdisc", "del", "dev", f"{self.name}-machines", "clsact")

    def vanish(self) -> None:
        """Forget the machine."""
        self.holder.kill()
        self.holder.wait()


def go_inside(module: str) -> None:
    """Begin this program again in a network of its own; it does not come back from here."""
    words = ["unshare", "--net"]
    if os.geteuid() != 0:  # the rights of root over this network alone
        words += ["--user", "--map-current-user", "--keep-caps"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:  # noqa: S603
        raise CannotStart(
            "Ce système ne donne pas de réseau à part à un simple utilisateur : "
            "recommencez avec sudo."
        )
    os.execvp(words[0], [*words, sys.executable, "-m", module, "inside"])  # noqa: S606


def switch_on() -> None:
    """Make the two switches, and the place of the clients on theirs."""
    _ip("link", "set", "lo", "up")
    for switch in SWITCHES:
        _ip("link", "add", switch, "type", "bridge")
        _ip("link", "set", switch, "up")
    _ip("addr", "add", f"{HUB}/24", "dev", "clients")


def machine(name: str, number: int) -> Machine:
    """Make a machine and plug it into both switches."""
    holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])  # noqa: S607
    made = Machine(name, number, holder)
    ours = Path("/proc/self/ns/net").readlink()
    while Path(f"/proc/{holder.pid}/ns/net").readlink() == ours:
        if holder.poll() is not None:
            raise CannotStart(f"La machine {name} n’a pas reçu son réseau.")
        time.sleep(0.01)
    _run(*made.enter(), "ip", "link", "set", "lo", "up")
    for switch, network in SWITCHES.items():
        port, card = f"{name}-{switch}", f"to-{switch}"
        _ip("link", "add", port, "type", "veth", "peer", "name", card, "netns", str(holder.pid))
        _ip("link", "set", port, "master", switch, "up")
        _run(*made.enter(), "ip", "addr", "add", f"{network}.{number}/24", "dev", card)
        _run(*made.enter(), "ip", "link", "set", card, "up")
    return made


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*command: str) -> None:
    path = os.environ | {"PATH": os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"}
    done = subprocess.run(command, env=path, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CannotStart(f"{' '.join(command)} : {done.stderr.strip()}")
