"""Every variable the house listens to: its name, its default, how it is read, what it means.

One declaration serves three readers: the settings, the start of the house (an unknown or malformed
variable stops it) and the table of `docs/exploitation.md`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from config import readers
from config.variables import Variable, variable
from host.secrets import Secrets, Unkept

TIME_ZONE = "Europe/Paris"
DEMONSTRATION, PRODUCTION = "demonstration", "production"


class Malformed(ValueError):  # noqa: N818 (a sentence for people, not a bug)
    """A variable is unknown or cannot be read; the message is a French sentence that names it."""


@dataclass(frozen=True)
class Environment:
    """What the surroundings decide, read once at the start."""

    mode: str = variable(
        "CORDEE_MODE",
        DEMONSTRATION,
        readers.one_of(DEMONSTRATION, PRODUCTION),
        "« demonstration » : données fictives, machine locale seulement. « production » : "
        "personnes réelles ; le démarrage est refusé tant qu’une condition manque.",
    )
    data: Path = variable(
        "CORDEE_DATA",
        "var",
        readers.folder,
        "Dossier des données : PostgreSQL embarqué, secrets produits, journaux, documents déposés.",
    )
    host: str = variable(
        "CORDEE_HOST",
        "127.0.0.1",
        readers.text,
        "Adresse d’écoute. En démonstration, seule la machine elle-même (127.0.0.1) est admise.",
    )
    port: int = variable("CORDEE_PORT", "8000", readers.number(1, 65535), "Port d’écoute.")
    processes: int = variable(
        "CORDEE_WEB_PROCESSES",
        "2",
        readers.number(1, 64),
        "Nombre de processus qui servent les pages.",
    )
    threads: int = variable(
        "CORDEE_WEB_THREADS",
        "4",
        readers.number(1, 64),
        "Nombre de fils d’exécution par processus web.",
    )
    public_url: str = variable(
        "CORDEE_PUBLIC_URL",
        "",
        readers.origin("http", "https"),
        "Adresse publique, écrite dans les liens des messages. Par défaut : l’adresse d’écoute.",
    )
    allowed_hosts: tuple[str, ...] = variable(
        "CORDEE_ALLOWED_HOSTS",
        "",
        readers.words,
        "Noms d’hôte acceptés, séparés par des virgules. Par défaut : celui de l’adresse publique.",
    )
    behind_tls: bool = variable(
        "CORDEE_BEHIND_TLS",
        "non",
        readers.yes_or_no,
        "« oui » si un serveur mandataire chiffre (TLS) devant Cordée et transmet "
        "X-Forwarded-Proto.",
    )
    trusted_proxies: tuple[str, ...] = variable(
        "CORDEE_TRUSTED_PROXIES",
        "127.0.0.1",
        readers.words,
        "Adresses des mandataires dont l’en-tête X-Forwarded-For est cru (avec CORDEE_BEHIND_TLS).",
    )
    database_url: str = variable(
        "DATABASE_URL",
        "",
        readers.address("postgres", "postgresql"),
        "Serveur PostgreSQL existant (15 à 18), avec le rôle de l’application : ni propriétaire, "
        "ni superutilisateur. Vide : PostgreSQL embarqué.",
        secret=True,
    )
    owner_url: str = variable(
        "CORDEE_OWNER_URL",
        "",
        readers.address("postgres", "postgresql"),
        "Même base, avec le rôle propriétaire. Sert aux migrations seulement ; jamais transmis "
        "aux processus web et de fond.",
        secret=True,
    )
    retention_url: str = variable(
        "CORDEE_RETENTION_URL",
        "",
        readers.address("postgres", "postgresql"),
        "Même base, avec le rôle de conservation, seul à pouvoir effacer ce dont la durée est "
        "échue. Jamais transmis au processus web.",
        secret=True,
    )
    postgres_bin: str = variable(
        "CORDEE_POSTGRES_BIN",
        "",
        readers.text,
        "Dossier des programmes PostgreSQL à lancer à la place de ceux qui sont fournis "
        "(par exemple /usr/lib/postgresql/15/bin).",
    )
    secret_key: str = variable(
        "CORDEE_SECRET_KEY",
        "",
        readers.at_least(50),
        "Secret des sessions et des jetons, 50 caractères ou plus. En démonstration, produit et "
        "gardé dans le dossier des données.",
        secret=True,
    )
    seal_key: str = variable(
        "CORDEE_SEAL_KEY",
        "",
        readers.hexadecimal(32),
        "Clé qui scelle les fils et la trace : 64 chiffres hexadécimaux. En démonstration, "
        "produite et gardée dans le dossier des données.",
        secret=True,
    )
    backup_key: str = variable(
        "CORDEE_BACKUP_KEY",
        "",
        readers.hexadecimal(32),
        "Clé qui chiffre les sauvegardes : 64 chiffres hexadécimaux, à garder loin d’elles. En "
        "démonstration, produite et gardée dans le dossier des données.",
        secret=True,
    )
    backups: str = variable(
        "CORDEE_BACKUPS",
        "",
        readers.text,
        "Dossier des sauvegardes, à mettre sur une autre machine ou un autre disque que "
        "CORDEE_DATA. Donné, il reçoit aussi le journal, au fil de l’eau. Par défaut : « backups » "
        "dans CORDEE_DATA, sans journal.",
    )
    logs: str = variable(
        "CORDEE_LOGS",
        "text",
        readers.one_of("text", "json"),
        "Forme des journaux : « text » (à lire) ou « json » (un objet par ligne, à collecter).",
    )
    metrics_token: str = variable(
        "CORDEE_METRICS_TOKEN",
        "",
        readers.at_least(32),
        "Jeton exigé pour lire /metrics (Authorization: Bearer …), 32 caractères ou plus. Vide : "
        "seule la machine elle-même les lit.",
        secret=True,
    )
    otel_endpoint: str = variable(
        "CORDEE_OTEL_ENDPOINT",
        "",
        readers.address("http", "https"),
        "Collecteur OpenTelemetry (OTLP par HTTP) qui reçoit les traces techniques, par exemple "
        "http://127.0.0.1:4318. Vide : rien n’est envoyé, ni même chargé.",
    )
    controller: str = variable(
        "CORDEE_CONTROLLER", "", readers.text, "Responsable de traitement (nom et adresse)."
    )
    dpo_contact: str = variable(
        "CORDEE_DPO_CONTACT",
        "",
        readers.text,
        "Contact du délégué à la protection des données. L’adresse qui y figure reçoit un "
        "courriel quand personne n’a la charge d’examiner un accès en urgence.",
    )
    hosting: str = variable(
        "CORDEE_HOSTING",
        "",
        readers.text,
        "Régime d’hébergement : nom de l’hébergeur certifié HDS, ou motif pour lequel la loi "
        "n’en exige pas.",
    )
    sms_gateway: str = variable(
        "CORDEE_SMS_GATEWAY",
        "test",
        readers.one_of("test", "smpp", "http"),
        "Passerelle des messages texte : « test » (téléphone d’essai), « smpp » ou « http ».",
    )
    smpp_host: str = variable("CORDEE_SMPP_HOST", "", readers.text, "Opérateur SMPP 3.4 : machine.")
    smpp_port: int = variable(
        "CORDEE_SMPP_PORT", "2775", readers.number(1, 65535), "Opérateur SMPP 3.4 : port."
    )
    smpp_system_id: str = variable(
        "CORDEE_SMPP_SYSTEM_ID", "", readers.text, "Opérateur SMPP 3.4 : identifiant (system_id)."
    )
    smpp_password: str = variable(
        "CORDEE_SMPP_PASSWORD", "", readers.text, "Opérateur SMPP 3.4 : mot de passe.", secret=True
    )
    smpp_source: str = variable(
        "CORDEE_SMPP_SOURCE", "", readers.sender, "Numéro ou nom d’expéditeur des messages texte."
    )
    smpp_tls: bool = variable(
        "CORDEE_SMPP_TLS",
        "non",
        readers.yes_or_no,
        "Opérateur SMPP 3.4 : « oui » pour chiffrer la liaison (TLS) ; son certificat est vérifié.",
    )
    smpp_ca: str = variable(
        "CORDEE_SMPP_CA",
        "",
        readers.existing_file,
        "Opérateur SMPP 3.4 : fichier de l’autorité qui signe son certificat. "
        "Vide : celles du système.",
    )
    sms_http_url: str = variable(
        "CORDEE_SMS_HTTP_URL",
        "",
        readers.address("http", "https"),
        "Passerelle HTTP des messages texte : adresse.",
    )
    sms_http_token: str = variable(
        "CORDEE_SMS_HTTP_TOKEN",
        "",
        readers.text,
        "Passerelle HTTP des messages texte : jeton d’accès.",
        secret=True,
    )
    sms_http_names: tuple[str, ...] = variable(
        "CORDEE_SMS_HTTP_NAMES",
        "",
        readers.names,
        "Passerelle HTTP : noms de champs propres à l’opérateur, « to=numero,text=message » "
        "(to, text, sender, id à l’envoi ; from, text, id, status, reason en retour).",
    )
    sms_per_second: int = variable(
        "CORDEE_SMS_PER_SECOND",
        "20",
        readers.number(1, 1000),
        "Messages texte par seconde que l’opérateur accepte.",
    )
    message_words_days: int = variable(
        "CORDEE_MESSAGE_WORDS_DAYS",
        "90",
        readers.number(7, 3650),
        "Jours pendant lesquels les mots des messages envoyés et reçus sont gardés "
        "(voir `cordee purge_messages`).",
    )
    message_rows_days: int = variable(
        "CORDEE_MESSAGE_ROWS_DAYS",
        "365",
        readers.number(30, 7300),
        "Jours pendant lesquels est gardé qu’un message est parti, vers quel numéro, et son sort.",
    )
    message_rule: str = variable(
        "CORDEE_MESSAGE_RULE",
        "",
        readers.text,
        "Décision datée du responsable de traitement qui fixe ces deux durées, en toutes lettres. "
        "Vide : la règle proposée par Cordée, avec ses sources.",
    )
    retention: str = variable(
        "CORDEE_RETENTION",
        "",
        readers.text,
        "Fichier des durées de conservation décidées par le responsable de traitement, par "
        "catégorie (TOML ; voir `cordee retention`). Vide : aucune, tout est gardé.",
    )
    smtp_url: str = variable(
        "CORDEE_SMTP_URL",
        "",
        readers.address("smtp", "smtps"),
        "Serveur d’envoi du courriel : smtp://identifiant:secret@machine:port.",
        secret=True,
    )
    mail_from: str = variable(
        "CORDEE_MAIL_FROM", "", readers.mailbox, "Adresse d’expéditeur des courriels."
    )
    oidc_issuer: str = variable(
        "CORDEE_OIDC_ISSUER",
        "",
        readers.address("http", "https"),
        "Connexion OpenID Connect : adresse de l’émetteur.",
    )
    oidc_client_id: str = variable(
        "CORDEE_OIDC_CLIENT_ID",
        "",
        readers.text,
        "Connexion OpenID Connect : identifiant du client.",
    )
    oidc_client_secret: str = variable(
        "CORDEE_OIDC_CLIENT_SECRET",
        "",
        readers.text,
        "Connexion OpenID Connect : secret du client.",
        secret=True,
    )
    oidc_name: str = variable(
        "CORDEE_OIDC_NAME", "", readers.text, "Connexion OpenID Connect : nom montré sur le bouton."
    )
    oidc_scopes: str = variable(
        "CORDEE_OIDC_SCOPES",
        "openid profile email",
        readers.text,
        "Connexion OpenID Connect : portées demandées (Pro Santé Connect : openid scope_all).",
    )
    oidc_acr: str = variable(
        "CORDEE_OIDC_ACR",
        "",
        readers.text,
        "Connexion OpenID Connect : niveau demandé (Pro Santé Connect : eidas1).",
    )
    oidc_rpps_claim: str = variable(
        "CORDEE_OIDC_RPPS_CLAIM",
        "",
        readers.text,
        "Connexion OpenID Connect : donnée qui porte le numéro RPPS (Pro Santé Connect : "
        "SubjectNameID). À ne remplir que pour une connexion nationale : elle ouvre le compte de "
        "ce professionnel et confirme son mobile.",
    )
    min_area_residents: int = variable(
        "CORDEE_MIN_AREA_RESIDENTS",
        "5000",
        readers.number(1000, 10_000_000),
        "Nombre d’habitants au-dessous duquel un territoire n’est pas nommé dans un message texte.",
    )
    fhir_largest: int = variable(
        "CORDEE_FHIR_LARGEST",
        "2000000",
        readers.number(10_000, 100_000_000),
        "Porte FHIR : taille maximale d’une demande, en octets.",
    )
    fhir_profiles: tuple[str, ...] = variable(
        "CORDEE_FHIR_PROFILES",
        "",
        readers.words,
        "Porte FHIR : profils exigés de ce qui arrive, séparés par des virgules ; les autres ne "
        "sont vérifiés que si la ressource s’en réclame.",
    )
    fhir_origins: tuple[str, ...] = variable(
        "CORDEE_FHIR_ORIGINS",
        "",
        readers.words,
        "Porte FHIR : origines (https://…) dont les pages lisent les réponses, séparées par des "
        "virgules.",
    )

    @property
    def is_demonstration(self) -> bool:
        """Tell whether everything shown here is fictitious."""
        return self.mode == DEMONSTRATION

    @property
    def vault(self) -> Path:
        """The folder of the backups."""
        return readers.folder(self.backups) if self.backups else self.data / "backups"


VARIABLES: tuple[Variable, ...] = tuple(
    Variable(attribute=one.name, **one.metadata)
    for one in fields(Environment)
    if one.default is not MISSING
)


def parse(environ: Mapping[str, str]) -> Environment:
    """Read the variables, touching nothing. Raises Malformed, naming the variable."""
    known = {one.name: one for one in VARIABLES}
    unknown = sorted(name for name in environ if name.startswith("CORDEE_") and name not in known)
    if unknown:
        raise Malformed(
            f"La variable {unknown[0]} est inconnue. Vérifiez son orthographe : "
            "la liste est dans docs/exploitation.md."
        )
    values = {}
    for one in VARIABLES:
        if environ.get(one.name, "").strip():
            try:
                values[one.attribute] = one.parse(environ[one.name])
            except ValueError as error:
                raise Malformed(f"La variable {one.name} est mal écrite : {error}.") from error
    return _completed(Environment(**values))


def read(environ: Mapping[str, str]) -> Environment:
    """Read the variables; in demonstration, make and keep the secrets that nobody gave."""
    environment = parse(environ)
    if not environment.is_demonstration:
        return environment
    _refuse_the_outside(environment)
    secrets = Secrets(environment.data)
    try:
        return replace(
            environment,
            secret_key=environment.secret_key or secrets.get("secret_key"),
            seal_key=environment.seal_key or secrets.get("seal_key"),
            backup_key=environment.backup_key or secrets.get("backup_key"),
        )
    except Unkept as error:
        raise Malformed(str(error)) from error


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def problems_in_production(environment: Environment) -> list[str]:
    """Name, in French, each condition that is missing before real persons may be written down."""
    public = urlsplit(environment.public_url)
    gateway = environment.sms_gateway
    conditions = (
        (environment.secret_key, "CORDEE_SECRET_KEY manque : le secret des sessions."),
        (environment.seal_key, "CORDEE_SEAL_KEY manque : la clé qui scelle les fils et la trace."),
        (
            environment.database_url or environment.backup_key,
            "CORDEE_BACKUP_KEY manque : la clé qui chiffre les sauvegardes.",
        ),
        (environment.behind_tls, "CORDEE_BEHIND_TLS n’est pas « oui » : rien ne chiffre devant."),
        (
            public.scheme == "https" and not is_loopback(public.hostname or ""),
            "CORDEE_PUBLIC_URL doit être une adresse https:// joignable de l’extérieur.",
        ),
        (environment.controller, "CORDEE_CONTROLLER manque : le responsable de traitement."),
        (environment.dpo_contact, "CORDEE_DPO_CONTACT manque : le contact du DPO."),
        (environment.hosting, "CORDEE_HOSTING manque : le régime d’hébergement."),
        (gateway != "test", "CORDEE_SMS_GATEWAY est « test » : le téléphone d’essai est interdit."),
        (
            gateway != "smpp" or (environment.smpp_host and environment.smpp_system_id),
            "CORDEE_SMPP_HOST ou CORDEE_SMPP_SYSTEM_ID manque pour la passerelle « smpp ».",
        ),
        (
            gateway != "smpp" or environment.smpp_password,
            "CORDEE_SMPP_PASSWORD manque pour la passerelle « smpp ».",
        ),
        (
            gateway != "http" or environment.sms_http_url.startswith("https://"),
            "CORDEE_SMS_HTTP_URL doit être une adresse https:// pour la passerelle « http ».",
        ),
        (
            gateway != "http" or environment.sms_http_token,
            "CORDEE_SMS_HTTP_TOKEN manque pour la passerelle « http ».",
        ),
        (environment.smtp_url, "CORDEE_SMTP_URL manque : le serveur d’envoi du courriel."),
        (environment.mail_from, "CORDEE_MAIL_FROM manque : l’expéditeur des courriels."),
        (
            not environment.oidc_issuer or environment.oidc_issuer.startswith("https://"),
            "CORDEE_OIDC_ISSUER doit être une adresse https://.",
        ),
        (
            not environment.oidc_issuer or environment.oidc_client_id,
            "CORDEE_OIDC_CLIENT_ID manque pour la connexion OpenID Connect.",
        ),
        (
            not environment.oidc_issuer or environment.oidc_client_secret,
            "CORDEE_OIDC_CLIENT_SECRET manque pour la connexion OpenID Connect.",
        ),
    )
    return [sentence for holds, sentence in conditions if not holds]


def _completed(environment: Environment) -> Environment:
    """Give the public address and the host names their natural defaults."""
    bracketed = f"[{environment.host}]" if ":" in environment.host else environment.host
    public_url = environment.public_url or f"http://{bracketed}:{environment.port}"
    name = urlsplit(public_url).hostname or "localhost"
    local = ("127.0.0.1", "localhost", "[::1]") if environment.is_demonstration else ()
    hosts = environment.allowed_hosts or tuple(dict.fromkeys((name, *local)))
    return replace(environment, public_url=public_url, allowed_hosts=hosts)


def _refuse_the_outside(environment: Environment) -> None:
    """Keep a demonstration on this machine: no listening, no carrier, no mail beyond it."""
    if environment.sms_gateway == "smpp" and not environment.smpp_host:
        raise Malformed(
            "CORDEE_SMPP_HOST manque pour la passerelle « smpp ». Donnez une machine locale, ou "
            "laissez CORDEE_SMS_GATEWAY à « test »."
        )
    reached = (
        ("CORDEE_HOST", environment.host),
        ("CORDEE_SMPP_HOST", environment.smpp_host),
        ("CORDEE_SMS_HTTP_URL", urlsplit(environment.sms_http_url).hostname or ""),
        ("CORDEE_OTEL_ENDPOINT", urlsplit(environment.otel_endpoint).hostname or ""),
        ("CORDEE_SMTP_URL", urlsplit(environment.smtp_url).hostname or ""),
    )
    for name, host in reached:
        if host and not is_loopback(host):
            raise Malformed(
                f"La variable {name} sort de cette machine ({host}), ce que le mode démonstration "
                "interdit. Laissez-la vide, ou passez en CORDEE_MODE=production."
            )
