"""Somebody who is helped: identity traits, how to reach them, who protects them."""

from datetime import date

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat

from cordee.access.records import Privacy, Record
from cordee.directory.models import Commune, Practitioner, Territory
from cordee.people.rules import traits as likeness
from cordee.people.rules.identity import Attribute, Doubt, Registry, Status, may_leave, warnings
from cordee.people.rules.sharing import LegalState


class Person(Record):
    """Somebody whose pathway is coordinated. Traits are those of the national identity (INS)."""

    class Sex(models.TextChoices):
        FEMALE = "F", "femme"
        MALE = "M", "homme"

    class Protection(models.TextChoices):
        NONE = "none", "aucune"
        SAFEGUARD = "safeguard", "sauvegarde de justice"
        ASSISTED = "assisted", "curatelle"
        GUARDED = "guarded", "tutelle"
        FAMILY = "family", "habilitation familiale"
        MANDATE = "mandate", "mandat de protection future"

    REPRESENTING = (Protection.GUARDED, Protection.FAMILY, Protection.MANDATE)

    lets_go = ""

    birth_name = models.CharField("nom de naissance", max_length=120)
    first_names = models.CharField("prénoms de naissance", max_length=160, blank=True)
    first_name = models.CharField("premier prénom de naissance", max_length=80, blank=True)
    used_name = models.CharField("nom utilisé", max_length=120, blank=True)
    used_first_name = models.CharField("prénom utilisé", max_length=80, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    sex = models.CharField("sexe", max_length=1, choices=Sex, blank=True)
    birth_place_code = models.CharField("code du lieu de naissance", max_length=5, blank=True)
    ins = models.CharField("matricule INS", max_length=15, blank=True)
    ins_oid = models.CharField(
        "registre du matricule INS", max_length=24, choices=Registry.choices(), blank=True
    )
    ins_status = models.CharField(
        "statut de l’identité",
        max_length=10,
        choices=Status.choices(),
        default=Status.PROVISIONAL.value,
    )
    is_homonym = models.BooleanField("identité homonyme", default=False)
    is_doubtful = models.BooleanField("identité douteuse", default=False)
    is_fictitious = models.BooleanField("identité fictive", default=False)

    phone = models.CharField("téléphone", max_length=20, blank=True)
    other_phone = models.CharField("autre téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    address = models.CharField("adresse", max_length=240, blank=True)
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="commune"
    )
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="persons",
        verbose_name="territoire",
    )
    home_access = models.CharField("accès au domicile", max_length=240, blank=True)
    gp = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="médecin traitant",
    )
    ald = models.BooleanField("affection de longue durée", default=False)
    protection = models.CharField(
        "protection juridique", max_length=10, choices=Protection, default=Protection.NONE
    )
    unable_since = models.DateField("hors d’état de s’exprimer depuis le", null=True, blank=True)
    deceased_on = models.DateField("décès le", null=True, blank=True)
    is_demonstration = models.BooleanField("personne de démonstration", default=False)

    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="absorbed",
        verbose_name="réunie à la fiche",
    )

    search_keys = models.GeneratedField(
        expression=Func(
            F("birth_name"),
            F("used_name"),
            F("first_names"),
            F("first_name"),
            F("used_first_name"),
            function="people_keys",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
        verbose_name="clés de recherche",
    )

    name_key = models.GeneratedField(
        expression=Func(
            Concat(F("used_name"), Value(" "), F("birth_name"), Value(" "), F("first_names")),
            function="cordee_fold",
        ),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="clé de tri",
    )

    person_path = "pk"
    privacy = Privacy(
        identifying="birth_name first_names first_name used_name used_first_name birth_date sex "
        "birth_place_code ins ins_oid phone other_phone email address home_access search_keys "
        "name_key",
        clinical="ald protection unable_since",
        plain="ins_status is_homonym is_doubtful is_fictitious commune territory gp deceased_on "
        "is_demonstration merged_into",
    )

    class Meta:
        verbose_name = "personne accompagnée"
        verbose_name_plural = "personnes accompagnées"
        constraints = [
            models.CheckConstraint(name="people_person_has_a_name", condition=~Q(birth_name="")),
            models.CheckConstraint(
                name="people_person_ins_is_fifteen_characters",
                condition=Q(ins="") | Q(ins__regex=r"^[1-8][0-9]{4}([0-9]{2}|2[AB])[0-9]{8}$"),
            ),
            models.CheckConstraint(
                name="people_person_ins_names_its_registry",
                condition=Q(ins="", ins_oid="") | (~Q(ins="") & ~Q(ins_oid="")),
            ),
            models.CheckConstraint(
                name="people_person_qualified_identity_has_an_ins",
                condition=~Q(ins_status__in=["recuperee", "qualifiee"]) | ~Q(ins=""),
            ),
            models.CheckConstraint(
                name="people_person_in_doubt_is_not_validated",
                condition=~Q(ins_status__in=["validee", "qualifiee"])
                | Q(is_doubtful=False, is_fictitious=False),
            ),
            models.CheckConstraint(
                name="people_person_dies_after_birth",
                condition=Q(deceased_on=None)
                | Q(birth_date=None)
                | Q(deceased_on__gte=F("birth_date")),
            ),
            models.CheckConstraint(
                name="people_person_is_not_merged_into_themselves",
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
            ),
        ]
        indexes = [
            GinIndex(name="people_person_by_names", fields=["search_keys"], fastupdate=False),
            models.Index(name="people_person_by_birth", fields=["birth_date", "id"]),
            models.Index(
                name="people_person_by_ins",
                fields=["ins"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(ins=""),
            ),
            models.Index(name="people_person_by_phone", fields=["phone"], condition=~Q(phone="")),
            models.Index(
                name="people_person_by_other_phone",
                fields=["other_phone"],
                condition=~Q(other_phone=""),
            ),
            models.Index(name="people_person_by_territory", fields=["territory", "id"]),
            models.Index(
                name="people_person_absorbed",
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name as one says it: « Berthe MARTIN née LEFÈVRE »."""
        given = (self.used_first_name, self.first_name, self.first_names)
        return likeness.full_name(*given, self.birth_name, self.used_name, self.sex)

    @property
    def born_as(self) -> str:
        """The birth name, where another is used: « née LEFÈVRE »."""
        return likeness.said_born(self.birth_name, self.used_name, self.sex)

    @property
    def short_name(self) -> str:
        """The name in a list, family name first."""
        given = self.used_first_name or self.first_name or self.first_names
        return f"{(self.used_name or self.birth_name).upper()} {given}".strip()

    @property
    def represented(self) -> bool:
        """Whether a legal representative speaks for the person."""
        return self.protection in self.REPRESENTING

    @property
    def shown_ins(self) -> str:
        """The number, only where the identity is qualified."""
        return self.ins if may_leave(Status(self.ins_status)) else ""

    @property
    def doubts(self) -> list[Doubt]:
        """What looks wrong in the number, beside the traits: to be read again."""
        return warnings(self.ins, sex=self.sex, birth_date=self.birth_date) if self.ins else []

    @property
    def attributes(self) -> list[Attribute]:
        """What must be known of the identity besides its status."""
        flags = {
            Attribute.HOMONYM: self.is_homonym,
            Attribute.DOUBTFUL: self.is_doubtful,
            Attribute.FICTITIOUS: self.is_fictitious,
        }
        return [attribute for attribute, is_set in flags.items() if is_set]

    @property
    def traits(self) -> likeness.Traits:
        """The identity, as the rules compare it."""
        return likeness.Traits(
            birth_name=self.birth_name,
            used_name=self.used_name,
            first_names=self.first_names or self.first_name,
            used_first_name=self.used_first_name,
            birth_date=self.birth_date,
            sex=self.sex,
            ins=self.ins,
            ins_qualified=bool(self.shown_ins),
            ins_oid=self.ins_oid,
            phones=frozenset({self.phone, self.other_phone} - {""}),
            commune_code=self.commune_id or "",
        )

    def age_on(self, day: date) -> int | None:
        """The age on a day, or at death."""
        if self.birth_date is None:
            return None
        return likeness.age_on(self.birth_date, min(day, self.deceased_on or day))

    def legal_state_on(self, day: date) -> LegalState:
        """Who may speak for the person on that day."""
        if likeness.is_minor(self.birth_date, day):
            return LegalState.MINOR
        if self.unable_since and self.unable_since <= day:
            return LegalState.UNABLE
        return LegalState.REPRESENTED if self.represented else LegalState.ADULT
