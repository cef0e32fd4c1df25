#!/usr/bin/env python
"""Run a management command of Cordée."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from cordee.access.sight import house_from_the_start

    house_from_the_start()
    execute_from_command_line(sys.argv)
