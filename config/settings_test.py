"""The suite is stricter than production. Its PostgreSQL is a real one, started here."""

import hashlib
import os
import tempfile
from pathlib import Path

# One cluster per user, per checkout, per version of PostgreSQL and per worker of the suite (a long
# transaction of one would hold back the seals of another); never the data folder of a real house.
programs = os.environ.get("CORDEE_POSTGRES_BIN", "")
version = Path(programs).parent.name or "bundled"
checkout = hashlib.sha256(str(Path(__file__).resolve()).encode()).hexdigest()[:6]
worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ["CORDEE_DATA"] = str(
    Path(tempfile.gettempdir()) / f"cordee-test-{os.getuid()}-{checkout}-{version}-{worker}"
)

from config.settings import *  # noqa: E402, F403
from config.settings import CORDEE, database  # noqa: E402
from host.postgres import Server  # noqa: E402

SERVER = Server(CORDEE.data, durable=False, programs=CORDEE.postgres_bin)
SERVER.start()
TEST_DATABASE = f"cordee_test_{os.getpid()}"
# No pool: a test has one connection. What is asked often is prepared, as in the house.
AS_THE_HOUSE = {"prepare_threshold": 2}
DATABASES = {"default": {**database(SERVER.app_url(TEST_DATABASE)), "OPTIONS": AS_THE_HOUSE}}
OWNER_DATABASE = {**database(SERVER.owner_url(TEST_DATABASE)), "OPTIONS": {}}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Files are looked for when they are asked for: a test client would go through all of them first.
WHITENOISE_AUTOREFRESH = True
DJANGO_VITE = {"default": {"dev_mode": True}}  # type: ignore[dict-item]
STRICT_TEMPLATES = True
NOT_FOUND_STEP = 0  # the matrix of permissions asks for thousands of things that are not there
CALLS_ARE_WRITTEN_WITHIN = 0  # at once: a test looks right after
STATIC_ROOT = CORDEE.data / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
