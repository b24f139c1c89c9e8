"""Every setting, read from the environment with safe defaults."""

import os
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEVELOPMENT_KEY = "development-only-key-never-in-production"

DEMO = env.bool("ESSAIM_DEMO", default=False)
PRODUCTION = env.bool("ESSAIM_PRODUCTION", default=False)
DEBUG = env.bool("ESSAIM_DEBUG", default=not PRODUCTION and not DEMO)
SECRET_KEY = env.str("ESSAIM_SECRET_KEY", default=DEVELOPMENT_KEY)
ALLOWED_HOSTS = env.list(
    "ESSAIM_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
)
if PRODUCTION and (
    SECRET_KEY == DEVELOPMENT_KEY
    or len(SECRET_KEY) < 50
    or DEBUG
    or DEMO
    or not ALLOWED_HOSTS
    or "*" in ALLOWED_HOSTS
):
    raise ImproperlyConfigured(
        "Production needs ESSAIM_SECRET_KEY (50 characters or more) and ESSAIM_HOSTS (by name), "
        "and neither ESSAIM_DEBUG nor ESSAIM_DEMO."
    )

# Where people reach it: mail that no request asked for carries its links from here.
PUBLIC_URL = env.str(
    "ESSAIM_URL",
    default=f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else "http://127.0.0.1:8000",
).rstrip("/")

VAR_DIR = Path(env.str("ESSAIM_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
ANCHORS_LOG = Path(env.str("ESSAIM_ANCHORS", default=str(VAR_DIR / "anchors.log")))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "template_partials",
    "crm",
    "missions",
    "grants",
    "invoicing",
    "essaim",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "essaim.compression.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "essaim.middleware.Tongue",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "essaim.middleware.SecondFactorAsked",
    "essaim.middleware.FeaturesReadOnce",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "essaim.urls"
WSGI_APPLICATION = "essaim.wsgi.application"
AUTH_USER_MODEL = "essaim.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Replaces {% csrf_token %}: every form carries its key.
            "builtins": ["essaim.templatetags.essaim_forms"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "essaim.context_processors.shell",
                "essaim.features.known_to_templates",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    """PostgreSQL from DATABASE_URL, or the embedded SQLite file with the options it needs."""
    found: dict[str, Any] = env.db_url(
        "DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'essaim.sqlite3'}"
    )
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found["NAME"] = str(BASE_DIR / found["NAME"])
        found["OPTIONS"] = {
            # IMMEDIATE: the default DEFERRED loses writers to lock errors.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
            ),
        }
        (VAR_DIR / "test").mkdir(parents=True, exist_ok=True)
        found["TEST"] = {"NAME": str(VAR_DIR / "test" / f"db-{os.getpid()}.sqlite3")}
    else:
        found["TEST"] = {"NAME": f"test_essaim_{os.getpid()}"}
    found["ATOMIC_REQUESTS"] = False
    return found


DATABASES = {"default": _database()}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "essaim_cache",
    }
}

LANGUAGE_CODE = "fr"
# Each language by its own name: whoever looks for it may read no other.
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "essaim" / "locale"]
# Figures and dates are typed and written alike in both.
FORMAT_MODULE_PATH = ["essaim.locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = Path(env.str("ESSAIM_MEDIA", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Above any text of ours: what is too long is answered by its form, not by a cut line.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "essaim.accounts.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# The one lock-out: allauth counts on the database cache, shared by every worker.
ACCOUNT_RATE_LIMITS: dict[str, str] = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
}
# A second factor: an application's code, a security key or a passkey, with recovery codes.
# "required" asks it of accountants and administrators, who reach nothing else until they have one.
SECOND_FACTOR = env.str("ESSAIM_SECOND_FACTOR", default="optional")
if SECOND_FACTOR not in ("optional", "required"):
    raise ImproperlyConfigured("ESSAIM_SECOND_FACTOR is optional or required.")
MFA_ADAPTER = "essaim.accounts.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "essaim.forms_account.AddKeyForm",
    "edit_webauthn": "essaim.forms_account.EditKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Essaim"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# People come by invitation to an address an administrator wrote: it is the one mail goes to.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("ESSAIM_PROXIES", default=0)

SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_FAILURE_VIEW = "essaim.views.resumed.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("ESSAIM_ORIGINS", default=[])
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("ESSAIM_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("ESSAIM_BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Work put off is a row beside what it is about, taken by `manage.py db_worker`; it is only ever a
# nudge: what it would do, the page that waits for it does too.
PDF_WORKERS = env.int("ESSAIM_PDF_WORKERS", default=2)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

EMAIL_BACKEND = env.str(
    "ESSAIM_EMAIL_BACKEND",
    default="django.core.mail.backends.smtp.EmailBackend"
    if PRODUCTION
    else "django.core.mail.backends.console.EmailBackend",
)
globals().update(
    env.email_url("ESSAIM_EMAIL_URL", default="smtp://localhost:25") if PRODUCTION else {}
)
# Shorter than the outbox holds a message, so that no second run takes one that is leaving.
EMAIL_TIMEOUT = 60
DEFAULT_FROM_EMAIL = env.str("ESSAIM_FROM", default="essaim@localhost")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        # Django alone would mail a failed page to nobody: it is written where the others are.
        "django": {"handlers": ["console"], "level": "ERROR"},
        "essaim": {"handlers": ["console"], "level": "INFO", "propagate": True},
        "essaim.refusals": {"level": "INFO"},
    },
}
