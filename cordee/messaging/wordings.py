"""The words Cordée ships with; administration may change them, under the same guard. Pure.

Texts are written for the GSM alphabet (straight apostrophe, no « ê »): a single other character
halves what fits in one.
"""

import re
from dataclasses import dataclass

FIELDS = ("service", "secteur", "debut", "code", "lien")
ALWAYS_SAID = {"secteur"}  # the directory names one for every message, were it « votre secteur »
_FIELD = re.compile(r"\{([^{}]*)\}")


def fields_in(body: str) -> set[str]:
    """List what a text asks to be filled with, known or not."""
    return set(_FIELD.findall(body))


@dataclass(frozen=True)
class Words:
    """One message: what it is for, and how it is said by text and by mail."""

    purpose: str
    text: str = ""
    subject: str = ""
    mail: str = ""
    seals_code: bool = False  # its code is a secret: it is never shown in the outbox
    is_asked_for: bool = False  # its reader has just asked for it: it leaves even after STOP
    answers: bool = False  # it answers her text: after STOP, whoever wrote again lately has it
    also: tuple[str, ...] = ()  # the fields that its gesture gives too, which our words leave out

    @property
    def fields(self) -> tuple[str, ...]:
        """List the fields that its gesture gives: any other would keep it from leaving."""
        given = fields_in(self.text + self.subject + self.mail).union(self.also)
        return tuple(name for name in FIELDS if name in given)


@dataclass(frozen=True)
class Template:
    """The words in force for one code and channel."""

    code: str
    channel: str
    purpose: str
    subject: str
    body: str
    is_ours: bool
    unsayable: tuple[str, ...] = ()  # of words of administration set aside: what nobody gives

    @property
    def fields(self) -> tuple[str, ...]:
        """List the fields that its words may have."""
        return SHIPPED[self.code].fields


_BYE = (
    "\n\nCe message ne contient aucune donnée de santé. Merci de ne pas y répondre par courriel.\n"
)

_NEED = ("secteur", "debut")  # of the search that it is about: `broker` gives them with every word

