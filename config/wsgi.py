"""Pages, over WSGI; what machines read most goes straight."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_wsgi_application()

from config.straight import Straight  # noqa: E402
from cordee.kernel.apps import refuse_unless_ready  # noqa: E402

application = Straight(pages)

refuse_unless_ready()
