"""Write docs/instruments.md from the shipped definitions and their scales.

`--check` writes nothing and fails when the page on disk is not the one of the code. The settings
shown are those in force on the day the definitions are dated.
"""

import argparse
import json
import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "instruments.md"
DEFINITIONS = ROOT / "cordee" / "assessments" / "definitions"
OPENING = """# Les instruments livrés

Chaque instrument livré avec Cordée\u00a0: à quoi il sert, d’où il vient, de quel droit il est
livré, ce que dit son score, et ce qu’il faut savoir avant de s’en servir.

- Un score ne se rend que si toutes ses questions ont leur réponse\u00a0; il dit d’où vient chaque
  point.
- Il éclaire un jugement, il ne le remplace pas.
- Quand le texte d’un instrument n’est pas libre, Cordée ne livre que le calcul\u00a0: chargez le
  texte si vous en avez le droit.

Page écrite par `make map` d’après le code\u00a0; un test échoue quand elle n’est plus à jour.
"""


def page() -> str:
    """The whole page: a table of contents, then a section for each instrument."""
    from cordee.assessments.rules.scoring import NAMES

    given = {name: _definition(name) for name in NAMES}
    contents = "\n".join(f"- [{one['title']}](#{_anchor(one['title'])})" for one in given.values())
    sections = "\n".join(_section(name, one) for name, one in given.items())
    return f"{OPENING}\n{contents}\n\n{sections}"


def _definition(name: str) -> dict:
    return json.loads((DEFINITIONS / f"{name}.json").read_text(encoding="utf-8"))


def _section(name: str, given: dict) -> str:
    from cordee.assessments.rules.shown import SCALES

    on = date.fromisoformat(given["date"])
    lines = [
        f"## {given['title']}",
        "",
        given["description"],
        "",
        f"- **Source**\u00a0: {given['purpose']}",
        f"- **Droits**\u00a0: {given['copyright']}",
        f"- **Définition**\u00a0: `{given['url']}`, version {given['version']}",
        "",
        *(line for scale in SCALES[name](on) for line in _measure(scale)),
        *_extra(name),
    ]
    return "\n".join(lines)


def _measure(scale) -> list[str]:
    from cordee.assessments.rules.shown import said_bands

    out_of = "" if scale.out_of is None else f", sur {scale.out_of}"
    unit = f", en {scale.unit}" if scale.unit else ""
    lines = [f"**{scale.label}**{out_of}{unit}. {scale.source}.", ""]
    bands = said_bands(scale)
    if bands:
        rows = [f"| {values} | {label} |" for values, label in bands]
        lines += ["| score | ce qu’il dit |", "|---|---|", *rows, ""]
    if scale.caution:
        lines += [f"À savoir\u00a0: {scale.caution}", ""]
    return lines


def _extra(name: str) -> list[str]:
    """What only AGGIR has: readings of the guide that are not settled, and a table not mended."""
    from cordee.assessments.rules.aggir import CISIS_OF_GIR
    from cordee.assessments.rules.aggir_variables import DEFAULTS, READINGS

    if name != "aggir":
        return []
    followed = {reading.name for reading in DEFAULTS}
    return [
        "Le guide de remplissage n’a pas été lu, et les sources publiques ne réunissent pas de "
        "même façon les sous-variables de l’alimentation et de l’élimination. Le résultat dit "
        "quand une autre lecture donnerait un autre GIR\u00a0:",
        "",
        *(
            f"- `{one.name}`{' (suivie)' if one.name in followed else ''}\u00a0: "
            f"{one.reading.said}. {one.reading.source}."
            for one in READINGS
        ),
        "",
        "Le tableau de l’annexe 2-2 n’est pas régulier\u00a0: faire ses transferts en partie, tout "
        "le reste étant fait seul, donne un GIR\u00a05\u00a0; ne pas les faire du tout donne un "
        "GIR\u00a06. Cordée applique le texte tel quel, et le résultat le dit quand c’est le cas.",
        "",
        "Codes de l’ANS\u00a0: "
        + ", ".join(f"GIR\u00a0{gir} `{code}`" for gir, code in CISIS_OF_GIR.items())
        + " (TerminologieCISIS)\u00a0; les dix variables portent leur code de la CIF.",
        "",
    ]


def _anchor(title: str) -> str:
    """The anchor of a heading, as forges make them."""
    kept = re.sub(r"[^\w\- ]", "", title.lower().replace("\u00a0", " "))
    return kept.replace(" ", "-")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    written = page()
    if wanted.check:
        if PAGE.exists() and written == PAGE.read_text(encoding="utf-8"):
            return 0
        print("docs/instruments.md is stale. Run: make map")
        return 1
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
