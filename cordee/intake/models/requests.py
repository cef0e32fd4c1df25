"""The request: one need of one person, from the call to the confirmed care."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.kinds import CareKind, Profession, VisitTime
from cordee.intake.rules import LIVE, Delay, Facts, Keeping, State

STATES = [(state.value, state.label) for state in State]
DELAYS = [(delay.value, delay.label) for delay in Delay]
KEEPINGS = [(how.value, how.label) for how in Keeping]
LIVE_CODES = [state.value for state in LIVE]
FOUND_CODES = [State.FOUND.value, State.CONFIRMED.value]
ENDED_WITH_REASON = [State.REFUSED.value, State.CANCELLED.value, State.HANDED_ON.value]


class Weight(models.TextChoices):
    FULL = "full", "recherche d’un professionnel"
    ADVICE = "advice", "conseil, orientation"
    ONE_OFF = "one_off", "acte unique"


class Frequency(models.TextChoices):
    ONCE = "once", "une seule fois"
    DAILY = "daily", "une fois par jour"
    TWICE = "twice", "deux fois par jour"
    THRICE = "thrice", "trois fois par jour ou plus"
    WEEKLY = "weekly", "une à trois fois par semaine"
    OTHER = "other", "autre rythme"


class Prescription(models.TextChoices):
    YES = "yes", "oui"
    NO = "no", "non"
    AWAITED = "awaited", "attendue"


class Risk(models.TextChoices):
    ANIMAL = "animal", "animal à attacher"
    ACCESS = "access", "accès difficile ou mal éclairé"
    SMOKE = "smoke", "tabac, oxygène au domicile"
    CONTAGION = "contagion", "précautions contre la contagion"
    VIOLENCE = "violence", "tension ou violence déjà vue"
    ALONE = "alone", "ne pas venir sans être deux"


class RefusalReason(models.TextChoices):
    NO_PROFESSIONAL = "no_professional", "aucun professionnel trouvé dans le délai"
    OUTSIDE_TERRITORY = "outside_territory", "hors du territoire"
    OUTSIDE_MISSION = "outside_mission", "ne relève pas du service"
    NO_PRESCRIPTION = "no_prescription", "prescription manquante"
    UNREACHABLE = "unreachable", "demandeur injoignable"
    PERSON_DECLINED = "person_declined", "la personne ne le souhaite pas"
    NO_AGREEMENT = "no_agreement", "accord de la personne non recueilli"
    DUPLICATE = "duplicate", "demande déjà en cours"
    OTHER = "other", "autre motif"


class CancelReason(models.TextChoices):
    ASKED = "asked", "à la demande de l’appelant"
    SOLVED = "solved", "une solution a été trouvée ailleurs"
    PERSON_DIED = "person_died", "décès de la personne"
    ADMITTED = "admitted", "hospitalisation"
    MOVED = "moved", "départ de la personne"
    MISTAKE = "mistake", "saisie par erreur"


class HandOnReason(models.TextChoices):
    TERRITORY = "territory", "relève d’un autre territoire"
    DAC = "dac", "situation complexe, vers le DAC"
    OTHER_SERVICE = "other_service", "relève d’un autre service"


class DacCriterion(models.TextChoices):
    SEVERAL = "several", "plusieurs intervenants sans coordination"
    ALONE = "alone", "isolement, aucun proche présent"
    CARER = "carer", "proche aidant épuisé"
    SOCIAL = "social", "logement, ressources ou droits en difficulté"
    BREAKS = "breaks", "ruptures répétées du parcours"
    REFUSAL = "refusal", "refus de soins ou désaccord dans l’entourage"
    PSYCHIC = "psychic", "souffrance psychique associée"


class Proposal(models.TextChoices):
    WIDEN = "widen", "élargir la zone"
    OTHER_PROFESSION = "other_profession", "chercher une autre profession"
    PHONE = "phone", "appeler la liste téléphonique"
    LATER = "later", "accepter un début plus tard"
    SHIFT_HOURS = "shift_hours", "décaler les heures de passage"
    LIFT_CAP = "lift_cap", "demander au-delà du plafond déclaré"
    SSIAD = "ssiad", "demander à un service de soins à domicile"
    HAD = "had", "demander une hospitalisation à domicile"
    SENDER = "sender", "faire corriger le nom du service : aucun SMS ne peut le porter"
    NOT_LAUNCHED = "not_launched", "chercher de nouveau, ou téléphoner"
    MOVED = "moved", "vérifier le lieu : la personne a changé d’adresse"


def is_owed(path: str = "") -> Q:
    """Say which requests, found by this path, something is still owed to."""
    ended = {f"{path}state__in": ENDED_WITH_REASON, f"{path}told_at__isnull": True}
    return Q(**{f"{path}state__in": LIVE_CODES}) | Q(**ended)


class CareRequestQuerySet(RecordQuerySet):
    def live(self) -> Self:
        """Return those still under way."""
        return self.filter(state__in=LIVE_CODES)

    def owed(self) -> Self:
        """Return what is still owed: under way, or ended otherwise and the requester not told."""
        return self.filter(is_owed())


class CareRequest(Record):
    """What somebody asks for somebody: one need, one state, three clocks."""

    lets_go = ""
    privacy = Privacy(
        identifying="person caller address access_notes",
        clinical="kind other_kinds need frequency visit_times prescription prescriber risks "
        "risk_notes end_words answer_words",
        plain="organization weight state held_at commune begins_on ends_on visit_minutes "
        "chooses_nobody delay delay_by_hand due_at owner keeper keeping kept_until received_at "
        "contacted_at qualified_at searching_at found_at confirmed_at ended_at outcome_at "
        "told_at practitioner first_visit_on proposals end_reason criteria handed_to handed_from "
        "channel call_seconds profession",
    )

    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", verbose_name="service"
    )
    person = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        null=True,
        related_name="care_requests",
        verbose_name="personne",
    )
    caller = models.ForeignKey(
        "intake.Caller", models.PROTECT, null=True, related_name="+", verbose_name="demandeur"
    )
    channel = models.CharField("canal", max_length=10, default="call")
    weight = models.CharField("ampleur", max_length=8, choices=Weight, default=Weight.FULL)
    state = models.CharField("état", max_length=10, choices=STATES, default=State.RECEIVED.value)
    held_at = models.DateTimeField("retenue depuis", null=True, blank=True)

    kind = models.CharField("soin demandé", max_length=20, choices=CareKind, blank=True)
    other_kinds = ArrayField(
        models.CharField(max_length=20, choices=CareKind),
        default=list,
        blank=True,
        verbose_name="autres soins",
    )
    need = models.TextField("besoin", blank=True, max_length=2000)
    commune = models.ForeignKey(
        "directory.Commune", models.PROTECT, null=True, related_name="+", verbose_name="commune"
    )
    address = models.CharField("adresse du soin", max_length=300, blank=True)
    access_notes = models.CharField("accès au domicile", max_length=500, blank=True)
    begins_on = models.DateField("à partir du", null=True, blank=True)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    frequency = models.CharField("rythme", max_length=8, choices=Frequency, blank=True)
    visit_times = ArrayField(
        models.CharField(max_length=8, choices=VisitTime),
        default=list,
        blank=True,
        verbose_name="moments de passage",
    )
    visit_minutes = models.PositiveSmallIntegerField("durée d’un passage", null=True, blank=True)
    prescription = models.CharField("prescription", max_length=8, choices=Prescription, blank=True)
    prescriber = models.CharField("prescripteur", max_length=150, blank=True)
    risks = ArrayField(
        models.CharField(max_length=10, choices=Risk),
        default=list,
        blank=True,
        verbose_name="risques pour qui vient",
    )
    profession = models.CharField(
        "profession cherchée", max_length=4, choices=Profession, blank=True, default=""
    )
    risk_notes = models.CharField("précisions sur les risques", max_length=500, blank=True)
    chooses_nobody = models.BooleanField("ne souhaite pas choisir", default=False)

    delay = models.CharField("délai d’organisation", max_length=8, choices=DELAYS, blank=True)
    delay_by_hand = models.BooleanField("délai choisi à la main", default=False)
    due_at = models.DateTimeField("à trouver avant", null=True, blank=True)

    owner = models.ForeignKey(
        "access.Account", models.PROTECT, null=True, related_name="+", verbose_name="suivie par"
    )
    keeper = models.ForeignKey(
        "access.Account",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="gardée jusqu’au matin par",
    )
    keeping = models.CharField("garde", max_length=12, choices=KEEPINGS, blank=True)
    kept_until = models.DateTimeField("gardée jusqu’à", null=True, blank=True)

    received_at = models.DateTimeField("reçue le")
    contacted_at = models.DateTimeField("premier contact", null=True, blank=True)
    qualified_at = models.DateTimeField("qualifiée le", null=True, blank=True)
    searching_at = models.DateTimeField("en recherche depuis", null=True, blank=True)
    found_at = models.DateTimeField("trouvée le", null=True, blank=True)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    ended_at = models.DateTimeField("terminée le", null=True, blank=True)
    outcome_at = models.DateTimeField("issue à dire depuis", null=True, blank=True)
    told_at = models.DateTimeField("issue dite le", null=True, blank=True)

    practitioner = models.ForeignKey(
        "directory.Practitioner",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="professionnel trouvé",
    )
    first_visit_on = models.DateField("premier passage", null=True, blank=True)
    proposals = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name="propositions"
    )
    end_reason = models.CharField("motif de fin", max_length=20, blank=True)
    end_words = models.CharField("précisions", max_length=500, blank=True)
    answer_words = models.TextField("conseil donné", max_length=2000, blank=True)
    criteria = ArrayField(
        models.CharField(max_length=10, choices=DacCriterion),
        default=list,
        blank=True,
        verbose_name="critères de complexité",
    )
    handed_to = models.ForeignKey(
        "directory.Organization",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="transmise à",
    )
    handed_from = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="handed_copy", verbose_name="reçue de"
    )
    call_seconds = models.PositiveIntegerField("durée de l’appel", null=True, blank=True)

    objects: ClassVar[Any] = CareRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande"
        indexes = [
            models.Index(name="intake_request_queue", fields=["organization", "state", "due_at"]),
            models.Index(name="intake_request_of_person", fields=["person", "state"]),
            # The queue is walked in its order, and no further than a page.
            models.Index(
                name="intake_request_owed_in_order",
                fields=["organization", "due_at", "received_at", "id"],
                condition=is_owed(),
            ),
            # At the end of duty, how those who are named keep; most requests name nobody.
            models.Index(
                name="intake_request_kept",
                fields=["organization", "keeper"],
                condition=is_owed() & Q(keeper__isnull=False),
            ),
            models.Index(
                name="intake_request_measured_calls",
                fields=["organization", "received_at"],
                condition=Q(call_seconds__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="intake_request_one_live_per_person_and_need",
                fields=["person", "kind"],
                condition=Q(state__in=LIVE_CODES, person__isnull=False) & ~Q(kind=""),
            ),
            models.CheckConstraint(
                name="intake_request_search_is_for_somebody",
                condition=Q(person__isnull=False)
                | ~Q(state__in=[State.SEARCHING.value, *FOUND_CODES]),
            ),
            models.CheckConstraint(
                name="intake_request_held_is_not_searched",
                condition=Q(held_at__isnull=True) | ~Q(state=State.SEARCHING.value),
            ),
            models.CheckConstraint(
                name="intake_request_found_names_somebody",
                condition=Q(practitioner__isnull=False) | ~Q(state__in=FOUND_CODES),
            ),
            models.CheckConstraint(
                name="intake_request_confirmed_has_a_first_visit",
                condition=Q(first_visit_on__isnull=False) | ~Q(state=State.CONFIRMED.value),
            ),
            models.CheckConstraint(
                name="intake_request_end_has_a_reason",
                condition=~Q(state__in=ENDED_WITH_REASON) | ~Q(end_reason=""),
            ),
            models.CheckConstraint(
                name="intake_request_closed_only_when_told",
                condition=Q(told_at__isnull=False) | ~Q(state=State.CLOSED.value),
            ),
            models.CheckConstraint(
                name="intake_request_keeper_is_whole",
                condition=Q(keeper=None, keeping="", kept_until=None)
                | (Q(keeper__isnull=False, kept_until__isnull=False) & ~Q(keeping="")),
            ),
            models.CheckConstraint(
                name="intake_request_ends_after_it_begins",
                condition=Q(ends_on=None)
                | Q(begins_on=None)
                | Q(ends_on__gte=models.F("begins_on")),
            ),
            models.CheckConstraint(
                name="intake_request_visit_lasts_a_sane_time",
                condition=Q(visit_minutes=None) | Q(visit_minutes__range=(5, 480)),
            ),
        ]

    @property
    def is_light(self) -> bool:
        """Say whether an answer is enough: nobody has to come."""
        return self.weight != Weight.FULL

    @property
    def is_owed(self) -> bool:
        """Say whether something is still owed: under way, or ended otherwise and nobody told."""
        untold = self.told_at is None and self.state in ENDED_WITH_REASON
        return self.state in LIVE_CODES or untold

    @property
    def facts(self) -> Facts:
        """Say of the request what the rules need to know."""
        return Facts(
            state=State(self.state),
            light=self.is_light,
            held=self.held_at is not None,
            has_person=self.person_id is not None,
            has_need=bool(self.kind and self.commune_id),
            has_delay=bool(self.delay),
            told=self.told_at is not None,
        )

    @property
    def kinds(self) -> list[str]:
        """List every kind of care asked for, the main one first."""
        return [code for code in dict.fromkeys([self.kind, *self.other_kinds]) if code]

    @property
    def asked(self) -> str:
        """Say what is asked: every kind of care, or else which answer is enough."""
        return ", ".join(CareKind(code).label for code in self.kinds) or self.get_weight_display()


class Wish(Record):
    """The free choice of the person about one professional: known already, asked first or as any
    other, preferred, not wanted.

    Source : code de la santé publique, art. L.1110-8."""

    class Choice(models.TextChoices):
        USUAL = "usual", "professionnel habituel"
        ORDINARY = "ordinary", "habituel, sans priorité"
        PREFER = "prefer", "préfère"
        EXCLUDE = "exclude", "ne souhaite pas"

    privacy = Privacy(identifying="request", plain="practitioner choice")
    person_path = "request.person_id"

    request = models.ForeignKey(
        CareRequest, models.CASCADE, related_name="wishes", verbose_name="demande"
    )
    practitioner = models.ForeignKey(
        "directory.Practitioner", models.PROTECT, related_name="+", verbose_name="professionnel"
    )
    choice = models.CharField("choix", max_length=8, choices=Choice)

    class Meta:
        verbose_name = "choix de la personne"
        constraints = [
            models.UniqueConstraint(
                name="intake_wish_is_said_once", fields=["request", "practitioner"]
            )
        ]
