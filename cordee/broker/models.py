"""A need to fill, the questions asked to fill it, the calls made, and the settings of it all."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.broker import rules
from cordee.directory.kinds import CareKind, VisitTime
from cordee.directory.models import Commune, Organization, Practitioner
from cordee.directory.rules import MomentHours, Window
from cordee.kernel.base import Table
from cordee.people.models import Person

URGENCIES = [(urgency.value, urgency.label) for urgency in rules.Urgency]
REFUSALS = [(refusal.value, refusal.label) for refusal in rules.Refusal]


class SolicitationQuerySet(RecordQuerySet):
    """Questions about searches."""

    def open(self) -> "SolicitationQuerySet":
        """Searches that still look for somebody."""
        return self.filter(state__in=Solicitation.OPEN)

    def standing(self) -> "SolicitationQuerySet":
        """Searches that look, or found somebody who still comes."""
        return self.filter(state__in=Solicitation.STANDING)


class Solicitation(Record):
    """One need of one person, for which somebody is sought until a yes, the deadline or nobody."""

    class State(models.TextChoices):
        OPEN = "open", "en recherche"
        HELD = "held", "place tenue, à confirmer"
        FILLED = "filled", "trouvée, date à confirmer"
        CONFIRMED = "confirmed", "soins confirmés"
        EXHAUSTED = "exhausted", "personne de disponible"
        CANCELLED = "cancelled", "arrêtée"
        REOPENED = "reopened", "reprise après un désistement"

    OPEN = (State.OPEN, State.HELD)
    TAKEN = (State.FILLED, State.CONFIRMED)
    STANDING = (*OPEN, *TAKEN)
    HELD_PLACES = (State.HELD, *TAKEN)
    ENDED = (State.EXHAUSTED, State.CANCELLED, State.REOPENED)

    origin = models.CharField("origine", max_length=80)
    person = models.ForeignKey(  # `of_person` begins with it
        Person,
        models.PROTECT,
        db_index=False,
        related_name="solicitations",
        verbose_name="personne accompagnée",
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure qui cherche"
    )
    kinds = ArrayField(models.CharField(max_length=24, choices=CareKind), verbose_name="soins")
    profession = models.CharField("profession", max_length=5)
    commune = models.ForeignKey(
        Commune, models.PROTECT, related_name="+", verbose_name="commune des soins"
    )
    urgency = models.CharField("délai d’organisation", max_length=8, choices=URGENCIES)
    begins_at = models.DateTimeField("début souhaité")
    wanted_on = models.DateField("voulue au plus tard le", null=True, blank=True)
    moments = ArrayField(
        models.CharField(max_length=8, choices=VisitTime),
        default=list,
        db_default=[],
        blank=True,
        verbose_name="moments des visites",
    )
    arrival_notes = models.TextField("où et comment venir", blank=True, db_default="")
    visit_notes = models.TextField("consignes de visite", blank=True)
    usual_practitioner = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="professionnel habituel",
    )
    preferred = ArrayField(models.UUIDField(), default=list, blank=True, verbose_name="préférés")
    excluded = ArrayField(models.UUIDField(), default=list, blank=True, verbose_name="écartés")
    declined = ArrayField(
        models.UUIDField(),
        default=list,
        db_default=[],
        blank=True,
        verbose_name="écartés pour avoir dit non",
    )
    is_wide = models.BooleanField("élargie à l’intercommunalité", default=False)
    is_carried = models.BooleanField("sert une demande en cours", default=True, db_default=True)

    state = models.CharField("état", max_length=10, choices=State, default=State.OPEN)
    launched_at = models.DateTimeField("lancée le")
    deadline_at = models.DateTimeField("échéance")
    wave = models.PositiveSmallIntegerField("vague", default=0)
    wave_ends_at = models.DateTimeField("fin de la vague", null=True, blank=True)
    look_at = models.DateTimeField("prochain examen", null=True, blank=True)
    held_until = models.DateTimeField("place tenue jusqu’à", null=True, blank=True)
    confirm_by = models.DateTimeField("à confirmer avant", null=True, blank=True)
    late_told_at = models.DateTimeField("retard signalé le", null=True, blank=True)
    first_visit_at = models.DateTimeField("première visite", null=True, blank=True)
    need_changed_at = models.DateTimeField("besoin changé après le oui le", null=True, blank=True)
    later_offered_at = models.DateTimeField("visite plus tardive offerte le", null=True, blank=True)
    ended_at = models.DateTimeField("terminée le", null=True, blank=True)
    end_reason = models.CharField("motif de fin", max_length=24, blank=True)
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name="fait suite à",
    )

    objects: ClassVar = SolicitationQuerySet.as_manager()
    lets_go = ""
    privacy = Privacy(
        identifying="person arrival_notes",
        clinical="kinds visit_notes",
        plain="origin organization profession commune urgency begins_at moments usual_practitioner "
        "preferred excluded declined is_wide is_carried state launched_at deadline_at wave "
        "wave_ends_at look_at held_until confirm_by late_told_at first_visit_at need_changed_at "
        "later_offered_at ended_at end_reason follows wanted_on",
    )

    class Meta:
        verbose_name = "recherche"
        constraints = [
            models.UniqueConstraint(
                name="broker_solicitation_one_standing_per_origin",
                fields=["origin"],
                condition=Q(state__in=["open", "held", "filled", "confirmed"]),
            ),
            models.CheckConstraint(
                name="broker_solicitation_held_until_a_moment",
                condition=Q(state="held", held_until__isnull=False)
                | (~Q(state="held") & Q(held_until=None)),
            ),
            models.CheckConstraint(
                name="broker_solicitation_confirmed_has_a_first_visit",
                condition=~Q(state="confirmed") | Q(first_visit_at__isnull=False),
            ),
            models.CheckConstraint(
                name="broker_solicitation_end_is_dated_and_explained",
                condition=(
                    Q(state__in=["exhausted", "cancelled", "reopened"], ended_at__isnull=False)
                    & ~Q(end_reason="")
                )
                | (
                    Q(ended_at=None, end_reason="")
                    & ~Q(state__in=["exhausted", "cancelled", "reopened"])
                ),
            ),
        ]
        indexes = [
            models.Index(name="broker_solicitation_board", fields=["state", "deadline_at", "id"]),
            models.Index(name="broker_solicitation_of_person", fields=["person", "launched_at"]),
            models.Index(
                name="broker_solicitation_of_origin", fields=["origin", "launched_at", "id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_urgency_display()} · {self.get_state_display()}"

    @property
    def need(self) -> str:
        """The kinds of care in words."""
        return ", ".join(CareKind(kind).label for kind in self.kinds)

    @property
    def when(self) -> str:
        """The moments of the day in words; empty for any hour."""
        return ", ".join(VisitTime(moment).label for moment in self.moments)

    def window(self, now: datetime, settings: tuple[MomentHours, ...]) -> Window:
        """When the first visit may be, seen from now, by the hours of each moment of the day."""
        urgency = rules.Urgency(self.urgency)
        return rules.window_of(urgency, self.begins_at, self.moments, now, settings)

    @property
    def is_open(self) -> bool:
        """Whether somebody is still sought."""
        return self.state in self.OPEN

    @property
    def set_aside(self) -> set[UUID]:
        """Those whom nobody asks again, even by phone; who only said no may change their mind."""
        return {*self.excluded} - {*self.declined}

    @property
    def asks_again(self) -> bool:
        """Whether the need changed since whoever comes said yes, and they have not agreed to it."""
        agreed = self.first_visit_at is not None
        return self.state == self.State.FILLED and self.need_changed_at is not None and not agreed

    @property
    def offers_later(self) -> bool:
        """Whether the first visit that was offered waits for the team: it is later than asked."""
        return self.state == self.State.FILLED and self.first_visit_at is not None

    @property
    def edition(self) -> str:
        """Which need whoever comes reads: it names the last change since the yes."""
        return self.need_changed_at.isoformat() if self.need_changed_at else ""

    @property
    def unsettled_at(self) -> datetime | None:
        """Since when what was confirmed is to be confirmed again; None when it never was."""
        moments = (self.need_changed_at, self.later_offered_at)
        return max((one for one in moments if one), default=None)

    @property
    def draw(self) -> str:
        """What settles ties between professionals: another for each search of a need."""
        return f"{self.origin} {self.launched_at.timestamp()}"

    def can_be_filled(self, now: datetime) -> bool:
        """Whether a yes still means something: open, in time, and for somebody alive."""
        return self.is_open and self._is_in_time(now)

    def can_be_taken_up(self, now: datetime) -> bool:
        """Whether it ran out of phones before its deadline, for somebody alive."""
        return self.state == self.State.EXHAUSTED and self._is_in_time(now)

    def _is_in_time(self, now: datetime) -> bool:
        return now < self.deadline_at and not self.person.deceased_on

    def is_held(self, now: datetime) -> bool:
        """Whether a yes keeps the place for some minutes more."""
        return self.held_until is not None and now < self.held_until

    def keep(self, **values: object) -> None:
        """Set these columns and save them alone."""
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=[*values, "updated_at"])


class Invitation(Record):
    """One question to one professional, in one wave of a search."""

    class Answer(models.TextChoices):
        WAITING = "waiting", "en attente"
        HELD = "held", "oui par SMS, à confirmer"
        ACCEPTED = "accepted", "oui"
        STANDBY = "standby", "oui, en réserve"
        LATER = "later", "oui, mais plus tard"
        DECLINED = "declined", "non"
        LAPSED = "lapsed", "oui non confirmé à temps"
        TOO_LATE = "too_late", "oui, déjà pourvue"
        NOT_NEEDED = "not_needed", "oui, plus nécessaire"
        WITHDRAWN = "withdrawn", "s’est désisté"
        DISMISSED = "dismissed", "écarté par la personne"

    YES = ("held", "accepted", "standby", "later", "lapsed", "too_late", "not_needed", "withdrawn",
           "dismissed")  # fmt: skip

    SETTLED = ("withdrawn", "dismissed")
    WAS_TO_COME = ("accepted", "dismissed")  # of a search that ended: they had the place
    SILENT = ("waiting", "not_needed")  # of a question taken back: nothing was said, or for nothing

    class Channel(models.TextChoices):
        TEXT = "text", "SMS"
        CALL = "call", "appel"

    person_path = "solicitation.person_id"
    TAKEN_BACK = Q(taken_back_at__isnull=False, answer__in=SILENT)

    solicitation = models.ForeignKey(  # `asked_once` begins with it
        Solicitation,
        models.CASCADE,
        db_index=False,
        related_name="invitations",
        verbose_name="recherche",
    )
    practitioner = models.ForeignKey(  # `history` begins with it
        Practitioner,
        models.PROTECT,
        db_index=False,
        related_name="invitations",
        verbose_name="professionnel",
    )
    wave = models.PositiveSmallIntegerField("vague")
    tier = models.PositiveSmallIntegerField("rang", default=int(rules.Tier.ZONE))
    channel = models.CharField("voie", max_length=4, choices=Channel, default=Channel.TEXT)
    phone = models.CharField("numéro invité", max_length=20, blank=True)
    code = models.CharField("code de réponse", max_length=4, blank=True)
    code_until = models.DateTimeField("code réservé jusqu’au", null=True, blank=True)
    link_hash = models.BinaryField(
        "empreinte du lien", max_length=32, unique=True, null=True, blank=True
    )
    chance = models.DecimalField("chance estimée", max_digits=4, decimal_places=3, default=0)
    score = models.DecimalField("score", max_digits=5, decimal_places=2, default=0)
    reasons = models.JSONField("raisons du score", default=list, blank=True)
    asked_at = models.DateTimeField("demandé le")
    answer = models.CharField("réponse", max_length=10, choices=Answer, default=Answer.WAITING)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    held_at = models.DateTimeField("place tenue par SMS le", null=True, blank=True)
    is_firm = models.BooleanField("dit par qui est connu", default=False, db_default=False)
    refusal = models.CharField("raison du refus", max_length=12, choices=REFUSALS, blank=True)
    offers_from = models.DateTimeField("propose à partir de", null=True, blank=True)
    identity_confirmed_at = models.DateTimeField("identité confirmée le", null=True, blank=True)
    undelivered_at = models.DateTimeField("SMS non remis le", null=True, blank=True)
    taken_back_at = models.DateTimeField("question retirée le", null=True, blank=True)
    # A key of nothing: the stay may go with the record while the answer stays.
    stay = models.UUIDField("séjour ouvert dans le cercle", null=True, blank=True)

    privacy = Privacy(
        identifying="phone",
        plain="solicitation practitioner wave tier channel code code_until link_hash chance score "
        "reasons asked_at answer answered_at is_firm refusal offers_from identity_confirmed_at "
        "undelivered_at taken_back_at stay held_at",
    )

    class Meta:
        verbose_name = "invitation"
        constraints = [
            models.UniqueConstraint(
                name="broker_invitation_asked_once", fields=["solicitation", "practitioner"]
            ),
            models.UniqueConstraint(
                name="broker_invitation_first_yes_wins",
                fields=["solicitation"],
                condition=Q(answer__in=["held", "accepted"]),
            ),
            models.CheckConstraint(
                name="broker_invitation_answer_is_dated",
                condition=Q(answer="waiting", answered_at=None)
                | (~Q(answer="waiting") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="broker_invitation_text_has_code_and_link",
                condition=~Q(channel="text")
                | (
                    Q(code_until__isnull=False, link_hash__isnull=False)
                    & ~Q(code="")
                    & ~Q(phone="")
                ),
            ),
        ]
        indexes = [
            models.Index(name="broker_invitation_history", fields=["practitioner", "asked_at"]),
            models.Index(name="broker_invitation_by_code", fields=["phone", "code"]),
        ]

    def __str__(self) -> str:
        return f"vague {self.wave} · {self.get_answer_display()}"

    @property
    def is_waiting_by_text(self) -> bool:
        """Whether a text put the question, and nothing was answered."""
        return self.channel == self.Channel.TEXT and self.answer == self.Answer.WAITING

    def takes_by_text(self, word: str) -> bool:
        """Whether a yes or a no by text changes something, or repeats what was said.

        Taking a yes back, and coming again after that, are done by the link or a call: forged in
        turn, a yes and a no by text would keep a place from everybody.
        """
        if self.answer in (self.Answer.WITHDRAWN, self.Answer.DISMISSED):
            return False
        if word == "yes" and self.gave_the_place_back:
            return False
        return word == "yes" or self.answer != self.Answer.ACCEPTED

    @property
    def gave_the_place_back(self) -> bool:
        """Whether it held the place once, and said no since: a text holds it no more."""
        said = (self.Answer.DECLINED, self.Answer.LATER, self.Answer.WAITING)
        return self.held_at is not None and self.answer in said

    def settle(self, answer: str, now: datetime, *, is_firm: bool = False, **more: object) -> None:
        """Keep an answer with its moment; firm in reserve, it waits for no proof of who said it."""
        self.answer, self.answered_at, self.is_firm = answer, now, is_firm
        for name, value in more.items():
            setattr(self, name, value)
        self.save(update_fields=["answer", "answered_at", "is_firm", *more, "updated_at"])


class HeldCode(Table):
    """A code in use on a phone: from when it is asked until it is let go, no other question has it.

    Written by triggers alone (`sql/codes.sql`), named by a digest of both: the number is not here.
    """

    is_kept_by_triggers = True
    invitation = models.UUIDField("invitation")
    asked_at = models.DateTimeField("demandé le")
    until = models.DateTimeField("code réservé jusqu’au")

    class Meta:
        verbose_name = "code de réponse réservé"

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d %H:%M}"


class Call(Record):
    """A phone call to a professional about a search: an attempt, with its outcome."""

    class Outcome(models.TextChoices):
        YES = "yes", "oui"
        NO = "no", "non"
        LATER = "later", "oui, mais plus tard"
        NO_ANSWER = "no_answer", "pas de réponse"
        WRONG_NUMBER = "wrong_number", "mauvais numéro"

    person_path = "solicitation.person_id"

    solicitation = models.ForeignKey(
        Solicitation, models.CASCADE, related_name="calls", verbose_name="recherche"
    )
    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, related_name="+", verbose_name="professionnel"
    )
    caller = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name="appelant"
    )
    outcome = models.CharField("issue", max_length=12, choices=Outcome)
    called_at = models.DateTimeField("appelé le")

    privacy = Privacy(identifying="caller", plain="solicitation practitioner outcome called_at")

    class Meta:
        verbose_name = "appel"
        indexes = [models.Index(name="broker_call_of_search", fields=["solicitation", "called_at"])]

    def __str__(self) -> str:
        return self.get_outcome_display()


class BrokerSettings(Record):
    """The settings of one urgency, once somebody changed those that are shipped."""

    urgency = models.CharField("délai d’organisation", max_length=8, choices=URGENCIES, unique=True)
    head_start = models.PositiveIntegerField("avance de l’habituelle")
    wave_length = models.PositiveIntegerField("durée d’une vague")
    wanted_chance = models.FloatField("chance voulue d’un oui")
    wanted_delay = models.PositiveIntegerField("délai voulu")
    deadline = models.PositiveIntegerField("temps avant l’échéance")
    hold = models.PositiveIntegerField("place tenue")
    confirm_within = models.PositiveIntegerField("délai pour confirmer")
    quiet_from = models.TimeField("début des heures calmes")
    quiet_until = models.TimeField("fin des heures calmes")
    ignores_quiet = models.BooleanField("passe outre les heures calmes")
    sets_off = models.PositiveIntegerField("en route avant une visite", default=60, db_default=60)

    privacy = Privacy(
        plain="urgency head_start wave_length wanted_chance wanted_delay deadline hold "
        "confirm_within quiet_from quiet_until ignores_quiet sets_off"
    )

    class Meta:
        verbose_name = "réglages des recherches"

    def __str__(self) -> str:
        return self.get_urgency_display()

    def concerned(self) -> UUID | None:
        """Settings are about nobody."""
        return None
