"""The report of a run, as docs/bascule.md keeps it."""

import os
import time
from datetime import UTC, datetime

from bench.failover.blows import Blow, Field
from host.drill import moment

HEAD = """\
# Essai de bascule

Écrit par `make test-ha` le {date}, sur {cores} cœurs (charge {load}), tout sur une machine : \
trois nœuds, chacun avec son réseau, PostgreSQL 15 sous Patroni (réplication synchrone stricte) et \
un membre d’etcd ; HAProxy devant. Huit infirmières disent oui en même temps, sans relâche, \
pendant que :

- **primaire tué** : PostgreSQL, Patroni et etcd de sa machine meurent ensemble (SIGKILL) ;
- **primaire isolé** : il ne joint plus ni les autres etcd ni les secours, ses clients le joignent \
encore, et huit autres infirmières, qui ne passent pas par HAProxy, s’obstinent à lui parler ;
- **primaire muet** : les autres machines ne reçoivent plus rien de lui, il les reçoit encore ; \
les mêmes s’obstinent ;
- **primaire sourd** : il ne reçoit plus rien des autres machines, elles le reçoivent encore ; \
les mêmes s’obstinent ;
- **un paquet sur deux perdu** : entre le primaire et les autres machines, au hasard, dans les \
deux sens, une minute ;
- **chef d’etcd tué** : le membre que les autres suivaient meurt (SIGKILL) ;
- **deux etcd sur trois tués** : ceux des secours ; sans majorité, le primaire doit se retirer ;
- **secours en phase isolé** : celui que le primaire attend ne joint plus personne.

Chaque fois, ce qui a été coupé est rebranché, et l’on attend une grappe entière avant la suite.

| coup | sur | ensuite | sans écriture, au plus | remise en phase |
|---|---|---|---:|---:|
{rows}
"""


def report(field: Field, faults: list[str], proofs: list[str]) -> str:
    """Say what was done, what was seen, and what it is worth."""
    load, said = field.load, field.told
    answered = sum(1 for one in said if one.what == "answered")
    yes = sum(1 for one in said if one.answer == "accepted")
    reigns = {one.timeline for one in said}
    lines = [
        HEAD.format(
            date=moment(datetime.fromtimestamp(time.time(), UTC)),
            cores=os.cpu_count(),
            load=f"{os.getloadavg()[1]:.0f}",
            rows="\n".join(_row(one, field) for one in field.blows),
        ),
        f"- Courses : {load.races}. Écritures acquittées : {len(said)}, dont {answered} réponses "
        f"et {yes} oui, sous {len(reigns)} primaires qui se sont suivis.",
        *(_obstinate(one) for one in field.blows if one.stubborn is not None),
        f"- Lignes coupées avant la réponse : {load.broken}, rejouées. Réglées par un essai dont "
        f"la réponse s’était perdue : {load.doubtful}.",
        f"- Fils : {proofs[0]}",
        f"- Trace : {proofs[1]}\n",
        f"**{_verdict(faults)}**\n",
        "Refaire : `make test-ha` (Debian, en root ; sans root, là où le système permet les "
        "réseaux d’utilisateur et avec patroni, etcd-server, haproxy, python3-etcd, iproute2 et "
        "postgresql-15 installés).\n",
    ]
    return "\n".join(lines)


def _row(blow: Blow, field: Field) -> str:
    silence, rejoined = blow.silence(field.load), blow.whole_at - blow.mended_at
    return (
        f"| {blow.name} | {blow.struck} | {blow.after} | "
        + f"{silence:.1f} s | {rejoined:.1f} s |".replace(".", ",")
    )


def _obstinate(blow: Blow) -> str:
    """Count what a primary acknowledged to its own clients, before and while it was cut off.

    Once it is mended, they are as the others: it may reign again.
    """
    moments = [one.at for one in blow.stubborn or ()]
    before = sum(1 for at in moments if at < blow.at)
    meanwhile = sum(1 for at in moments if blow.at <= at < blow.mended_at)
    return (
        f"- Au {blow.name} par qui s’obstine : {before} écritures acquittées avant la coupure, "
        f"{meanwhile} pendant."
    )


def _verdict(faults: list[str]) -> str:
    if faults:
        return f"Promesses rompues, {len(faults)} : " + " ; ".join(faults[:20])
    return (
        "Rien d’acquitté n’est perdu, jamais deux primaires n’ont acquitté, chaque recherche a au "
        "plus un gagnant, rien n’est à moitié fait."
    )
