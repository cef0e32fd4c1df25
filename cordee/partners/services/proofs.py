"""Proofs that were taken: the database keeps the promise that none is taken twice."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.partners.models import Client, Proof
from cordee.partners.sealing import hash_of


def was_taken(name: str) -> bool:
    """Say whether a proof was taken before. One query."""
    return Proof.objects.filter(digest=hash_of(name)).exists()


def take_proof(client: Client, name: str, until: datetime) -> bool:
    """Take a proof by its name; False when it was taken before. Inside a gesture."""
    try:
        with transaction.atomic():
            Proof.objects.create(client=client, digest=hash_of(name), expires_at=until)
    except IntegrityError:
        return False
    return True
