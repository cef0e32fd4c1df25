"""Pages, over WSGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from cordee.kernel.apps import refuse_unless_ready  # noqa: E402

refuse_unless_ready()
