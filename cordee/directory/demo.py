"""Two real territories with made-up professionals: the Champsaur-Valgaudemar, the Thau basin.

Communes and residents are real. Nobody else exists: numbers begin with 99, phones are those that
Arcep keeps for fiction. The same seed gives the same people.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Min, Model

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.access.models import Account
from cordee.directory import sample
from cordee.directory.kinds import OrganizationKind as Kind
from cordee.directory.kinds import Profession, TerritoryKind, care_of
from cordee.directory.models import (
    Absence,
    Commune,
    Contact,
    Membership,
    Organization,
    PhoneTie,
    Pole,
    Practice,
    PracticeSite,
    Practitioner,
    Sector,
    SectorCommune,
    Shift,
    Territory,
    TerritoryCommune,
    WeeklyHours,
)
from cordee.directory.phones import parse_mobile
from cordee.directory.rules import DUTY_CLOSES, DUTY_DAYS, DUTY_OPENS, PARIS

SEED = 2026

Trade = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Valley:
    """A territory of the demonstration: its communes, its trades, its structures."""

    name: str
    epci: str
    first: int
    trades: dict[Trade, int]
    poles: tuple[str, ...]
    structures: tuple[tuple[Kind, str], ...]


def _trade(code: Profession, name: str, specialty: str = "", specialty_name: str = "") -> Trade:
    return (code.value, name, specialty, specialty_name)


NURSE = _trade(Profession.NURSE, "Infirmier")
GP = _trade(Profession.PHYSICIAN, "Médecin", "SM54", "Médecine générale")
SPECIALIST = _trade(Profession.PHYSICIAN, "Médecin", "SM04", "Cardiologie et maladies vasculaires")
PHYSIO = _trade(Profession.PHYSIOTHERAPIST, "Masseur-Kinésithérapeute")
PHARMACIST = _trade(Profession.PHARMACIST, "Pharmacien")
DENTIST = _trade(Profession.DENTIST, "Chirurgien-Dentiste")
MIDWIFE = _trade(Profession.MIDWIFE, "Sage-Femme")
PODIATRIST = _trade(Profession.PODIATRIST, "Pédicure-Podologue")
SPEECH = _trade(Profession.SPEECH_THERAPIST, "Orthophoniste")
OCCUPATIONAL = _trade(Profession.OCCUPATIONAL_THERAPIST, "Ergothérapeute")

CHAMPSAUR = Valley(
    name="Champsaur-Valgaudemar",
    epci="200068096",
    first=0,
    trades={
        GP: 20,
        NURSE: 36,
        PHYSIO: 14,
        PHARMACIST: 7,
        DENTIST: 5,
        MIDWIFE: 3,
        SPEECH: 3,
        PODIATRIST: 2,
        OCCUPATIONAL: 2,
    },
    poles=("Pôle des vallées",),
    structures=(
        (Kind.SIO, "Service infirmier d’orientation du Champsaur-Valgaudemar"),
        (Kind.DAC, "DAC des Hautes-Alpes, antenne du Champsaur"),
        (Kind.CPTS, "CPTS du Champsaur-Valgaudemar"),
        (Kind.HOSPITAL, "Hôpital des Vallées"),
        (Kind.MSP, "Maison de santé de Saint-Bonnet"),
        (Kind.MSP, "Maison de santé du Valgaudemar"),
        (Kind.ESP, "Équipe de soins primaires d’Ancelle"),
        (Kind.HOME_HELP, "Aide à domicile des Vallées"),
        (Kind.SSIAD, "Soins à domicile du Champsaur"),
        (Kind.EHPAD, "EHPAD du Drac"),
        (Kind.CCAS, "CCAS de Saint-Bonnet-en-Champsaur"),
        (Kind.CMP, "Centre médico-psychologique du Champsaur"),
        (Kind.LABORATORY, "Laboratoire du Drac"),
    ),
)
THAU = Valley(
    name="Bassin de Thau",
    epci="200066355",
    first=1_000,
    trades={
        NURSE: 390,
        GP: 135,
        PHYSIO: 170,
        PHARMACIST: 90,
        SPECIALIST: 60,
        DENTIST: 65,
        MIDWIFE: 20,
        SPEECH: 35,
        PODIATRIST: 25,
        OCCUPATIONAL: 10,
    },
    poles=("Pôle de Sète", "Pôle de Frontignan", "Pôle de Mèze"),
    structures=(
        (Kind.SIO, "Service infirmier d’orientation du bassin de Thau"),
        (Kind.DAC, "DAC de l’Hérault, antenne de Thau"),
        (Kind.CPTS, "CPTS du bassin de Thau"),
        (Kind.HOSPITAL, "Hôpital de l’Étang"),
        (Kind.HAD, "Hospitalisation à domicile de Thau"),
        (Kind.MSP, "Maison de santé de Mèze"),
        (Kind.MSP, "Maison de santé de Gigean"),
        (Kind.ESS, "Équipe de soins spécialisés en cardiologie de Thau"),
        (Kind.HEALTH_CENTRE, "Centre de santé de Sète"),
        (Kind.HOME_HELP, "Domicile Thau services"),
        (Kind.HOME_HELP, "Aide à domicile de Marseillan"),
        (Kind.SSIAD, "Soins à domicile de Frontignan"),
        (Kind.EHPAD, "EHPAD de la Corniche"),
        (Kind.EHPAD, "EHPAD des Salins"),
        (Kind.CCAS, "CCAS de Sète"),
        (Kind.CMP, "Centre médico-psychologique de Sète"),
        (Kind.LABORATORY, "Laboratoire de l’Étang"),
    ),
)


RowT = TypeVar("RowT", bound=Model)


@dataclass(slots=True)
class Made:
    """The rows of one territory, written together at the end."""

    rows: dict[type[Model], list[Model]] = field(default_factory=dict)

    def add(self, row: RowT) -> RowT:
        """Keep a row for the end."""
        self.rows.setdefault(type(row), []).append(row)
        return row

    def write(self) -> None:
        """Copy the rows in, table by table, in the order that they were first spoken of."""
        with connection.cursor() as cursor:
            for model, rows in self.rows.items():
                columns = [one for one in model._meta.concrete_fields if not one.generated]
                names = ", ".join(f'"{one.column}"' for one in columns)
                with cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
                    for row in rows:
                        copy.write_row([one.pre_save(row, True) for one in columns])


def load(now: datetime) -> None:
    """Load both territories; running it again changes nothing."""
    with gesture(actor=SYSTEM, verb="directory.load_demonstration", now=now):
        for valley in (CHAMPSAUR, THAU):
            if not Territory.objects.filter(name=valley.name, kind=TerritoryKind.SIO).exists():
                _load(valley, now)


def _load(valley: Valley, now: datetime) -> None:
    random = Random(f"{SEED}-{valley.name}")  # noqa: S311 - made-up data, the same each time
    communes = list(
        Commune.objects.filter(epci_code=valley.epci)
        .annotate(first_code=Min("postal_codes__code"))
        .order_by("-population", "code")
    )
    made = Made()
    territory = _territories(made, valley, communes)
    organizations = _organizations(made, valley, territory, communes)
    caller, _ = Account.objects.get_or_create(
        email=f"equipe.{valley.first}@exemple.fr",
        defaults={"name": f"Équipe du {organizations[0].name}", "is_demonstration": True},
    )
    numbers = count(valley.first)
    for trade, how_many in valley.trades.items():
        sites = _Sites(random, valley, communes, organizations)
        for _ in range(how_many):
            rank = next(numbers)
            who = sample.somebody(random, rank, trade)
            practitioner = made.add(_practitioner(who))
            site = made.add(sites.next(practitioner))
            wanted = 0.8 if trade == NURSE else 0.35
            if care_of(practitioner.profession) and random.random() < wanted:
                _practice(made, random, practitioner, site, communes, (caller, rank, now))
    made.write()


def _territories(made: Made, valley: Valley, communes: list[Any]) -> Territory:
    kinds = (TerritoryKind.SIO, TerritoryKind.CPTS, TerritoryKind.DAC)
    drawn = [made.add(Territory(name=valley.name, kind=kind)) for kind in kinds]
    for territory in drawn:
        for commune in communes:
            made.add(TerritoryCommune(territory=territory, commune=commune))
    return drawn[0]


def _organizations(
    made: Made, valley: Valley, territory: Territory, communes: list[Any]
) -> list[Organization]:
    found = []
    for rank, (kind, name) in enumerate(valley.structures):
        seat = next((one for one in communes if one.name in name), communes[0])
        phone = f"{sample.FICTION}{valley.first // 1_000}9{rank:02d}"
        organization = made.add(
            Organization(
                name=name,
                kind=kind,
                finess=sample.finess_number(valley.first + rank),
                territory=territory,
                commune=seat,
                address="1 place de la Mairie",
                phone=phone,
                email=f"contact.{valley.first + rank}@exemple.fr",
                sms_sender_name="CORDEE" if kind is Kind.SIO else "",
                request_code=f"DEMO{valley.first + rank:05d}",
            )
        )
        found.append(organization)
        made.add(Contact(organization=organization, label="Accueil", kind="phone", value=phone))
        if kind is Kind.SIO:
            for pole in valley.poles:
                made.add(Pole(organization=organization, name=pole))
    return found


class _Sites:
    """Places of practice, shared by two to five colleagues, spread like the residents."""

    def __init__(
        self,
        random: Random,
        valley: Valley,
        communes: list[Any],
        organizations: list[Organization],
    ) -> None:
        self.random, self.communes = random, communes
        self.houses = [one for one in organizations if one.kind in (Kind.MSP, Kind.HEALTH_CENTRE)]
        self.prefix, self.left, self.number = valley.first, 0, 0

    def next(self, practitioner: Practitioner) -> PracticeSite:
        """Give a professional her place, in a new practice when the last one is full."""
        if self.left == 0:
            self.left = self.random.randint(2, 5)
            self.number += 1
            weights = [commune.population for commune in self.communes]
            self.commune = self.random.choices(self.communes, weights)[0]
            self.house = next(
                (one for one in self.houses if one.commune_id == self.commune.pk), None
            )
            street = self.random.choice(sample.STREETS)
            self.name, self.street = (
                f"Cabinet {street}",
                f"{self.random.randint(1, 90)} rue {street}",
            )
            self.phone = sample.phone_number(self.random, sample.FICTION)
        self.left -= 1
        trade = practitioner.profession
        return PracticeSite(
            practitioner=practitioner,
            structure=f"DEMO{self.prefix}-{trade}-{practitioner.specialty}-{self.number}",
            organization=self.house,
            name=self.house.name if self.house else self.name,
            address=self.street,
            postal_code=self.commune.first_code,
            commune=self.commune,
            phone=self.phone,
        )


def _practitioner(who: sample.Somebody) -> Practitioner:
    code, name, specialty, specialty_name = who.profession
    return Practitioner(
        rpps=who.rpps,
        civility=who.civility,
        last_name=who.last_name,
        first_name=who.first_name,
        profession=code,
        profession_name=name,
        specialty=specialty,
        specialty_name=specialty_name,
    )


def _practice(
    made: Made,
    random: Random,
    practitioner: Practitioner,
    site: PracticeSite,
    communes: list[Any],
    tie: tuple[Account, int, datetime],
) -> None:
    caller, rank, now = tie
    mobile = parse_mobile(f"{sample.FICTION_MOBILE}{(rank * 7) % 10_000:04d}")
    proved = now - timedelta(days=random.randint(20, 300))
    kinds = [kind.value for kind in care_of(practitioner.profession) if random.random() < 0.92]
    others = [one.pk for one in communes if one.pk != site.commune_id]
    zone = [site.commune_id, *random.sample(others, k=min(len(others), random.randint(6, 12)))]
    practice = made.add(
        Practice(
            practitioner=practitioner,
            mobile=mobile,
            mobile_proved_at=proved,
            tie_confirmed_at=proved,
            tie_confirmed_by=caller,
            tie_how=Practice.TieHow.CALL,
            communes=sorted(zone),
            kinds=kinds or [care_of(practitioner.profession)[0].value],
            weekly_cap=random.choice((None, None, None, 3, 4, 6)),
            urgent_at_night=random.random() < 0.6,
            stopped_at=now - timedelta(days=3) if random.random() < 0.03 else None,
        )
    )
    made.add(
        PhoneTie(
            practice=practice,
            mobile=mobile,
            how=Practice.TieHow.CALL,
            phone_called=site.phone,
            number_found="annuaire",
            confirmed_by=caller,
            confirmed_at=proved,
        )
    )
    for weekday in (day for day in range(7) if day < 5 or random.random() < 0.5):
        for hours in WITHOUT_REST if rank % 3 == 0 else WITH_A_REST:
            made.add(_hours(practice, weekday, *hours))
    if random.random() < 0.06:
        begins = now - timedelta(days=random.randint(0, 5))
        ends = begins + timedelta(days=random.randint(6, 14))
        made.add(Absence(practice=practice, kind="holiday", begins_at=begins, ends_at=ends))


# Most rest between two rounds; some do not, so that somebody can be asked at any hour of the day.
WITH_A_REST = ((time(6, 30), time(13, 0)), (time(16, 0), time(21, 0)))
WITHOUT_REST = ((time(6, 30), time(21, 0)),)


def _hours(practice: Practice, weekday: int, starts: time, ends: time) -> WeeklyHours:
    return WeeklyHours(practice=practice, weekday=weekday, starts=starts, ends=ends)


def settle(now: datetime, days: int = 14) -> None:
    """Once the accounts have their roles: share out sectors, fill the roster. Safe to run again."""
    with gesture(actor=SYSTEM, verb="directory.load_demonstration", now=now):
        members = Membership.objects.filter(
            account__is_demonstration=True, organization__territory__isnull=False
        ).select_related("account", "organization")
        teams: dict[tuple[Organization, str], list[Account]] = {}
        for member in members.order_by("account__email", "pk"):
            teams.setdefault((member.organization, member.role), []).append(member.account)
        for (organization, role), team in teams.items():
            if role == "coordinator" and not organization.sectors.exists():
                _share_sectors(organization, team)
            if role == "orienteuse" and not Shift.objects.filter(account__in=team).exists():
                _fill_roster(organization, team, now, days)


def _share_sectors(organization: Organization, team: list[Account]) -> None:
    territory = organization.territory
    if territory is None:
        return
    communes = list(territory.communes.order_by("-population", "code"))
    for rank, account in enumerate(team):
        held = communes[rank :: len(team)]
        sector = Sector.objects.create(
            organization=organization, name=f"Secteur de {held[0].name}", coordinator=account
        )
        SectorCommune.objects.bulk_create(
            SectorCommune(sector=sector, organization=organization, commune=commune)
            for commune in held
        )


def _fill_roster(organization: Organization, team: list[Account], now: datetime, days: int) -> None:
    poles = list(organization.poles.order_by("name", "pk"))
    today = now.astimezone(PARIS).date()
    shifts = []
    for day in (today + timedelta(days=rank) for rank in range(days)):
        if day.weekday() not in DUTY_DAYS or not poles:
            continue
        opens = datetime.combine(day, DUTY_OPENS, PARIS)
        closes = datetime.combine(day, DUTY_CLOSES, PARIS)
        shifts += [
            Shift(pole=pole, account=account, starts_at=opens, ends_at=closes)
            for pole, account in zip(poles * len(team), team, strict=False)
        ]
        morning = datetime.combine(day + timedelta(days=1), DUTY_OPENS, PARIS)
        shifts.append(
            Shift(
                pole=poles[0],
                account=team[day.toordinal() % len(team)],
                kind=Shift.Kind.ON_CALL,
                starts_at=closes,
                ends_at=morning,
            )
        )
    Shift.objects.bulk_create(shifts)