SHIPPED: dict[str, Words] = {
    "broker.ask": Words(
        "Demander à un professionnel s’il est disponible",
        "{service} : recherche en cours, {secteur}, à partir du {debut}. "
        "Répondez OUI {code} ou NON {code}, ou ouvrez {lien}",
        "{service} : recherche en cours",
        "Bonjour,\n\n{service} recherche un professionnel, {secteur}, à partir du {debut}.\n\n"
        "Pour répondre, ouvrez ce lien : {lien}" + _BYE,
    ),
    "broker.place_held": Words(
        "Place retenue : identité à confirmer par le lien",
        "{service} : place retenue pour vous (recherche {code}). "
        "Pour la confirmer, ouvrez le lien reçu avec ce code.",
        answers=True,
        also=_NEED,
    ),
    "broker.hold_lapsed": Words(
        "Place rendue faute de confirmation",
        "{service} : sans confirmation, la place {code} a été rendue. "
        "Le lien reçu dit si elle est encore libre.",
        answers=True,
        also=_NEED,
    ),
    "broker.stand_by": Words(
        "Oui reçu alors qu’une place est déjà retenue",
        "{service} : merci. Quelqu'un a répondu juste avant vous pour {code} ; "
        "nous revenons vers vous si la place se libère.",
        answers=True,
        also=_NEED,
    ),
    "broker.already_taken": Words(
        "Recherche déjà pourvue",
        "{service} : la recherche {code} est pourvue. Merci de votre réponse, à bientôt.",
        answers=True,
        also=_NEED,
    ),
    "broker.not_needed": Words(
        "Recherche sans objet",
        "{service} : la recherche {code} n'a plus d'objet. Merci de votre disponibilité.",
        answers=True,
        also=_NEED,
    ),
    "broker.confirm_visit": Words(
        "Demander la date du premier passage",
        "{service} : pour {code}, merci d'indiquer votre premier passage avec le lien reçu.",
        also=_NEED,
    ),
    "broker.need_changed": Words(
        "Demande changée après le oui",
        "{service} : la recherche {code} n'est plus la même depuis votre oui. "
        "Relisez-la par le lien reçu et redonnez votre premier passage, ou appelez-nous.",
        also=_NEED,
    ),
    "broker.visit_accepted": Words(
        "Premier passage plus tardif accepté",
        "{service} : pour {code}, votre date de premier passage convient. "
        "Le lien reçu la rappelle.",
        also=_NEED,
    ),
    "broker.winner_link": Words(
        "Lien de qui a dit oui au téléphone",
        "{service} : merci de votre oui au téléphone. Pour confirmer que c'est vous et lire "
        "les coordonnées, ouvrez {lien}",
        also=_NEED,
    ),
    "broker.use_the_link": Words(
        "Plusieurs codes inexacts : répondre par le lien",
        "{service} : plusieurs codes inexacts sont venus de votre numéro. "
        "Pour répondre, ouvrez le lien reçu, ou appelez-nous.",
        answers=True,
        also=_NEED,
    ),
    "broker.by_the_link": Words(
        "Réponse qu’un texto ne peut plus changer",
        "{service} : pour {code}, votre SMS ne suffit pas. "
        "Ouvrez le lien reçu, ou appelez-nous : l'équipe lit votre message.",
        answers=True,
        also=_NEED,
    ),
    "messaging.phone_code": Words(
        "Code à usage unique",
        "{service} : votre code est {code}, valable 10 minutes. Ne le donnez à personne.",
        "{service} : votre code à usage unique",
        "Bonjour,\n\nVotre code est {code}. Il est valable 10 minutes. "
        "Ne le donnez à personne." + _BYE,
        seals_code=True,
        is_asked_for=True,
    ),
    "messaging.stopped": Words(
        "Accusé de réception d’un STOP",
        "{service} : c'est noté, vous ne recevrez plus que nos réponses à vos messages. "
        "Vous pourrez reprendre depuis votre espace.",
        is_asked_for=True,
    ),
    "messaging.not_understood": Words(
        "Réponse sans code connu",
        "{service} : nous n'avons pas reconnu votre réponse. "
        "Répondez OUI ou NON suivi du code reçu, ou appelez-nous.",
        answers=True,
    ),
    "intake.received": Words(
        "Demande reçue",
        "{service} : votre demande est reçue. Pour savoir où elle en est : {lien}",
        "{service} : votre demande est reçue",
        "Bonjour,\n\nVotre demande est reçue. Pour savoir où elle en est, sans mot de passe : "
        "{lien}" + _BYE,
    ),
    "intake.news": Words(
        "Du nouveau sur une demande",
        "{service} : du nouveau sur votre demande : {lien}",
        "{service} : du nouveau sur votre demande",
        "Bonjour,\n\nVotre demande a avancé. Pour savoir où elle en est : {lien}" + _BYE,
    ),
    "vigilance.alert": Words(
        "Alerte à lire, pour une équipe qui a demandé à être prévenue",
        "{service} : une alerte vous attend dans Cordée.",
    ),
    "vigilance.on_call": Words(
        "Alerte à lire, pour qui est d’astreinte et a donné son mobile",
        "{service} : vous tenez la permanence, une alerte vous attend.",
        is_asked_for=True,  # a STOP takes the number away: it was given again since
    ),
    "pathways.nobody_examines": Words(
        "Accès en urgence que personne n’a la charge d’examiner",
        "",
        "{service} : une alerte attend dans Cordée",
        "Bonjour,\n\nUn accès en urgence vient d’être ouvert, et personne n’a la charge de "
        "l’examiner ni de le dire. Nommez dans Cordée un délégué à la protection des données, ou "
        "une coordination du guichet du territoire : l’examen est dû sous sept jours." + _BYE,
    ),
    "pathways.carrier_refuses": Words(
        "Opérateur de SMS qui refuse tout : un réglage est à revoir",
        "",
        "{service} : les SMS de Cordée sont refusés",
        "Bonjour,\n\nL’opérateur de SMS refuse tous les messages de Cordée, quel que soit le "
        "numéro : un réglage est sans doute à revoir (noms des champs, expéditeur, contrat). Rien "
        "n’est perdu : les messages sont gardés et repartiront seuls. La page « État du service » "
        "dit ce que l’opérateur répond." + _BYE,
    ),
    "meetings.invitation": Words(
        "Réunion à mettre à son agenda",
        "",
        "{service} : une réunion pour votre agenda",
        "Bonjour,\n\n{service} vous invite à une réunion. Le fichier joint la met à votre agenda, "
        "ou l’en retire si elle est annulée. Il ne nomme personne : ouvrez Cordée pour savoir de "
        "quoi il s’agit." + _BYE,
    ),
    "meetings.not_expected": Words(
        "Réunion à retirer de son agenda : sa venue n’est plus attendue",
        "",
        "{service} : une réunion à retirer de votre agenda",
        "Bonjour,\n\nVotre venue n’est plus attendue à une réunion de {service}. Le fichier joint "
        "la retire de votre agenda. Il ne nomme personne." + _BYE,
    ),
    "web.invitation": Words(
        "Invitation à ouvrir un compte",
        "",
        "{service} : votre accès à Cordée",
        "Bonjour,\n\n{service} vous invite à ouvrir votre accès. Ce lien ne sert qu’une fois : "
        "{lien}" + _BYE,
    ),
    "web.space": Words(
        "Invitation à ouvrir son espace",
        "",
        "{service} : votre espace Cordée",
        "Bonjour,\n\n{service} vous propose d’ouvrir votre espace. Ce lien ne sert qu’une fois, "
        "pendant sept jours : {lien}\nSi vous n’attendiez rien, ne faites rien." + _BYE,
    ),
    "web.reset": Words(
        "Nouveau mot de passe ou second facteur",
        "",
        "{service} : votre accès à Cordée",
        "Bonjour,\n\nPour retrouver votre accès, ouvrez ce lien. Il ne sert qu’une fois : {lien}\n"
        "Si vous n’avez rien demandé, ne faites rien et prévenez {service}." + _BYE,
    ),
    "web.passkey_copied": Words(
        "Clé d’accès refusée, peut-être copiée",
        "",
        "{service} : une de vos clés d’accès a été refusée",
        "Bonjour,\n\nUne de vos clés d’accès à Cordée vient d’être refusée : elle a moins servi "
        "que la dernière fois, ce qui arrive quand une clé a été copiée. Entrez par votre mot de "
        "passe et un autre second facteur, retirez cette clé de la page « Clés d’accès » de votre "
        "compte, et prévenez votre administration." + _BYE,
    ),
}

