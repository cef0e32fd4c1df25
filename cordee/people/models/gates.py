"""What the first lock is judged by, whoever reads: views of the owner's, under no second lock.

Only `policy` and the search by name look here (a test); what they find is then read under the lock.
"""

from django.contrib.postgres.search import SearchVectorField
from django.db import models


class GatePerson(models.Model):
    """The columns that a person is judged and found by."""

    id = models.UUIDField(primary_key=True)
    birth_date = models.DateField("date de naissance", null=True)
    protection = models.TextField("protection juridique")
    territory_id = models.UUIDField("territoire", null=True)
    ins = models.TextField("matricule INS")
    phone = models.TextField("téléphone")
    other_phone = models.TextField("autre téléphone")
    search_keys = SearchVectorField("clés de recherche")
    name_key = models.TextField("clé de tri")

    class Meta:
        managed = False
        db_table = "people_gate_person"
        verbose_name = "personne accompagnée"
        verbose_name_plural = "personnes accompagnées"


class OfPerson(models.Model):
    """What hangs from a person."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(
        GatePerson, models.DO_NOTHING, related_name="+", verbose_name="personne accompagnée"
    )

    class Meta:
        abstract = True


class GateRelative(models.Model):
    """The qualities of a relative."""

    id = models.UUIDField(primary_key=True)
    has_parental_authority = models.BooleanField("titulaire de l’autorité parentale")
    is_representative = models.BooleanField("représentant légal")
    ended_at = models.DateTimeField("retiré le", null=True)

    class Meta:
        managed = False
        db_table = "people_gate_relative"
        verbose_name = "proche"


class GateStay(OfPerson):
    """A stay in a circle that lasts."""

    practitioner_id = models.UUIDField("professionnel", null=True)
    organization_id = models.UUIDField("structure", null=True)
    ground = models.TextField("appartenance à l’équipe de soins")

    class Meta:
        managed = False
        db_table = "people_gate_stay"
        verbose_name = "membre du cercle"
        verbose_name_plural = "membres du cercle"


class GateSpace(OfPerson):
    """An own space, open or shut."""

    account_id = models.UUIDField("compte")
    relative = models.ForeignKey(
        GateRelative, models.DO_NOTHING, null=True, related_name="+", verbose_name="proche"
    )
    since = models.DateTimeField("depuis")
    until = models.DateTimeField("jusqu’à", null=True)

    class Meta:
        managed = False
        db_table = "people_gate_space"
        verbose_name = "accès à son propre espace"
        verbose_name_plural = "accès à leur propre espace"


class GateInformation(OfPerson):
    """That the person was informed."""

    class Meta:
        managed = False
        db_table = "people_gate_information"
        verbose_name = "information donnée"
        verbose_name_plural = "informations données"


class GateSharing(OfPerson):
    """The last word on a square of the table of choices."""

    category = models.TextField("catégorie d’information")
    audience = models.TextField("catégorie de professionnels")
    medium = models.TextField("support")
    choice = models.TextField("choix")
    speaker = models.TextField("de la part de")

    class Meta:
        managed = False
        db_table = "people_gate_sharing"
        verbose_name = "choix de partage"
        verbose_name_plural = "choix de partage"


class GateProcessing(OfPerson):
    """The last word on a use of the data."""

    purpose = models.TextField("finalité")
    will = models.TextField("volonté")

    class Meta:
        managed = False
        db_table = "people_gate_processing"
        verbose_name = "choix de traitement"
        verbose_name_plural = "choix de traitement"


class GateGrant(OfPerson):
    """An emergency access that nobody ended."""

    account_id = models.UUIDField("ouvert par")
    expires_at = models.DateTimeField("expire le")

    class Meta:
        managed = False
        db_table = "people_gate_grant"
        verbose_name = "accès d’urgence"
        verbose_name_plural = "accès d’urgence"


class GateOpposition(OfPerson):
    """That the person refuses emergency access."""

    class Meta:
        managed = False
        db_table = "people_gate_opposition"
        verbose_name = "opposition à l’accès d’urgence"
        verbose_name_plural = "oppositions à l’accès d’urgence"
