"""Professionals of the national directory, and what each declares of her own practice."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.kinds import FICTITIOUS, CareKind, Profession, Weekday
from cordee.directory.models.organizations import Organization
from cordee.directory.models.places import Commune
from cordee.directory.rules import Away, Hours


class Practitioner(Record):
    """A professional of the national directory. Closed when she disappears, never deleted."""

    rpps = models.CharField("numéro RPPS ou ADELI", max_length=11, unique=True)
    civility = models.CharField("civilité", max_length=40, blank=True)
    last_name = models.CharField("nom d’exercice", max_length=120)
    first_name = models.CharField("prénom d’exercice", max_length=120, blank=True)
    profession = models.CharField("code de profession", max_length=4)
    profession_name = models.CharField("profession", max_length=120, blank=True)
    specialty = models.CharField("code de savoir-faire", max_length=10, blank=True)
    specialty_name = models.CharField("savoir-faire", max_length=160, blank=True)
    closed_on = models.DateField("sorti de l’annuaire le", null=True, blank=True)
    account = models.OneToOneField(
        Account,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="practitioner",
        verbose_name="compte",
    )
    search_key = models.GeneratedField(
        expression=Func(
            Concat(F("last_name"), Value(" "), F("first_name")), function="cordee_fold"
        ),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="clé de recherche",
    )
    reverse_key = models.GeneratedField(
        expression=Func(
            Concat(F("first_name"), Value(" "), F("last_name")), function="cordee_fold"
        ),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="clé de recherche, prénom devant",
    )

    privacy = Privacy(
        identifying="rpps civility last_name first_name account search_key reverse_key",
        plain="profession profession_name specialty specialty_name closed_on",
    )

    class Meta:
        verbose_name = "professionnel"
        indexes = [
            models.Index(
                name="directory_practitioner_by_name",
                fields=["search_key"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(
                name="directory_practitioner_first",
                fields=["reverse_key"],
                opclasses=["text_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_synthetic(self) -> bool:
        """Made up by Cordée."""
        return self.rpps.startswith(FICTITIOUS)

    def get_profession_display(self) -> str:
        """Name the profession in our words, or in those of the national directory."""
        known = dict(Profession.choices)
        return known.get(self.profession) or self.profession_name.lower()


class PracticeSite(Record):
    """One place where a professional practises, as the national directory says."""

    practitioner = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        related_name="sites",
        db_index=False,  # the constraint below has her first
        verbose_name="professionnel",
    )
    structure = models.CharField("identifiant de la structure", max_length=40)
    organization = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="sites",
        verbose_name="structure",
    )
    name = models.CharField("enseigne", max_length=160, blank=True)
    address = models.CharField("adresse", max_length=240, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    commune = models.ForeignKey(
        Commune,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # « nearby », below, begins with it
        verbose_name="commune",
    )
    phone = models.CharField("téléphone", max_length=20, blank=True)
    closed_on = models.DateField("fermé le", null=True, blank=True)

    privacy = Privacy(
        identifying="practitioner address phone",
        plain="structure organization name postal_code commune closed_on",
    )

    class Meta:
        verbose_name = "lieu d’exercice"
        constraints = [
            models.UniqueConstraint(
                name="directory_practice_site_is_listed_once",
                fields=["practitioner", "structure"],
            ),
        ]
        indexes = [
            models.Index(
                name="directory_practice_site_shared", fields=["structure", "practitioner"]
            ),
            models.Index(name="directory_practice_site_nearby", fields=["commune", "practitioner"]),
        ]

    def __str__(self) -> str:
        return self.name or self.address


class Practice(Record):
    """What a professional says of her own practice, and the phone that she answers from.

    She is asked only when the mobile is proved by a code and the tie between that phone and the
    RPPS number is confirmed by a named person.
    """

    class TieHow(models.TextChoices):
        CALL = "call", "appel au numéro connu du cabinet"
        SIGN_ON = "sign_on", "connexion nationale (Pro Santé Connect)"

    practitioner = models.OneToOneField(
        Practitioner, models.PROTECT, related_name="practice", verbose_name="professionnel"
    )
    mobile = models.CharField("mobile", max_length=16, blank=True)
    mobile_proved_at = models.DateTimeField("mobile prouvé le", null=True, blank=True)
    tie_confirmed_at = models.DateTimeField("lien confirmé le", null=True, blank=True)
    tie_confirmed_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="lien confirmé par",
    )
    tie_how = models.CharField("moyen de confirmation", max_length=8, choices=TieHow, blank=True)
    communes = ArrayField(
        models.CharField(max_length=5), default=list, blank=True, verbose_name="zone"
    )
    kinds = ArrayField(
        models.CharField(max_length=20, choices=CareKind),
        default=list,
        blank=True,
        verbose_name="soins proposés",
    )
    weekly_cap = models.PositiveSmallIntegerField(
        "nouvelles personnes par semaine, au plus", null=True, blank=True
    )
    urgent_at_night = models.BooleanField(
        "accepte un message urgent hors des heures calmes", default=False
    )
    ranking_objection = models.BooleanField("refuse le classement", default=False)
    stopped_at = models.DateTimeField("messages arrêtés le", null=True, blank=True)

    privacy = Privacy(
        identifying="practitioner mobile tie_confirmed_by",
        plain="mobile_proved_at tie_confirmed_at tie_how communes kinds weekly_cap "
        "urgent_at_night ranking_objection stopped_at",
    )

    class Meta:
        verbose_name = "exercice déclaré"
        constraints = [
            models.CheckConstraint(
                name="directory_practice_proves_a_mobile_it_has",
                condition=Q(mobile_proved_at=None) | ~Q(mobile=""),
            ),
            models.CheckConstraint(
                name="directory_practice_tie_says_who_and_how",
                condition=Q(tie_confirmed_at=None, tie_confirmed_by=None, tie_how="")
                | (
                    Q(tie_confirmed_at__isnull=False, tie_confirmed_by__isnull=False)
                    & ~Q(mobile="")
                    & ~Q(tie_how="")
                ),
            ),
            models.CheckConstraint(
                name="directory_practice_offers_known_care",
                condition=Q(kinds__contained_by=CareKind.values),
            ),
            models.CheckConstraint(
                name="directory_practice_cap_lets_somebody_in",
                condition=Q(weekly_cap=None) | Q(weekly_cap__gte=1),
            ),
            models.UniqueConstraint(
                name="directory_practice_tied_mobile_is_one_professional",
                fields=["mobile"],
                condition=Q(tie_confirmed_at__isnull=False),
            ),
        ]
        indexes = [
            GinIndex(name="directory_practice_by_zone", fields=["communes", "kinds"]),
            models.Index(name="directory_practice_by_mobile", fields=["mobile", "id"]),
        ]

    def __str__(self) -> str:
        return str(self.practitioner_id)

    def week(self) -> list[tuple[str, list["WeeklyHours"]]]:
        """Give the usual week, day by day; no query when the hours are prefetched."""
        held: dict[int, list[WeeklyHours]] = {}
        for stretch in self.hours.all():
            held.setdefault(stretch.weekday, []).append(stretch)
        return [(Weekday(day).label, held[day]) for day in sorted(held)]

    def kind_labels(self) -> list[str]:
        """Name the kinds of care that are offered."""
        return [CareKind(kind).label for kind in self.kinds]


class WeeklyHours(Record):
    """A stretch of the usual week during which a professional makes her visits."""

    practice = models.ForeignKey(
        Practice, models.CASCADE, related_name="hours", verbose_name="exercice déclaré"
    )
    weekday = models.PositiveSmallIntegerField("jour de la semaine", choices=Weekday)
    starts = models.TimeField("début")
    ends = models.TimeField("fin")

    privacy = Privacy(plain="practice weekday starts ends")

    class Meta:
        verbose_name = "heures de la semaine"
        constraints = [
            models.CheckConstraint(
                name="directory_hours_are_on_a_day_of_the_week", condition=Q(weekday__lte=6)
            ),
            models.CheckConstraint(
                name="directory_hours_end_after_they_start",
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"),
            ),
            models.UniqueConstraint(
                name="directory_hours_start_once", fields=["practice", "weekday", "starts"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}–{self.ends}"

    def stretch(self) -> Hours:
        """Say it in the words of the rules."""
        return Hours(self.weekday, self.starts, self.ends)


class Absence(Record):
    """A pause or a holiday; without an end, until she resumes."""

    class Kind(models.TextChoices):
        PAUSE = "pause", "pause"
        HOLIDAY = "holiday", "congés"
        TRAINING = "training", "formation"

    practice = models.ForeignKey(
        Practice, models.CASCADE, related_name="absences", verbose_name="exercice déclaré"
    )
    kind = models.CharField("nature", max_length=8, choices=Kind)
    begins_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)

    privacy = Privacy(plain="practice kind begins_at ends_at")

    class Meta:
        verbose_name = "pause ou congés"
        constraints = [
            models.CheckConstraint(
                name="directory_absence_ends_after_it_began",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("begins_at")),
            ),
        ]
        indexes = [
            models.Index(name="directory_absence_by_practice", fields=["practice", "begins_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.begins_at:%Y-%m-%d}"

    def span(self) -> Away:
        """Say it in the words of the rules."""
        return Away(self.begins_at, self.ends_at)


class PhoneTie(Record):
    """A confirmation that a phone is that of an RPPS number: who, how, when; and its end."""

    practice = models.ForeignKey(
        Practice, models.PROTECT, related_name="ties", verbose_name="exercice déclaré"
    )
    mobile = models.CharField("mobile", max_length=16)
    how = models.CharField("moyen de confirmation", max_length=8, choices=Practice.TieHow)
    phone_called = models.CharField("numéro appelé", max_length=20, blank=True)
    number_found = models.CharField("numéro trouvé où", max_length=160, blank=True, db_default="")
    confirmed_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="confirmé par"
    )
    confirmed_at = models.DateTimeField("confirmé le")
    suspended_at = models.DateTimeField("suspendu le", null=True, blank=True)

    privacy = Privacy(
        identifying="practice mobile phone_called confirmed_by",
        plain="number_found how confirmed_at suspended_at",
    )

    class Meta:
        verbose_name = "lien entre mobile et numéro RPPS"
        constraints = [
            models.CheckConstraint(
                name="directory_phone_tie_ends_after_it_began",
                condition=Q(suspended_at=None) | Q(suspended_at__gte=F("confirmed_at")),
            ),
            models.CheckConstraint(
                name="directory_phone_tie_by_call_names_the_number",
                condition=~Q(how="call") | ~Q(phone_called=""),
            ),
            models.UniqueConstraint(
                name="directory_phone_tie_holds_once",
                fields=["practice"],
                condition=Q(suspended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} {self.how}"


class Extraction(Record):
    """One national extraction brought in: which file, when, and what it changed."""

    class Source(models.TextChoices):
        RPPS = "rpps", "professionnels (RPPS)"
        FINESS = "finess", "structures (FINESS)"

    source = models.CharField("source", max_length=8, choices=Source)
    file_name = models.CharField("fichier", max_length=200)
    applied_at = models.DateTimeField("appliquée le")
    added = models.PositiveIntegerField("ajoutés")
    changed = models.PositiveIntegerField("changés")
    gone = models.PositiveIntegerField("disparus")
    unchanged = models.PositiveIntegerField("inchangés")
    rejected = models.PositiveIntegerField("lignes écartées")

    privacy = Privacy(plain="source file_name applied_at added changed gone unchanged rejected")

    class Meta:
        verbose_name = "extraction nationale"
        indexes = [
            models.Index(name="directory_extraction_latest", fields=["source", "applied_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.applied_at:%Y-%m-%d}"
