"""The words of the directory that several rooms share: kinds of care, of organisation, of role."""

from collections.abc import Collection

from django.db.models import IntegerChoices, TextChoices

FICTITIOUS = "99"  # no national register gives a number that begins so: nobody behind it exists


class CareKind(TextChoices):
    """What a person may need at home; the codes are ours, the labels are what callers say."""

    TOILETTE = "toilette", "toilette et soins d’hygiène"
    INJECTION = "injection", "injection"
    DRESSING = "dressing", "pansement"
    INFUSION = "infusion", "perfusion"
    SAMPLING = "sampling", "prélèvement, prise de sang"
    MEDICATION = "medication", "préparation et prise du traitement"
    MONITORING = "monitoring", "surveillance clinique"
    STOMA_CATHETER = "stoma_catheter", "stomie, sonde"
    DIABETES = "diabetes", "suivi du diabète, insuline"
    PALLIATIVE = "palliative", "soins palliatifs"
    POST_SURGERY = "post_surgery", "suites de chirurgie"
    PHYSIOTHERAPY = "physiotherapy", "kinésithérapie"
    RESPIRATORY_PHYSIO = "respiratory_physio", "kinésithérapie respiratoire"
    SPEECH_THERAPY = "speech_therapy", "orthophonie"
    FOOT_CARE = "foot_care", "pédicurie, podologie"
    MIDWIFERY = "midwifery", "suivi par sage-femme"
    GP_VISIT = "gp_visit", "visite d’un médecin généraliste"
    DRUG_DELIVERY = "drug_delivery", "dispensation, livraison de médicaments"
    OCCUPATIONAL = "occupational", "ergothérapie"
    HOME_HELP = "home_help", "aide à domicile"


class VisitTime(TextChoices):
    """When in the day somebody is asked to come; `rules.MOMENT_HOURS` gives the hours."""

    MORNING = "morning", "matin"
    NOON = "noon", "midi"
    EVENING = "evening", "soir"
    NIGHT = "night", "nuit"


NURSING = (
    CareKind.TOILETTE,
    CareKind.INJECTION,
    CareKind.DRESSING,
    CareKind.INFUSION,
    CareKind.SAMPLING,
    CareKind.MEDICATION,
    CareKind.MONITORING,
    CareKind.STOMA_CATHETER,
    CareKind.DIABETES,
    CareKind.PALLIATIVE,
    CareKind.POST_SURGERY,
)


class Profession(TextChoices):
    """Professions of TRE_G15 that Cordée knows by name; any other code is kept as it comes."""

    PHYSICIAN = "10", "médecin"
    PHARMACIST = "21", "pharmacien ou pharmacienne"
    DENTIST = "40", "chirurgien-dentiste"
    MIDWIFE = "50", "sage-femme"
    NURSE = "60", "infirmier ou infirmière"
    PHYSIOTHERAPIST = "70", "masseur-kinésithérapeute"
    PODIATRIST = "80", "pédicure-podologue"
    SPEECH_THERAPIST = "91", "orthophoniste"
    OCCUPATIONAL_THERAPIST = "94", "ergothérapeute"


CARE_OF: dict[str, tuple[CareKind, ...]] = {
    Profession.NURSE: NURSING,
    Profession.PHYSIOTHERAPIST: (CareKind.PHYSIOTHERAPY, CareKind.RESPIRATORY_PHYSIO),
    Profession.SPEECH_THERAPIST: (CareKind.SPEECH_THERAPY,),
    Profession.PODIATRIST: (CareKind.FOOT_CARE,),
    Profession.MIDWIFE: (CareKind.MIDWIFERY, CareKind.SAMPLING, CareKind.MONITORING),
    Profession.PHYSICIAN: (CareKind.GP_VISIT, CareKind.MONITORING, CareKind.PALLIATIVE),
    Profession.PHARMACIST: (CareKind.DRUG_DELIVERY, CareKind.MEDICATION),
    Profession.OCCUPATIONAL_THERAPIST: (CareKind.OCCUPATIONAL,),
}
"""What each profession may declare. Home help is given by organisations, not by professionals."""


def professions_giving(kinds: Collection[str]) -> list[str]:
    """List the professions that give all these kinds of care."""
    return [str(one) for one, given in CARE_OF.items() if set(kinds) <= set(given)]


def profession_of(*kinds: str) -> str:
    """Give the profession that kinds of care are first asked of: a nurse when in doubt."""
    return next(iter(professions_giving(kinds)), Profession.NURSE.value)


def care_of(profession: str) -> tuple[CareKind, ...]:
    """List the kinds of care that a profession may declare."""
    return CARE_OF.get(profession, ())


class OrganizationKind(TextChoices):
    """Every kind of structure that takes part in a person's pathway."""

    SIO = "sio", "service infirmier d’orientation"
    DAC = "dac", "dispositif d’appui à la coordination"
    CPTS = "cpts", "communauté professionnelle territoriale de santé"
    MSP = "msp", "maison de santé pluriprofessionnelle"
    ESP = "esp", "équipe de soins primaires"
    ESS = "ess", "équipe de soins spécialisés"
    HEALTH_CENTRE = "health_centre", "centre de santé"
    PRACTICE = "practice", "cabinet"
    PHARMACY = "pharmacy", "pharmacie"
    LABORATORY = "laboratory", "laboratoire"
    HOSPITAL = "hospital", "hôpital ou clinique"
    HAD = "had", "hospitalisation à domicile"
    SSIAD = "ssiad", "service de soins infirmiers à domicile"
    HOME_HELP = "home_help", "service d’aide à domicile"
    EHPAD = "ehpad", "EHPAD"
    CCAS = "ccas", "centre communal d’action sociale"
    CMP = "cmp", "centre médico-psychologique"
    PTSM = "ptsm", "projet territorial de santé mentale"
    CLSM = "clsm", "conseil local de santé mentale"
    CLS = "cls", "contrat local de santé"
    SAMU = "samu", "SAMU, régulation"
    FIREFIGHTERS = "firefighters", "service d’incendie et de secours"
    AUTHORITY = "authority", "agence, caisse ou collectivité"
    OTHER = "other", "autre structure"


class TerritoryKind(TextChoices):
    """Why a set of communes is drawn; one commune may be in several kinds at once."""

    SIO = "sio", "territoire d’un service d’orientation"
    CPTS = "cpts", "territoire d’une CPTS"
    DAC = "dac", "territoire d’un DAC"
    SAS = "sas", "territoire d’un service d’accès aux soins"
    GHT = "ght", "groupement hospitalier de territoire"
    HOME_CARE = "home_care", "zone d’un service à domicile"
    SOCIAL = "social", "territoire d’action sociale"
    OTHER = "other", "autre territoire"


class MembershipRole(TextChoices):
    """What someone does in an organisation; the door makes of it the role of the actor."""

    COORDINATOR = "coordinator", "coordination de parcours"
    ORIENTEUSE = "orienteuse", "orientation infirmière"
    PRACTITIONER = "practitioner", "soin"
    HOME_HELP = "home_help", "aide à domicile"
    HOSPITAL = "hospital", "équipe hospitalière"
    PARTNER = "partner", "partenaire"
    DPO = "dpo", "protection des données"
    ADMINISTRATOR = "administrator", "administration"


class Weekday(IntegerChoices):
    """A day of the week, as Python counts them."""

    MONDAY = 0, "lundi"
    TUESDAY = 1, "mardi"
    WEDNESDAY = 2, "mercredi"
    THURSDAY = 3, "jeudi"
    FRIDAY = 4, "vendredi"
    SATURDAY = 5, "samedi"
    SUNDAY = 6, "dimanche"
