"""Who may know what about a person, and on which ground. The law, without the database.

Sources (Code de la santé publique, CSP) :
- L.1110-4, II : l’échange entre professionnels identifiés, « à condition qu’ils participent tous
  à sa prise en charge et que ces informations soient strictement nécessaires » ;
- L.1110-4, III : dans l’équipe de soins, les informations sont « réputées confiées par le patient
  à l’ensemble de l’équipe » ; hors de l’équipe, le partage requiert un « consentement préalable » ;
- L.1110-4, IV : la personne est informée de son droit d’opposition et l’exerce à tout moment ;
- L.1110-12 : l’équipe de soins (même structure ; membre reconnu par la personne ; ensemble
  formalisé) ;
- R.1110-1, R.1110-2 : professionnels non soignants, dans le périmètre de leurs missions ;
- D.1110-3-1 à -3 : information préalable, consentement valable jusqu’à son retrait, par tout moyen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cordee.people.rules.labels import Coded
from cordee.people.rules.readings import Reading


class Category(Coded):
    """A category of information."""

    IDENTITY = "identity", "identité et coordonnées"
    COORDINATION = "coordination", "organisation de l’accompagnement"
    CARE = "care", "soins"
    MENTAL_HEALTH = "mental_health", "santé mentale"
    SOCIAL = "social", "situation sociale"


class Audience(Coded):
    """A category of professionals."""

    HEALTH = "health", "professionnels de santé"
    SOCIAL = "social", "professionnels du social et du médico-social"
    COORDINATION = "coordination", "coordination de parcours"
    HOME_HELP = "home_help", "aide à domicile"
    DESK = "desk", "accueil et orientation"
    RELATIVES = "relatives", "proches"


class Medium(Coded):
    """The means by which information is shared."""

    SCREEN = "screen", "dans Cordée"
    MESSAGE = "message", "messagerie sécurisée de santé"
    PAPER = "paper", "papier"
    SYSTEM = "system", "logiciel d’un partenaire"


class Choice(Coded):
    """What the person said about one cell: a category, an audience, a medium."""

    OPPOSED = "opposed", "opposition"
    CONSENTED = "consented", "consentement"
    NEUTRAL = "neutral", "ni opposition ni consentement"


class Speaker(Coded):
    """Who made the choice known."""

    PERSON = "person", "la personne"
    PARENT = "parent", "titulaire de l’autorité parentale"
    REPRESENTATIVE = "representative", "représentant légal"
    TRUSTED = "trusted", "personne de confiance"


class LegalState(Coded):
    """Who may speak for the person."""

    ADULT = "adult", "majeur"
    MINOR = "minor", "mineur"
    REPRESENTED = "represented", "majeur protégé avec représentation"
    UNABLE = "unable", "hors d’état d’exprimer sa volonté"


class Ground(Coded):
    """On what ground a professional belongs to the care team."""

    NONE = "", "hors équipe de soins"
    STRUCTURE = "structure", "même structure (L.1110-12, 1°)"
    RECOGNISED = "recognised", "reconnu par la personne (L.1110-12, 2°)"
    GROUP = "group", "ensemble formalisé (L.1110-12, 3°)"


class Reason(Coded):
    """Why an access is open or shut."""

    SELF = "self", "la personne elle-même"
    TEAM = "team", "équipe de soins, personne informée et sans opposition"
    EXCHANGE = "exchange", "échange entre professionnels de la même prise en charge"
    CONSENT = "consent", "consentement de la personne"
    VOICE = "voice", "représente la personne"
    AUTHOR = "author", "auteur de l’information"
    LEAST_VIEW = "least_view", "vue minimale de l’accueil du territoire"
    EMERGENCY = "emergency", "accès d’urgence"
    STRANGER = "stranger", "hors du cercle de la personne"
    OPPOSED = "opposed", "opposition de la personne"
    NOT_INFORMED = "not_informed", "la personne n’a pas encore été informée"
    NO_CONSENT = "no_consent", "pas de consentement valable"
    COORDINATION_REFUSED = "coordination_refused", "coordination refusée par la personne"
    COORDINATION_AWAITED = "coordination_awaited", "coordination qui attend l’accord de la personne"
    OUT_OF_MISSION = "out_of_mission", "hors du périmètre de la mission"


# What each audience of the care team receives on information and no opposition alone, within its
# mission (R.1110-1). Anything else needs consent.
MISSION: dict[Audience, frozenset[Category]] = {
    Audience.HEALTH: frozenset({Category.IDENTITY, Category.COORDINATION, Category.CARE}),
    Audience.COORDINATION: frozenset({Category.IDENTITY, Category.COORDINATION, Category.CARE}),
    Audience.SOCIAL: frozenset({Category.IDENTITY, Category.COORDINATION}),
    Audience.HOME_HELP: frozenset({Category.IDENTITY, Category.COORDINATION}),
    Audience.DESK: frozenset({Category.IDENTITY}),
    Audience.RELATIVES: frozenset(),
}
PROTECTED = frozenset(
    {Category.MENTAL_HEALTH, Category.SOCIAL}
)  # a stricter level: consent, always
EXCHANGED = frozenset(
    {Category.IDENTITY, Category.COORDINATION}
)  # between identified professionals
EXCHANGED_BEFORE_INFORMATION = Reading(
    said="Dans l’équipe de soins, l’identité et l’organisation de l’accompagnement se lisent avant "
    "que la personne ait reçu la note\u00a0; les soins, seulement après",
    source="Code de la santé publique, L.1110-4, II, lu comme un échange entre professionnels "
    "identifiés de la même prise en charge\u00a0; ce même article veut la personne informée",
    verified=False,
)
ENTRUSTED = EXCHANGED | {Category.CARE}
ENTRUSTED_BEFORE_INFORMATION = Reading(
    said="Ce qu’une demande dit des soins se lit avant que la note soit remise par le service qui "
    "l’a reçue et par le professionnel qui l’a acceptée, et par eux seuls\u00a0; une opposition "
    "au partage des soins le ferme au professionnel, et au service une fois la demande terminée",
    source="Code de la santé publique, L.1110-4, II, lu comme un échange entre professionnels "
    "identifiés, limité au strict nécessaire\u00a0; la demande en cours est ce qui fut confié au "
    "service pour y répondre, et la personne peut l’arrêter à tout moment",
    verified=False,
)
# Under which category each clinical column of a person is read (R.1110-1: what the mission needs).
# The protection measure says who signs and whom to ask: whoever organises the help needs it. Being
# unable to speak is a finding on health: it is care (ADR 9).
CLINICAL = {
    "ald": Category.CARE,
    "unable_since": Category.CARE,
    "protection": Category.COORDINATION,
}
BLIND_WITHOUT_COORDINATION = frozenset({Audience.COORDINATION, Audience.DESK})
NAMED_TO_BE_ASKED = Reading(
    said="Là où la coordination demande l’accord de la personne, l’accueil de son territoire et la "
    "coordination de son cercle lisent son identité avant cet accord, pour le lui demander et ne "
    "pas l’inscrire deux fois\u00a0; rien d’autre. Un refus ferme aussi l’identité",
    source="Règlement (UE) 2016/679, art. 6, § 1, a, et art. 7, lus comme laissant demander "
    "l’accord\u00a0; code de la santé publique, L.1110-4, II, pour l’échange",
    verified=False,
)
EMERGENCY_OPENS = frozenset({Category.IDENTITY, Category.COORDINATION, Category.CARE})
READ_BY_SOFTWARE = Reading(
    said="Le logiciel d’un partenaire lit dans Cordée ce que son utilisateur y lirait\u00a0: une "
    "opposition dans Cordée le ferme aussi, et il a la vue minimale de l’accueil. Un accord donné "
    "pour un autre moyen ne lui ouvre rien, l’accès d’urgence non plus",
    source="Code de la santé publique, L.1110-4, IV (s’opposer ferme toujours) et D.1110-3-1 (le "
    "consentement porte sur ce qui a été dit à la personne, dont les moyens du partage)",
    verified=False,
)
# By which media an opposition closes each: its own, and where its reader reads. Closing is always
# easier than opening: a consent holds for its own medium alone.
CLOSED_BY = {one: frozenset({one}) for one in Medium} | {
    Medium.SYSTEM: frozenset({Medium.SYSTEM, Medium.SCREEN})
}
OF_THE_LEAST_VIEW = frozenset({Medium.SCREEN, Medium.SYSTEM})

# TRE_G15. 10, 21, 60, 70 and 80 were read in published examples; the others are of memory (CSP,
# quatrième partie).
PROFESSIONS_OF_MEMORY = Reading(
    said="Les codes de profession qui font un professionnel de santé",
    source="TRE_G15 et code de la santé publique, quatrième partie, de mémoire pour certains codes",
    verified=False,
)
HEALTH_PROFESSIONS = frozenset(
    {"10", "21", "26", "28", "31", "32", "40", "50", "60", "69", "70", "80"}
    | {"81", "82", "83", "84", "85", "86", "91", "92", "94", "95", "96", "98"}
)

Cell = tuple[Category, Audience, Medium]


@dataclass(frozen=True)
class Said:
    """The last word on one cell, and who gave it."""

    choice: Choice
    by: Speaker


@dataclass(frozen=True)
class Wishes:
    """All that is known of a person’s will, at one moment."""

    legal: LegalState = LegalState.ADULT
    represented: bool = False
    informed: bool = False
    coordination_refused: bool = False
    coordination_awaited: bool = False  # it asks for an agreement that nobody gave nor refused
    cells: Mapping[Cell, Said] = field(default_factory=dict)

    def said(self, cell: Cell) -> Said | None:
        return self.cells.get(cell)


@dataclass(frozen=True)
class Reader:
    """Who asks: their audience, and how they stand to this person."""

    audience: Audience
    in_circle: bool = False
    ground: Ground = Ground.NONE
    of_territory: bool = False
    emergency: bool = False
    is_person: bool = False
    speaks_for: bool = False  # a parent of a minor, a legal representative


@dataclass(frozen=True)
class Decision:
    """Open or shut, with the reason."""

    allowed: bool
    reason: Reason


def decide(
    wishes: Wishes,
    reader: Reader,
    category: Category,
    medium: Medium = Medium.SCREEN,
    exchanged: frozenset[Category] = EXCHANGED,
) -> Decision:
    """Say whether this reader may know this category of information by this medium.

    Whom one may not know by name, one does not follow: nothing else is read without the identity.
    `exchanged` is what passes between identified professionals before the person was informed.
    """
    if reader.emergency and category not in EMERGENCY_OPENS:
        # That door names somebody for what it opens, no more.
        reader = replace(reader, emergency=False)
    named = _decide(wishes, reader, Category.IDENTITY, medium, exchanged)
    if category == Category.IDENTITY or not named.allowed:
        return named
    return _decide(wishes, reader, category, medium, exchanged)


def _decide(
    wishes: Wishes,
    reader: Reader,
    category: Category,
    medium: Medium,
    exchanged: frozenset[Category],
) -> Decision:
    if reader.is_person:
        return Decision(True, Reason.SELF)
    if reader.emergency and medium == Medium.SCREEN and category in EMERGENCY_OPENS:
        return Decision(True, Reason.EMERGENCY)
    if blind := _blind(wishes, reader, category):
        return Decision(False, blind)
    said = wishes.said((category, reader.audience, medium))
    if _is_opposed(wishes, category, reader.audience, medium):
        return Decision(False, Reason.OPPOSED)
    if not reader.in_circle:
        return _outside_circle(reader, category, medium)
    if consent_holds(wishes, said):
        return Decision(True, Reason.CONSENT)
    return _in_circle(wishes, reader, category, exchanged)


def _is_opposed(wishes: Wishes, category: Category, audience: Audience, medium: Medium) -> bool:
    words = (wishes.said((category, audience, one)) for one in CLOSED_BY[medium])
    return any(said is not None and said.choice == Choice.OPPOSED for said in words)


def _blind(wishes: Wishes, reader: Reader, category: Category) -> Reason | None:
    """Say why coordination goes on without eyes: refused, or not agreed to where it asks for it."""
    if reader.audience not in BLIND_WITHOUT_COORDINATION:
        return None
    if wishes.coordination_refused:
        return Reason.COORDINATION_REFUSED
    awaited = wishes.coordination_awaited and category != Category.IDENTITY
    return Reason.COORDINATION_AWAITED if awaited else None


def decide_entrusted(wishes: Wishes, reader: Reader, medium: Medium = Medium.SCREEN) -> Decision:
    """Say whether this reader may know what a request that is theirs to answer says of care.

    A request tells when and where, and which care: both are asked. Of a request of somebody else,
    ask `Category.CARE`.
    """
    first = decide(wishes, reader, Category.COORDINATION, medium)
    if not first.allowed:
        return first
    return decide(wishes, reader, Category.CARE, medium, ENTRUSTED)


def _outside_circle(reader: Reader, category: Category, medium: Medium) -> Decision:
    least = (reader.audience, category) == (Audience.DESK, Category.IDENTITY)
    if least and medium in OF_THE_LEAST_VIEW and reader.of_territory:
        return Decision(True, Reason.LEAST_VIEW)
    return Decision(False, Reason.STRANGER)


def _in_circle(
    wishes: Wishes, reader: Reader, category: Category, exchanged: frozenset[Category]
) -> Decision:
    if reader.speaks_for and category not in PROTECTED:
        return Decision(True, Reason.VOICE)
    if reader.ground == Ground.NONE or category in PROTECTED:
        return Decision(False, Reason.NO_CONSENT)
    if category not in MISSION[reader.audience]:
        return Decision(False, Reason.OUT_OF_MISSION)
    if category in exchanged:
        return Decision(True, Reason.EXCHANGE)
    if not wishes.informed:
        return Decision(False, Reason.NOT_INFORMED)
    return Decision(True, Reason.TEAM)


CONSENT_FOR_ANOTHER = Reading(
    said="L’accord d’un parent ou d’un représentant ne vaut que tant qu’il représente la personne",
    source="Code de la santé publique, D.1110-3-3, qui dit l’accord valable jusqu’à son retrait, "
    "lu avec prudence",
    verified=False,
)


DECLARED_MEASURE = Reading(
    said="Là où la coordination demande l’accord de la personne, celui que donne de vive voix qui "
    "se dit son représentant légal suffit à prendre une demande de soins, avant que la mesure "
    "soit vérifiée : il n’ouvre rien à qui l’a donné, et sa vérification est une tâche",
    source="Code de la santé publique, D.1110-3-1, et règlement (UE) 2016/679, article 7, § 1 (la "
    "preuve), lus avec l’article 459 du code civil : la protection ne prive pas de soins",
    verified=False,
)


def is_declared(legal: LegalState, represented: bool, speaker: Speaker, measure: bool) -> bool:
    """Say whether somebody speaks by a measure that they say and that nobody noted.

    Source : `DECLARED_MEASURE`. Of a minor, who holds parental authority speaks.
    """
    return (
        speaker == Speaker.REPRESENTATIVE
        and measure
        and not represented
        and legal != LegalState.MINOR
    )


def consent_holds(wishes: Wishes, said: Said | None) -> bool:
    """Say whether a consent still counts.

    Sources : valable jusqu’à son retrait (D.1110-3-3) ; ce qu’un parent ou un représentant a
    accepté ne vaut que tant qu’il représente la personne (lecture prudente de Cordée).
    """
    if said is None or said.choice != Choice.CONSENTED:
        return False
    if said.by == Speaker.PARENT:
        return wishes.legal == LegalState.MINOR
    if said.by == Speaker.REPRESENTATIVE:
        return wishes.represented
    return said.by == Speaker.PERSON


# By which quality, noted in the circle, a relative speaks for the person.
SPOKEN_BY = {
    Speaker.PARENT: "has_parental_authority",
    Speaker.REPRESENTATIVE: "is_representative",
    Speaker.TRUSTED: "is_trusted",
}


def may_speak(legal: LegalState, represented: bool, speaker: Speaker, choice: Choice) -> bool:
    """Say whether this speaker’s choice can be recorded.

    Sources : L.1111-4 et L.1111-6 du CSP (la personne de confiance rend compte de la volonté,
    elle ne consent pas) ; D.1110-3-1
    (« la personne ou, le cas échéant, son représentant légal »). Closing is always easier than
    opening: whoever may report the
    person’s will may oppose for them.
    """
    if speaker == Speaker.PARENT:
        return legal == LegalState.MINOR
    if speaker == Speaker.REPRESENTATIVE:
        return represented
    if choice == Choice.CONSENTED:
        return speaker == Speaker.PERSON and legal == LegalState.ADULT
    if speaker == Speaker.TRUSTED:
        return legal == LegalState.UNABLE
    return legal != LegalState.UNABLE


def audience_of_profession(code: str) -> Audience:
    """Tell a health professional from the others who may share (R.1110-2)."""
    return Audience.HEALTH if code in HEALTH_PROFESSIONS else Audience.SOCIAL
