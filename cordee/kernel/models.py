"""The thread: headers that never change, contents that retention may lawfully remove."""

from typing import Any

from django.db import models


class FactHeader(models.Model):
    """One line of a thread. Written by `kernel_append` alone; UPDATE and DELETE are refused."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField("nature")
    chain_id = models.UUIDField("chaîne")
    thread_id = models.UUIDField("fil", null=True)
    happened_at = models.DateTimeField("survenu le")
    recorded_at = models.DateTimeField("enregistré le")
    origin = models.TextField("origine")
    transaction_id = models.BigIntegerField("transaction")
    digest = models.BinaryField("empreinte")
    previous_hash = models.BinaryField("maillon précédent")
    hash = models.BinaryField("maillon")

    class Meta:
        db_table = "kernel_fact"
        verbose_name = "ligne du fil"
        indexes = [
            models.Index(name="kernel_fact_by_chain", fields=["chain_id", "id"]),
            models.Index(name="kernel_fact_by_kind", fields=["kind", "id"]),
            models.Index(name="kernel_fact_by_transaction", fields=["transaction_id", "id"]),
        ]


def on_threads(threads: Any, prefix: str = "") -> models.Q:
    """Keep the lines of some threads: each is a chain of its own, and chains are indexed."""
    return models.Q(**{f"{prefix}chain_id__in": threads, f"{prefix}thread_id__isnull": False})


class FactContent(models.Model):
    """What a line says, in identifiers and codes. Only retention may delete it.

    Parted by month (ADR 16): a reader who knows when the line was recorded says so, and looks into
    one month.
    """

    fact = models.OneToOneField(
        FactHeader,
        models.PROTECT,
        primary_key=True,
        related_name="content",
        verbose_name="ligne du fil",
    )
    recorded_at = models.DateTimeField("enregistré le")
    subject = models.TextField("objet")
    actor = models.JSONField("auteur")
    data = models.JSONField("données")
    salt = models.BinaryField("sel")

    class Meta:
        db_table = "kernel_fact_content"
        verbose_name = "contenu d’une ligne"


class ThreadHead(models.Model):
    """The last knot of each chain: the row that appends are queued behind."""

    chain_id = models.UUIDField("chaîne", primary_key=True)
    length = models.BigIntegerField("longueur")
    last_id = models.BigIntegerField("dernière ligne")
    hash = models.BinaryField("maillon")

    class Meta:
        db_table = "kernel_thread_head"
        verbose_name = "tête de fil"


class DatabaseRoles(models.Model):
    """Which roles of the server play which part; filled by `prepare`, read by the triggers."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    application = models.TextField("rôle de l’application")
    retention = models.TextField("rôle de conservation", blank=True)

    class Meta:
        db_table = "kernel_database_roles"
        verbose_name = "rôles de la base"


class Latch(models.Model):
    """A thing of some room that is over or held: nothing may be begun for it, from now on.

    Written in the very commit that ends the thing, read by rooms that work for it and do not know
    its own: between that commit and the fact being heard, nobody acts in vain.
    """

    origin = models.CharField("objet", max_length=100, primary_key=True)

    class Meta:
        db_table = "kernel_latch"
        verbose_name = "verrou d’un objet terminé ou retenu"
