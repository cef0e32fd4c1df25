"""Which protected category holds a sensitivity of HL7, as partners mark what they send. Pure.

Source: HL7, code system `v3-ActCode` (2018-08-12, that of FHIR R4), below
`_InformationSensitivityPolicy`: each domain says by itself what these codes let read.
"""

from cordee.people.rules.readings import Reading
from cordee.people.rules.sharing import Category

HELD: dict[str, Category] = {
    # SPI is HL7’s own parent of what follows: psychiatry, mental health, behaviour, substances.
    **dict.fromkeys(
        ("SPI", "BH", "COGN", "DVD", "EMOTDIS", "MH", "PSY", "PSYTHPN", "ETH", "SUD")
        + ("ETHUD", "OPIOIDUD"),
        Category.MENTAL_HEALTH,
    ),
    # Abuse and domestic violence; how and with whom one lives.
    **dict.fromkeys(("SDV", "LIVARG", "MARST"), Category.SOCIAL),
}
"""What is not here is held by no category: it restricts, and does not say to whom it is told."""

HELD_BY = Reading(
    said="Ce qu’un partenaire marque comme psychiatrie, santé mentale, handicap psychique ou "
    "addiction se lit comme la santé mentale\u00a0; ce qu’il marque comme violences subies, mode "
    "de vie ou situation de famille, comme la situation sociale. Un document marqué autrement "
    "(VIH, sexualité, génétique…) est refusé, tant que son envoyeur ne dit pas de quelle catégorie "
    "protégée il relève",
    source="HL7, v3-ActCode, «\u00a0_InformationSensitivityPolicy\u00a0» (2018-08-12), qui laisse "
    "à chaque pays de dire qui lit\u00a0; aucun texte français lu ne le dit de ces codes",
    verified=False,
)
