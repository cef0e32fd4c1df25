"""A page that a colleague has made old since it was read."""

from cordee.kernel.errors import DomainError


def refuse_old(seen: object, now: object) -> None:
    """Refuse what was typed over something else than what stands: what a colleague has written
    since would be undone. What was not said is not asked. Raises DomainError (people.changed)."""
    if seen not in (None, "", now):
        raise DomainError(
            "people.changed",
            "Quelqu’un vient de corriger cette fiche pendant que vous l’aviez sous les yeux. Rien "
            "de ce que vous venez de saisir n’est enregistré\u00a0: relisez-la, puis recommencez.",
        )
