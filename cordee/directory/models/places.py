"""Communes as they are today, and the territories drawn with them."""

from django.db import models
from django.db.models import F, Func, Q

from cordee.access.records import Privacy, Record
from cordee.directory.kinds import TerritoryKind


class Commune(models.Model):
    """A current French commune, from the official découpage administratif."""

    filled_by_migrations = True

    code = models.CharField("code Insee", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    departement = models.CharField("code du département", max_length=3)
    departement_name = models.CharField("département", max_length=60)
    region = models.CharField("code de la région", max_length=3)
    region_name = models.CharField("région", max_length=60)
    population = models.PositiveIntegerField("population")
    epci_code = models.CharField("code de l’intercommunalité", max_length=9, blank=True)
    epci_name = models.CharField("intercommunalité", max_length=120, blank=True)
    is_current = models.BooleanField("en vigueur", default=True)
    search_key = models.GeneratedField(
        expression=Func(F("name"), function="directory_place_key"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="clé de recherche",
    )
    bare_key = models.GeneratedField(
        expression=Func(F("name"), function="directory_bare_key"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="clé de recherche sans article",
    )

    class Meta:
        verbose_name = "commune"
        ordering = ["search_key", "code"]
        indexes = [
            models.Index(
                name="directory_commune_by_name",
                fields=["search_key"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(
                name="directory_commune_by_bare_name",
                fields=["bare_key"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(name="directory_commune_by_epci", fields=["epci_code", "code"]),
        ]

    def __str__(self) -> str:
        return self.name


class PostalCode(models.Model):
    """A postal code of a commune; each side may have several of the other."""

    filled_by_migrations = True

    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="postal_codes", verbose_name="commune"
    )
    code = models.CharField("code postal", max_length=5)

    class Meta:
        verbose_name = "code postal"
        constraints = [
            models.UniqueConstraint(
                name="directory_postal_code_is_given_once", fields=["commune", "code"]
            ),
        ]
        indexes = [
            models.Index(
                name="directory_postal_code_starts",
                fields=["code"],
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.code


class OtherCode(models.Model):
    """A former or delegated commune, or an arrondissement: national registers still use it."""

    filled_by_migrations = True

    code = models.CharField("autre code Insee", max_length=5, primary_key=True)
    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="other_codes", verbose_name="commune"
    )

    class Meta:
        verbose_name = "autre code de commune"

    def __str__(self) -> str:
        return self.code


class Outline(models.Model):
    """The outline of a commune, from a file that an administrator holds a licence for."""

    commune = models.OneToOneField(
        Commune,
        models.CASCADE,
        primary_key=True,
        related_name="outline",
        verbose_name="commune",
    )
    polygons = models.JSONField("polygones")
    longitude = models.FloatField("longitude du centre")
    latitude = models.FloatField("latitude du centre")
    source = models.CharField("source", max_length=200)
    licence = models.CharField("licence", max_length=120)
    dated_on = models.DateField("date des contours")

    class Meta:
        verbose_name = "contour de commune"
        constraints = [
            models.CheckConstraint(
                name="directory_outline_has_its_centre_on_earth",
                condition=Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="directory_outline_says_where_it_comes_from",
                condition=~Q(source="") & ~Q(licence=""),
            ),
        ]

    def __str__(self) -> str:
        return self.commune_id


class Territory(Record):
    """A set of communes drawn for one reason; a commune may be in several of them."""

    name = models.CharField("nom", max_length=120)
    kind = models.CharField("nature", max_length=12, choices=TerritoryKind)
    communes = models.ManyToManyField(
        Commune, through="TerritoryCommune", related_name="territories", verbose_name="communes"
    )

    closed_on = models.DateField("fermé le", null=True, blank=True)
    heir = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="territoire qui reprend",
    )

    privacy = Privacy(plain="name kind closed_on heir")

    class Meta:
        verbose_name = "territoire"
        constraints = [
            models.UniqueConstraint(
                name="directory_territory_is_named_once",
                fields=["kind", "name"],
                condition=Q(closed_on=None),
            ),
            models.CheckConstraint(
                name="directory_territory_is_taken_over_when_closed",
                condition=Q(heir=None) | Q(closed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="directory_territory_is_taken_over_by_another",
                condition=Q(heir=None) | ~Q(heir=F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryCommune(Record):
    """A commune inside a territory."""

    territory = models.ForeignKey(
        Territory, models.CASCADE, related_name="places", verbose_name="territoire"
    )
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="+", verbose_name="commune")

    privacy = Privacy(plain="territory commune")

    class Meta:
        verbose_name = "commune d’un territoire"
        constraints = [
            models.UniqueConstraint(
                name="directory_territory_holds_a_commune_once", fields=["territory", "commune"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.commune_id}"
