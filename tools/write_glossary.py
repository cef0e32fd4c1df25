"""Write the second half of docs/glossaire.md from the models: one word, one thing.

What stands above the mark is written by hand; below it, every table and its columns.
`--check` writes nothing and fails when the words on disk are not those of the code.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossaire.md"
MARK = "<!-- Ce qui suit est écrit par `make map` d’après le code. -->"
OURS = [
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
    "access",
    "kernel",
    "web",
]


def tables() -> str:
    """One table per room: the French word, the English identifier, the columns."""
    from django.apps import apps

    parts = []
    for room in OURS:
        models = sorted(apps.get_app_config(room).get_models(), key=lambda m: m._meta.object_name)
        rows = [
            f"| {model._meta.verbose_name} | `{model._meta.object_name}` | {_columns(model)} |"
            for model in models
            if model._meta.managed and not model._meta.auto_created
        ]
        if rows:
            head = f"### {room}\n\n| à l’écran | dans le code | ce qu’on y lit |\n|---|---|---|\n"
            parts.append(head + "\n".join(rows))
    return "\n\n".join(parts)


def _columns(model) -> str:
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    hidden = {"id", "created_at", "updated_at", "version"}
    return ", ".join(str(field.verbose_name) for field in fields if field.name not in hidden)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

    import django

    django.setup()
    current = GLOSSARY.read_text(encoding="utf-8")
    written = f"{current.split(MARK)[0].rstrip()}\n\n{MARK}\n\n{tables()}\n"
    if wanted.check:
        if written == current:
            return 0
        print("docs/glossaire.md is stale. Run: make map")
        return 1
    GLOSSARY.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
