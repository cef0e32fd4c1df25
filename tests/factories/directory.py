"""Who works where, made up for tests."""

from datetime import date, time

import factory
from factory.django import DjangoModelFactory

from cordee.access.models import Account
from cordee.directory import models
from cordee.directory.kinds import CareKind, MembershipRole, OrganizationKind, Profession
from cordee.directory.sample import finess_number, rpps_number
from tests.factories.base import RecordFactory
from tests.support import NOW


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    email = factory.Sequence("compte{}@exemple.fr".format)
    name = factory.Sequence("Compte {}".format)


class CommuneFactory(DjangoModelFactory):
    """A commune of the Champsaur by default; give `code` and `name` for another one."""

    class Meta:
        model = models.Commune
        django_get_or_create = ("code",)

    code = "05132"
    name = "Saint-Bonnet-en-Champsaur"
    departement = "05"
    departement_name = "Hautes-Alpes"
    region = "93"
    region_name = "Provence-Alpes-Côte d’Azur"
    population = 2086
    epci_code = "200068096"
    epci_name = "CC Champsaur-Valgaudemar"


class TerritoryFactory(RecordFactory):
    class Meta:
        model = models.Territory

    name = factory.Sequence("Territoire {}".format)
    kind = "sio"


class OrganizationFactory(RecordFactory):
    class Meta:
        model = models.Organization

    name = factory.Sequence("Service d’orientation {}".format)
    kind = OrganizationKind.SIO
    finess = factory.Sequence(finess_number)
    territory = factory.SubFactory(TerritoryFactory)
    commune = factory.SubFactory(CommuneFactory)


class MembershipFactory(RecordFactory):
    class Meta:
        model = models.Membership

    account = factory.SubFactory(AccountFactory)
    organization = factory.SubFactory(OrganizationFactory)
    role = MembershipRole.ORIENTEUSE
    since = NOW.date()


class PractitionerFactory(RecordFactory):
    """A nurse."""

    class Meta:
        model = models.Practitioner

    rpps = factory.Sequence(rpps_number)
    civility = "Madame"
    last_name = factory.Sequence("Infirmière {}".format)
    first_name = "Camille"
    profession = Profession.NURSE
    profession_name = "Infirmier"


class PracticeSiteFactory(RecordFactory):
    class Meta:
        model = models.PracticeSite

    practitioner = factory.SubFactory(PractitionerFactory)
    structure = factory.Sequence("R{:09d}".format)
    name = "Cabinet infirmier"
    commune = factory.SubFactory(CommuneFactory)
    phone = "0492500000"


class PracticeFactory(RecordFactory):
    """A declared practice; `solicitable=True` for one that may be asked at any hour."""

    class Meta:
        model = models.Practice
        skip_postgeneration_save = True

    class Params:
        solicitable = factory.Trait(
            mobile=factory.Sequence("+336{:08d}".format),
            mobile_proved_at=NOW,
            tie_confirmed_at=NOW,
            tie_confirmed_by=factory.SubFactory(AccountFactory),
            tie_how="call",
            communes=["05132"],
            kinds=list(CareKind.values),
            week=factory.RelatedFactoryList(
                "tests.factories.directory.WeeklyHoursFactory", "practice", size=7
            ),
        )

    practitioner = factory.SubFactory(PractitionerFactory)


class WeeklyHoursFactory(RecordFactory):
    """A whole day; seven in a row make a whole week."""

    class Meta:
        model = models.WeeklyHours

    practice = factory.SubFactory(PracticeFactory)
    weekday = factory.Sequence(lambda number: number % 7)
    starts = time(0)
    ends = time(0)


class AbsenceFactory(RecordFactory):
    class Meta:
        model = models.Absence

    practice = factory.SubFactory(PracticeFactory)
    kind = "holiday"
    begins_at = NOW


class PoleFactory(RecordFactory):
    class Meta:
        model = models.Pole

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence("Pôle {}".format)


class ShiftFactory(RecordFactory):
    class Meta:
        model = models.Shift

    pole = factory.SubFactory(PoleFactory)
    account = factory.SubFactory(AccountFactory)
    starts_at = NOW
    ends_at = NOW.replace(hour=23)


class SectorFactory(RecordFactory):
    class Meta:
        model = models.Sector

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence("Secteur {}".format)
    coordinator = factory.SubFactory(AccountFactory)


class SectorCommuneFactory(RecordFactory):
    class Meta:
        model = models.SectorCommune

    sector = factory.SubFactory(SectorFactory)
    organization = factory.SelfAttribute("sector.organization")
    commune = factory.SubFactory(CommuneFactory)


class TerritoryCommuneFactory(RecordFactory):
    class Meta:
        model = models.TerritoryCommune

    territory = factory.SubFactory(TerritoryFactory)
    commune = factory.SubFactory(CommuneFactory)


class ContactFactory(RecordFactory):
    """A functional mailbox."""

    class Meta:
        model = models.Contact

    organization = factory.SubFactory(OrganizationFactory)
    label = "Secrétariat"
    kind = "email"
    value = factory.Sequence("service{}@exemple.fr".format)


class CoverFactory(RecordFactory):
    class Meta:
        model = models.Cover

    absent = factory.SubFactory(AccountFactory)
    cover = factory.SubFactory(AccountFactory)
    since = NOW


class MomentSettingFactory(RecordFactory):
    """Hours of the moments of the day that have not begun."""

    class Meta:
        model = models.MomentSetting

    since = date(2099, 1, 12)
    source = "réunion des infirmières du territoire"
    morning_from, morning_until = time(6), time(12)
    noon_from, noon_until = time(11), time(14)
    evening_from, evening_until = time(19), time(22)
    night_from, night_until = time(21), time(6)
