"""Mailboxes of the secure messaging of health: what is written there may tell of a person.

Source : référentiel MSSanté de l’Agence du numérique en santé : les domaines de l’espace de
confiance se terminent par « .mssante.fr ».
"""

OF_HEALTH = ".mssante.fr"
NOT_OF_HEALTH = (
    f"Une adresse de messagerie sécurisée de santé se termine par « {OF_HEALTH} »\u00a0: celle-ci "
    "est une adresse électronique ordinaire, où rien de confidentiel ne s’écrit."
)


def is_of_health(address: str) -> bool:
    """Say whether a mailbox is one of the secure messaging of health, by its domain."""
    _, at, domain = address.strip().lower().rpartition("@")
    return bool(at) and domain.endswith(OF_HEALTH)
