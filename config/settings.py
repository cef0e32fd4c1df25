"""How the house is plugged in. What differs between sites comes from `config.environment`."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.environment import Malformed, problems_in_production, read

ROOT = Path(__file__).resolve().parent.parent

try:
    CORDEE = read(os.environ)
except Malformed as error:
    raise ImproperlyConfigured(str(error)) from error
if not CORDEE.is_demonstration and (missing := problems_in_production(CORDEE)):
    raise ImproperlyConfigured("Le mode production est refusé. " + " ".join(missing))

SECRET_KEY = CORDEE.secret_key
DEBUG = False
ALLOWED_HOSTS = list(CORDEE.allowed_hosts)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
READINESS = "cordee.web.readiness.refuse_fiction"  # asked by every process before it serves
SCOPE_PARTS = "cordee.fhir.search.parts"  # what reads the part of a scope (`?category=…`)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "access.Account"

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

ROOMS = [
    "kernel",
    "access",
    "directory",
    "people",
    "assessments",
    "liaison",
    "messaging",
    "partners",
    "intake",
    "broker",
    "plans",
    "vigilance",
    "protocols",
    "meetings",
    "pathways",
    "fhir",
    "web",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",  # the sign-in library says dates with it
    "django_htmx",
    "django_vite",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    *[f"cordee.{room}" for room in ROOMS],
]
MIDDLEWARE = [
    "cordee.web.machines.Machines",  # first: what machines ask goes by its own list, below
    "cordee.web.middleware.EvenNotFound",
    "cordee.web.observed.Observed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "cordee.kernel.http.EveryFileIsKept",
    "cordee.web.middleware.Csrf",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "cordee.web.middleware.SetActor",
    "cordee.web.middleware.SameHand",
    "cordee.web.guesses.SlowGuesses",
    "cordee.web.middleware.HumanErrors",
    "cordee.web.room.EnoughRoom",
    "cordee.kernel.http.LooksDoNotWrite",
]
MACHINES_CROSS = [  # ADR 0048
    "cordee.web.middleware.EvenNotFound",
    "cordee.web.observed.Observed",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cordee.web.middleware.Moment",
    "cordee.web.room.EnoughRoom",
    "cordee.partners.journal.Calls",
    "cordee.kernel.http.LooksDoNotWrite",
]
CALLS_ARE_WRITTEN_WITHIN = 1.0  # seconds: the journal of partners, behind the answers
NOT_FOUND_STEP = 0.05  # seconds: several times what looking takes, so that most fall on the first
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja",
        "DIRS": [ROOT / "cordee" / room / "templates" for room in ROOMS],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "cordee.kernel.templating.environment",
            "context_processors": ["cordee.web.context.shell"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "cordee" / "web" / "library_templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cordee.web.context.shell",
            ]
        },
    },
]

# --- one store -------------------------------------------------------------------------------


def database(url: str) -> dict[str, object]:
    """Django's settings for a PostgreSQL address."""
    parts = urlsplit(url)
    return {
        "ENGINE": "cordee.kernel.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
            "prepare_threshold": 2,  # stencils and sets are bound by the server, hence prepared
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


DATABASES = {"default": database(CORDEE.database_url or "postgresql://nobody@127.0.0.1:1/none")}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kernel_cache",
    }
}
SESSION_ENGINE = "cordee.web.sessions"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# --- the front-end ----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [ROOT / "frontend" / "dist"] if path.exists()]
DJANGO_VITE = {"default": {"manifest_path": ROOT / "frontend" / "dist" / "manifest.json"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 31_536_000

# --- sign-in and protection --------------------------------------------------------------------

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {"user_attributes": ["email", "name"]}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    ]
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "cordee.web.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account comes from a link sent to its address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/compte/login/"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if CORDEE.behind_tls else "http"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "30/m/ip"}
MFA_ADAPTER = "cordee.web.sign_in.FactorAdapter"
MFA_FORMS = {
    "authenticate": "cordee.web.sign_in.TracedAuthenticateForm",
    "reauthenticate": "cordee.web.sign_in.AgainForm",
    "add_webauthn": "cordee.web.passkeys.PasskeyForm",
    "edit_webauthn": "cordee.web.passkeys.PasskeyNameForm",
    "authenticate_webauthn": "cordee.web.passkeys.PasskeyUsedForm",
    "login_webauthn": "cordee.web.passkeys.PasskeyAloneForm",
    "reauthenticate_webauthn": "cordee.web.passkeys.PasskeyAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # RFC 6238 §5.2: one step, for a clock that is off and the time of typing
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = CORDEE.is_demonstration  # http://localhost
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ADAPTER = "cordee.web.sign_on.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "SCOPE": CORDEE.oidc_scopes.split(),
            "AUTH_PARAMS": {"acr_values": CORDEE.oidc_acr} if CORDEE.oidc_acr else {},
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": CORDEE.oidc_name or "OpenID Connect",
                    "client_id": CORDEE.oidc_client_id,
                    "secret": CORDEE.oidc_client_secret,
                    "settings": {"server_url": CORDEE.oidc_issuer},
                }
            ],
        }
    }
    if CORDEE.oidc_issuer
    else {}
)

SESSION_COOKIE_NAME = "cordee_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CORDEE.behind_tls
CSRF_COOKIE_NAME = "cordee_csrf"
CSRF_FAILURE_VIEW = "cordee.web.views.errors.unproven"
CSRF_TRUSTED_ORIGINS = [CORDEE.public_url] if CORDEE.public_url else []
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if CORDEE.behind_tls:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

from config.logging import configured  # noqa: E402

LOGGING = configured(CORDEE.logs)

SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the address is unique whatever its case, by constraint
