"""Why a subscription was stopped, in the words of who reads it: French, then English."""

SUSPENDED, GRANT, ROLE, SCOPES = "suspended", "grant", "role", "scopes"
CRITERIA, ENDED, FAULT, HEAVY = "criteria", "ended", "fault", "heavy"

WORDS = {
    SUSPENDED: (
        "Ce partenaire est suspendu : plus rien ne lui est envoyé.",
        "The client is suspended: nothing leaves.",
    ),
    GRANT: (
        "L’autorisation donnée à cette application a pris fin.",
        "The authorization given to the application is over.",
    ),
    ROLE: (
        "Le rôle sous lequel ce partenaire agissait a pris fin.",
        "The role in which the client acted is over.",
    ),
    SCOPES: (
        "Les portées de ce partenaire ne comprennent plus ce que l’abonnement surveille.",
        "The scopes of the client no longer include what the subscription watches.",
    ),
    CRITERIA: (
        "Le critère ne se lit plus : écrivez-le à nouveau.",
        "The criteria can no longer be read: write them again.",
    ),
    ENDED: ("L’abonnement est arrivé à sa fin (end).", "The subscription reached its end."),
    HEAVY: (
        "Ce critère demande trop de recherche : rendez-le plus précis.",
        "The criteria take too long to search: narrow them.",
    ),
    FAULT: (
        "Une erreur de notre part a arrêté cet abonnement : relisez ce qu’il surveille, puis "
        "remettez-le en marche.",
        "A fault of the server stopped the subscription: search again, then turn it on.",
    ),
}


def of_dead_letters(count: int) -> str:
    """That some of what was sent is not sent any more, in both languages."""
    return (
        f"{count} envoi(s) refusé(s) ne partent plus, et retiennent ce qui concerne les mêmes "
        f"personnes\u00a0: écrivez à qui administre Cordée. / {count} notification(s) are not sent "
        "any more, and hold those about the same persons: ask the administration."
    )


def in_french(code: str) -> str:
    """Why, in French; nothing when nothing stopped it."""
    return WORDS[code][0] if code in WORDS else ""


def in_both(code: str) -> str:
    """Why, in both languages: `Subscription.error`."""
    return " / ".join(WORDS[code]) if code in WORDS else ""