REASONS: dict[str, str] = {
    "messaging.expired": "n’avait plus d’objet au moment de partir",
    "messaging.withdrawn": "n’avait plus d’objet avant de partir",
    "messaging.said_once": "le même message partait déjà",
    "messaging.refused": "les SMS et les courriels ne sont pas permis pour cette personne",
    "messaging.stopped": "le destinataire a demandé l’arrêt (STOP)",
    "messaging.doubtful": "son sort n’a pas pu être connu",
    "messaging.words_lost": "le secret de la maison a changé, ses mots sont perdus",
    "messaging.postman_lost": "envoi interrompu, repris",
    "messaging.undelivered": "le réseau n’a pas pu le remettre",
    "messaging.nobody_carries": "le processus des opérateurs est arrêté",
    "messaging.unreachable": "l’opérateur ne répond pas",
    "messaging.refuses_all": "l’opérateur refuse tous les messages, un réglage est à revoir",
    "smpp.unbound": "l’opérateur ne répond pas",
    "smpp.broken": "liaison coupée pendant l’envoi",
    "smpp.no_answer": "l’opérateur n’a pas répondu à temps",
    "ESME_RTHROTTLED": "l’opérateur demande de ralentir",
    "ESME_RMSGQFUL": "file de l’opérateur pleine",
    "ESME_RINVDSTADR": "numéro refusé par l’opérateur",
    "ESME_RINVSRCADR": "expéditeur refusé par l’opérateur",
    "ESME_RINVMSGLEN": "texte trop long pour l’opérateur",
    "http.unreachable": "l’opérateur ne répond pas",
    "ESME_RSYSERR": "l’opérateur est en panne",
    "ESME_RSUBMITFAIL": "l’opérateur ne prend pas le message",
    "http.301": "l’adresse de l’opérateur a changé",
    "http.302": "l’adresse de l’opérateur a changé",
    "http.400": "l’opérateur refuse le numéro, ou ce que nous lui envoyons",
    "http.401": "l’opérateur refuse notre identifiant",
    "http.402": "l’opérateur demande à être payé",
    "http.403": "l’opérateur refuse notre identifiant",
    "http.404": "l’adresse de l’opérateur n’existe pas",
    "http.500": "l’opérateur est en panne",
    "http.502": "l’opérateur est en panne",
    "http.503": "l’opérateur est en panne",
    "http.504": "l’opérateur est en panne",
    "http.429": "l’opérateur demande de ralentir",
    "smtp.unreachable": "le serveur de courriel ne répond pas",
    "smtp.login": "le serveur de courriel refuse notre identifiant",
    "smtp.sender": "le serveur de courriel refuse notre adresse d’expéditeur",
    "smtp.421": "le serveur de courriel est en panne",
    "smtp.451": "le serveur de courriel demande d’attendre",
    "smtp.452": "le serveur de courriel n’a plus de place",
    "smtp.530": "le serveur de courriel refuse notre identifiant",
    "smtp.550": "adresse inconnue du serveur destinataire",
    "UNDELIV": "le réseau n’a pas pu le remettre",
    "EXPIRED": "téléphone éteint ou hors réseau trop longtemps",
    "REJECTD": "refusé par le réseau",
    "DELETED": "supprimé par le réseau",
    "DataError": "mal formé, ou trop long pour être gardé",
    "ValueError": "mal formé, ou trop long pour être gardé",
    "DomainError": "refusé par une règle de la maison",
    "messaging.unsafe": "la réponse due porterait autre chose que ce qui est permis",
    "UnnamedError": "accusé qui ne dit pas de quel message",
    "UnreadableError": "ni texto, ni accusé",
}


def said_reason(code: str) -> str:
    """Say in French why a message waits or failed; an unknown code is shown as it is."""
    if not code:
        return ""
    first = code.split()[0]
    return REASONS.get(code) or REASONS.get(first) or f"motif technique «\u00a0{code}\u00a0»"


def in_force(code: str, channel: str, chosen: tuple[str, str] | None) -> Template:
    """Give the words in force: those chosen (subject, body), or ours.

    Chosen words that ask for what the gesture does not give could never leave, and would undo the
    gesture: ours leave in their place, and administration reads why.
    """
    shipped = SHIPPED[code]
    ours = ("", shipped.text) if channel == "sms" else (shipped.subject, shipped.mail)
    asked = fields_in("".join(chosen or ours))
    unsayable = tuple(sorted(asked.difference(shipped.fields, ALWAYS_SAID)))
    is_ours = chosen is not None and not unsayable
    subject, body = chosen if chosen and is_ours else ours
    return Template(code, channel, shipped.purpose, subject, body, is_ours, unsayable)
