"""The people who sign in to the demonstration: made up, printed, refused in production."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.access.models import Account
from cordee.directory import demo as directory
from cordee.directory.kinds import CareKind, MembershipRole, OrganizationKind, Profession
from cordee.directory.models import Cover, Membership, Organization, Practitioner

PASSWORD = "corde-et-mousqueton"  # noqa: S105 — printed on purpose, on this machine only
SINCE = date(2026, 1, 5)
CHAMPSAUR, THAU = "champsaur", "thau"
TOUR_COMMUNE, TOUR_CARE = "05132", CareKind.INJECTION  # Saint-Bonnet-en-Champsaur
NURSES = tuple(f"infirmiere{number}@exemple.fr" for number in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody made up: who, as what, in which kind of structure, of which territory."""

    email: str
    name: str
    says: str
    role: str = ""
    kind: str = ""
    territory: str = CHAMPSAUR


CHARACTERS = (
    Character(
        "claire@exemple.fr",
        "Claire Bonnet",
        "infirmière orienteuse du Champsaur : prend les appels",
        MembershipRole.ORIENTEUSE,
        OrganizationKind.SIO,
    ),
    Character(
        "hugo@exemple.fr",
        "Hugo Marin",
        "infirmier orienteur du Champsaur, sa relève",
        MembershipRole.ORIENTEUSE,
        OrganizationKind.SIO,
    ),
    Character(
        "sophie@exemple.fr",
        "Sophie Allard",
        "coordinatrice de parcours du Champsaur",
        MembershipRole.COORDINATOR,
        OrganizationKind.DAC,
    ),
    Character(
        "karim@exemple.fr",
        "Karim Haddad",
        "coordinateur, remplace Sophie en son absence",
        MembershipRole.COORDINATOR,
        OrganizationKind.DAC,
    ),
    Character(
        "nadia@exemple.fr",
        "Nadia Ferrer",
        "coordinatrice du bassin de Thau : ne voit rien du Champsaur",
        MembershipRole.COORDINATOR,
        OrganizationKind.DAC,
        THAU,
    ),
    Character(
        "lucie@exemple.fr",
        "Lucie Serre",
        "infirmière orienteuse du bassin de Thau",
        MembershipRole.ORIENTEUSE,
        OrganizationKind.SIO,
        THAU,
    ),
    Character(
        "infirmiere1@exemple.fr",
        "",
        "infirmière libérale, l’habituelle de Berthe Lefèvre",
        "nurse",
    ),
    Character("infirmiere2@exemple.fr", "", "infirmière libérale", "nurse"),
    Character("infirmiere3@exemple.fr", "", "infirmière libérale", "nurse"),
    Character(
        "fatou@exemple.fr",
        "Fatou Diallo",
        "aide à domicile",
        MembershipRole.HOME_HELP,
        OrganizationKind.HOME_HELP,
    ),
    Character(
        "marc@exemple.fr",
        "Marc Teissier",
        "infirmier de coordination à l’hôpital",
        MembershipRole.HOSPITAL,
        OrganizationKind.HOSPITAL,
    ),
    Character(
        "berthe@exemple.fr",
        "Berthe Lefèvre",
        "une personne accompagnée : son fil, ses choix, qui a ouvert son dossier",
        "person",
    ),
    Character("jeanne@exemple.fr", "Jeanne Lefèvre", "sa fille", "relative"),
    Character(
        "dpo@exemple.fr",
        "Élise Roux",
        "déléguée à la protection des données",
        MembershipRole.DPO,
        OrganizationKind.SIO,
    ),
    Character(
        "admin@exemple.fr",
        "Paul Giraud",
        "administration : comptes, rôles, réglages, aucun dossier",
        MembershipRole.ADMINISTRATOR,
        OrganizationKind.SIO,
    ),
    Character(
        "admin2@exemple.fr",
        "Anne Meyer",
        "seconde administratrice : approuve ce que l’autre demande",
        MembershipRole.ADMINISTRATOR,
        OrganizationKind.SIO,
    ),
)


def load(now: datetime) -> None:
    """Open the accounts and give them their roles. Safe to run again."""
    with gesture(actor=SYSTEM, verb="web.load_demonstration", now=now):
        accounts = {one.email: _account(one) for one in CHARACTERS}
        for one in CHARACTERS:
            if one.kind:
                _give_role(one, accounts[one.email])
        _lend_accounts_to_nurses(accounts)
        _cover(accounts["sophie@exemple.fr"], accounts["karim@exemple.fr"], now)
    directory.settle(now)


def printed() -> Iterator[str]:
    """The accounts as the start of the house prints them."""
    yield f"Mot de passe de tous les comptes : {PASSWORD}"
    for email, says in _known():
        yield f"  {email:<26} {says}"
    yield "Codes de structure, pour demander en ligne sans compte (/demande/nouvelle) :"
    for code, name in _asking():
        yield f"  {code:<26} {name}"


def _known() -> list[tuple[str, str]]:
    known = set(Account.objects.filter(is_demonstration=True).values_list("email", flat=True))
    return [(one.email, one.says) for one in CHARACTERS if one.email in known]


def _asking() -> list[tuple[str, str]]:
    """Who would ask for somebody in each territory: its hospital, and a house of practices."""
    made = Organization.objects.filter(request_code__startswith="DEMO", closed_on=None)
    asking = made.filter(kind__in=(OrganizationKind.HOSPITAL, OrganizationKind.MSP))
    first = asking.order_by("territory", "kind", "request_code", "pk").distinct("territory", "kind")
    return sorted(first.values_list("request_code", "name"))


def _account(one: Character) -> Account:
    account, is_new = Account.objects.get_or_create(
        email=one.email, defaults={"name": one.name or one.says, "is_demonstration": True}
    )
    if is_new:
        account.set_password(PASSWORD)
        account.save(update_fields=["password"])
    return account


def _give_role(one: Character, account: Account) -> None:
    organization = (
        Organization.objects.filter(kind=one.kind, territory__name__icontains=one.territory)
        .order_by("name", "pk")
        .first()
    )
    if organization is not None:
        Membership.objects.get_or_create(
            account=account, organization=organization, role=one.role, defaults={"since": SINCE}
        )


def _lend_accounts_to_nurses(accounts: dict[str, Account]) -> None:
    """To nurses whom a call of the tour may ask: they come there, give that care, every day."""
    asked = Practitioner.objects.filter(
        closed_on=None,
        account=None,
        profession=Profession.NURSE,
        practice__communes__contains=[TOUR_COMMUNE],
        practice__tie_confirmed_at__isnull=False,
        practice__stopped_at=None,
        practice__absences=None,
        practice__kinds__contains=[TOUR_CARE],
    )
    everyday = asked.annotate(days=Count("practice__hours__weekday", distinct=True))
    lent = set(Practitioner.objects.exclude(account=None).values_list("account", flat=True))
    free = [one for one in map(accounts.get, NURSES) if one and one.pk not in lent]
    for account, nurse in zip(free, everyday.order_by("-days", "rpps", "pk"), strict=False):
        nurse.account = account
        nurse.save(update_fields=["account", "updated_at"])
        account.name = f"{nurse.first_name} {nurse.last_name.title()}"
        account.save(update_fields=["name"])


def _cover(absent: Account, cover: Account, now: datetime) -> None:
    Cover.objects.get_or_create(absent=absent, cover=cover, defaults={"since": now})
