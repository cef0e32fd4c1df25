"""Every kind of task, in one table: what it asks, where it waits, how urgent it is by itself.

A room that gives somebody something to do adds one line here. Pure: no table, no clock.

Source : règles d’organisation du guichet (Cordée), à valider localement. Aucune n’est une règle de
soin : l’urgence vient du tri, qui fixe un délai d’organisation.
"""

from dataclasses import dataclass
from datetime import timedelta

NOW, TONIGHT, SOON, NORMAL, PLANNED = range(5)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a task of this kind asks, and where it stands on the worklist."""

    asks: str  # what is asked of whoever reads
    box: str
    urgency: int | None = None  # None: as urgent as the request it belongs to
    within: timedelta | None = None  # how long after it began it is wanted
    stands: str = ""  # where a request stands that has such a task; what is about none says nothing
    about: str = ""  # said in place of a name, where nobody is meant, or nobody may be named
    is_derived: bool = False  # follows from where a request and its search stand
    by_choice: bool = False  # a day that somebody chose is kept, also beyond `within`
    by_hand: bool = False
    """May be ticked off by hand: what no fact will ever settle, and nothing else. A call-back is
    done when it is written down at the request, not when somebody wants it off the list."""


KINDS = {
    "qualify": Kind(
        "Qualifier la demande",
        "requests",
        SOON,
        timedelta(minutes=15),
        stands="Reçue",
        is_derived=True,
    ),
    "release_hold": Kind(
        "Lever la retenue après le transfert au 15",
        "alerts",
        NOW,
        timedelta(minutes=30),
        stands="Retenue",
        is_derived=True,
    ),
    "await_answer": Kind("Suivre les réponses", "answers", stands="En recherche", is_derived=True),
    "confirm_identity": Kind(
        "Appeler pour confirmer l’identité",
        "answers",
        NOW,
        timedelta(minutes=10),
        stands="Place tenue",
        is_derived=True,
    ),
    "decide_later_offer": Kind(
        "Répondre à une offre plus tardive",
        "answers",
        within=timedelta(minutes=30),
        stands="Offre plus tardive",
    ),
    "call_back": Kind(
        "Rappeler le demandeur",
        "tasks",
        within=timedelta(minutes=30),
        stands="Réponse à dire",
        is_derived=True,
    ),
    "choose_alternative": Kind(
        "Choisir une suite et prévenir le demandeur",
        "alerts",
        NOW,
        timedelta(minutes=30),
        stands="À orienter",
        is_derived=True,
    ),
    "tell_withdrawal": Kind(
        "Prévenir le demandeur : la recherche reprend",
        "alerts",
        NOW,
        timedelta(minutes=15),
        stands="Recherche reprise",
        is_derived=True,
    ),
    "get_confirmation": Kind(
        "Faire confirmer la première visite",
        "alerts",
        NOW,
        timedelta(minutes=30),
        stands="Trouvée",
        is_derived=True,
    ),
    "warn_who_comes": Kind(
        "Prévenir qui vient : la demande a changé",
        "alerts",
        NOW,
        timedelta(minutes=15),
        stands="Besoin changé",
        is_derived=True,
    ),
    "tell_winner": Kind(
        "Appeler qui vient : rien n’a pu lui être écrit",
        "alerts",
        NOW,
        timedelta(minutes=15),
        stands="Trouvée, à prévenir",
        by_hand=True,
    ),
    "tell_visit": Kind(
        "Appeler qui vient : lui dire la date retenue",
        "tasks",
        SOON,
        timedelta(hours=2),
        stands="Confirmée, à prévenir",
        by_hand=True,
    ),
    "call_off": Kind(
        "Appeler qui devait venir : sa visite n’est plus attendue",
        "alerts",
        NOW,
        timedelta(minutes=15),
        about="Visite annulée",
        by_hand=True,
    ),
    "close_request": Kind(
        "Clore la demande",
        "tasks",
        PLANNED,
        timedelta(days=1),
        stands="Réponse dite",
        is_derived=True,
    ),
    "meet_service": Kind(
        "Appeler le service qui reçoit la même demande",
        "alerts",
        NOW,
        timedelta(minutes=30),
        stands="Reçue aussi ailleurs",
        by_hand=True,
    ),
    "review_stopped": Kind(
        "Voir ce qui s’arrête pour la personne",
        "alerts",
        NOW,
        timedelta(hours=1),
        stands="Arrêtée",
        by_hand=True,
    ),
    "review_emergency": Kind("Examiner un accès en urgence", "alerts", SOON, timedelta(days=7)),
    "tell_emergency": Kind(
        "Dire à la personne l’accès en urgence", "alerts", SOON, timedelta(days=1)
    ),
    "compare_records": Kind(
        "Comparer des fiches qui se ressemblent",
        "tasks",
        PLANNED,
        timedelta(days=7),
        about="Fiches en double",
    ),
    "review_merge": Kind(
        "Relire une réunion automatique de deux fiches",
        "tasks",
        PLANNED,
        timedelta(days=7),
        by_hand=True,
    ),
    "ask_choices": Kind(
        "Demander à la personne ses choix : sa fiche a été réunie par erreur à une autre",
        "tasks",
        SOON,
        timedelta(days=3),
        by_hand=True,
    ),
    "check_relatives": Kind(
        "Vérifier le cercle : un proche qui n’est pas le sien en est sorti",
        "tasks",
        SOON,
        timedelta(days=3),
        by_hand=True,
    ),
    "verify_measure": Kind(
        "Vérifier une mesure de protection dite au téléphone", "alerts", SOON, timedelta(days=3)
    ),
    "follow_action": Kind("Suivre une action du plan", "tasks", PLANNED, about="Plan personnalisé"),
    "answer_action": Kind(
        "Répondre à une question sur le plan",
        "answers",
        SOON,
        timedelta(days=2),
        about="Plan personnalisé",
        by_hand=True,
    ),
    "give_line": Kind(
        "Confier une ligne que personne ici ne peut lire",
        "tasks",
        SOON,
        timedelta(days=2),
        about="Plan ou réunion d’une personne",
    ),
    "review_plan": Kind("Réviser le plan avec la personne", "tasks", PLANNED),
    "reassess": Kind("Refaire une évaluation", "tasks", PLANNED),
    "fill_part": Kind(
        "Remplir votre part d’une évaluation", "tasks", PLANNED, about="Évaluation à plusieurs"
    ),
    "chase_part": Kind(
        "Relancer : une part d’évaluation n’est pas venue",
        "tasks",
        SOON,
        timedelta(days=2),
        about="Évaluation à plusieurs",
        by_hand=True,
    ),
    "prevent_rupture": Kind("Agir avant que le parcours ne se rompe", "tasks", NORMAL),
    "repair_rupture": Kind("Réparer une rupture du parcours", "alerts", SOON),
    "approve_protocol": Kind(
        "Relire un parcours type, puis l’approuver",
        "tasks",
        PLANNED,
        timedelta(days=7),
        about="Parcours type",
    ),
    "follow_decision": Kind(
        "Suivre une décision de réunion", "tasks", PLANNED, about="Décision de réunion"
    ),
    "hold_meeting": Kind("Tenir la réunion, puis écrire son compte rendu", "tasks", PLANNED),
    "read_note": Kind("Relire une note", "tasks", PLANNED, about="Note de réflexion", by_hand=True),
    "read_received": Kind(
        "Lire ce qui vous est confié",
        "messages",
        TONIGHT,
        timedelta(days=1),
        about="Remise de suivis",
        by_hand=True,
    ),
    "read_given": Kind(
        "Lire ce qui passe à un collègue",
        "messages",
        SOON,
        timedelta(days=3),
        about="Remise de suivis",
        by_hand=True,
    ),
    "read_urgent_liaison": Kind(
        "Lire une note urgente du cahier",
        "messages",
        NOW,
        timedelta(hours=1),
        about="Cahier de liaison",
    ),
    "read_liaison": Kind(
        "Lire une note importante du cahier",
        "messages",
        SOON,
        timedelta(days=1),
        about="Cahier de liaison",
    ),
    "answer_alert": Kind("Répondre à une alerte du domicile", "alerts", NOW, timedelta(minutes=30)),
    "look_at_alert": Kind("Regarder une alerte du domicile", "alerts", SOON, timedelta(days=1)),
    "follow_alert": Kind(
        "Dire la suite d’une alerte du domicile",
        "tasks",
        PLANNED,
        timedelta(days=7),
        by_choice=True,
    ),
    "answer_need": Kind(
        "Répondre à un besoin signalé au domicile", "tasks", SOON, timedelta(days=1)
    ),
    "answer_safety": Kind(
        "Répondre à une aide qui se sent en danger",
        "alerts",
        NOW,
        timedelta(minutes=30),
        about="Sécurité des aides",
    ),
    "follow_equipment": Kind("Vérifier une demande de matériel", "tasks", PLANNED),
    "review_trial": Kind("Voir si une petite action aide", "tasks", PLANNED),
    "review_reinforced": Kind("Faire le point du suivi renforcé", "tasks", PLANNED),
    "read_urgent_aside": Kind(
        "Lire un envoi urgent mis de côté",
        "messages",
        NOW,
        timedelta(hours=1),
        about="Visites à domicile",
    ),
    "read_aside": Kind(
        "Lire les envois mis de côté",
        "messages",
        SOON,
        timedelta(days=1),
        about="Visites à domicile",
    ),
    "read_text": Kind(
        "Lire une réponse non comprise", "messages", NOW, timedelta(minutes=15), by_hand=True
    ),
    "delivery_failed": Kind(
        "Joindre autrement : un message n’est pas parti",
        "messages",
        TONIGHT,
        timedelta(hours=1),
        stands="Message non remis",
        by_hand=True,
    ),
    "place_gone": Kind(
        "Vérifier qui vient : plus à l’annuaire",
        "alerts",
        NOW,
        timedelta(hours=1),
        stands="Trouvée, à vérifier",
        by_hand=True,
    ),
    "place_left": Kind(
        "Vérifier qui vient : n’est plus du cercle de soins",
        "alerts",
        NOW,
        timedelta(minutes=15),
        stands="Trouvée, à vérifier",
        by_hand=True,
    ),
    "place_away": Kind(
        "Vérifier qui vient : absence déclarée au moment de la visite",
        "alerts",
        SOON,
        timedelta(hours=2),
        stands="Trouvée, à vérifier",
        by_hand=True,
    ),
    "carrier_down": Kind(
        "Téléphoner : les SMS sont retardés",
        "messages",
        NOW,
        timedelta(minutes=30),
        about="Opérateur de SMS",
        by_hand=True,
    ),
    "mails_down": Kind(
        "Téléphoner : les courriels sont retardés",
        "messages",
        NOW,
        timedelta(minutes=30),
        about="Envoi des courriels",
        by_hand=True,
    ),
}


def choices() -> list[tuple[str, str]]:
    """The codes of the kinds, each with what it asks."""
    return [(code, kind.asks) for code, kind in KINDS.items()]
