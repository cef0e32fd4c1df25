"""A protocol that cannot work is refused before it is published, with its troubles in sentences."""

import pytest

from cordee.protocols.rules.protocol import Refused
from cordee.protocols.rules.reading import read
from cordee.protocols.vocabulary import known_kinds, never_alone
from tests.protocols.shelf import ANSWER, HEAD, NO_STEP, STEP, protocol, rule

WHERE = "people.person_moved"


def troubles(*parts: str) -> str:
    with pytest.raises(Refused) as refused:
        protocol(*parts)
    return "\n".join(refused.value.problems)


def step(id_: str, after: str, done: str = "liaison.contact_made") -> str:
    return (
        f"- id: {id_}\n  titre: Étape\n  responsable: coordination\n  fait: {done}\n"
        f"  horloge: {{dans: 1 jour, apres: {after}, base: Usage}}\n"
    )


def more(id_: str, text: str) -> str:
    lines = "\n".join(f"  {line.strip()}" for line in text.strip().splitlines())
    return f"\n- id: {id_}\n  titre: Règle\n  responsable: coordination\n  base: Usage\n{lines}\n"


RESPONSE = (
    "regle: reponse\napres: people.person_discharged\nattendu: liaison.contact_made\ndans: 2 jours"
)


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("  dans: 1 jour", "  dans: 0 jour", "un délai est d’au moins une heure ou un jour"),
        ("  dans: 1 jour", "  dans: -3 jours", "un délai est d’au moins une heure ou un jour"),
        ("  dans: 1 jour", "  dans: 9999 jours", "un délai est de dix ans au plus"),
        ("  dans: 1 jour", "  dans: bientôt", "n’est pas un délai"),
        ("  dans: 1 jour", "", "il manque « dans »"),
        ("regle: reponse", "regle: reflexe", "« reflexe » est inconnu"),
        ("  dans: 1 jour", "  dans: 1 jour\n  vite: oui", "mot inconnu"),
        ("people.person_discharged", "people.flown", "n’est pas un fait que Cordée connaît"),
        (
            "people.person_discharged",
            "{fait: people.person_discharged, quand: {mood: x}}",
            "pas de champ",
        ),
        ("coordination", "voisin", "« voisin » est inconnu"),
        ("appel-apres-sortie", "Appel Après", "n’est pas un identifiant"),
        ("  dans: 1 jour", "  dans: 1 jour\n  dans: 2 jours", "est écrit deux fois"),
        ("  dans: 1 jour", "  dans: 1 jour\n  pour_chaque: action", "pas de champ « action »"),
    ],
)
def test_a_trouble_is_said_where_it_stands(line, instead, said):
    assert line in ANSWER
    told = troubles(NO_STEP, ANSWER.replace(line, instead))
    assert said.replace("« ", "«\xa0").replace(" »", "\xa0»") in told
    assert told.startswith("Ligne ")


def test_what_the_register_could_not_keep_is_refused_with_its_line():
    told = troubles("etapes:\n" + step("u" * 81, "entree").replace("Étape", "T" * 301))
    assert "Ligne" in told
    assert "80 caractères au plus" in told
    assert "300 caractères au plus" in told
    protocol("etapes:\n" + step("u" * 80, "entree").replace("Étape", "T" * 300))


@pytest.mark.parametrize("kind", ["people.social_note_written", "liaison.social_note_written"])
@pytest.mark.parametrize("spot", ["people.person_discharged", "liaison.contact_made"])
def test_a_fact_of_social_life_is_never_named_alone(kind, spot):
    text = HEAD + NO_STEP + ANSWER
    assert spot in text
    with pytest.raises(Refused) as refused:
        read(text.replace(spot, kind), kinds=known_kinds(), never_alone=never_alone())
    assert "ne peut pas être seul ici" in "\n".join(refused.value.problems)
    beside = text.replace(spot, f"[{kind}, people.person_moved]")
    read(beside, kinds=known_kinds(), never_alone=never_alone())


def test_all_the_troubles_are_said_at_once():
    told = troubles(
        NO_STEP, ANSWER.replace("1 jour", "0 jour").replace("reponse", "reponse\n  a: b")
    )
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "vide"),
        ("a: [", "n’est pas du YAML"),
        ("- un\n- deux", "mot"),
        ("a: &x 1\nb: *x", "renvois"),
        ("[" * 400, "emboîté trop profondément"),
        ("a: " + "[" * 200 + "]" * 200, "emboîté"),
        ("x" * 100_001, "trop long"),
        ("protocole: !!python/object:os.system x", "il manque"),
    ],
)
def test_what_is_not_a_protocol_at_all_is_refused_in_a_sentence(text, said):
    with pytest.raises(Refused) as refused:
        read(text, kinds=known_kinds())
    assert said in "\n".join(refused.value.problems)


def test_a_response_that_another_rule_forbids_is_refused():
    absence = "regle: absence\ninterdit: liaison.contact_made\napres: people.person_discharged"
    told = troubles(rule(RESPONSE), more("jamais", absence))
    assert "interdit au même moment" in told
    # Forbidden for a shorter time, or until something: both may be respected.
    protocol(rule(RESPONSE), more("jamais", absence + "\ndans: 24 heures"))
    protocol(rule(RESPONSE), more("jamais", absence + f"\njusqu_a: {WHERE}"))
    assert "interdit" in troubles(rule(RESPONSE), more("jamais", absence + "\ndans: 96 heures"))


def test_at_least_two_and_at_most_one_is_refused_in_one_rule_or_in_two():
    count = "regle: nombre\nfait: liaison.contact_made\ndans: 10 jours\n"
    assert "impossible" in troubles(rule(count + "au_moins: 2\nau_plus: 1"))
    told = troubles(rule(count + "au_moins: 2"), more("peu", count + "au_plus: 1"))
    assert "limite à 1" in told
    protocol(rule(count + "au_moins: 1"), more("peu", count + "au_plus: 1"))


def test_precedences_in_a_ring_are_refused_unless_one_may_be_excused():
    first = f"regle: precedence\nfait: {WHERE}\nseulement_apres: people.informed"
    second = f"regle: precedence\nfait: people.informed\nseulement_apres: {WHERE}"
    assert "en rond" in troubles(rule(first), more("retour", second))
    protocol(rule(first), more("retour", second + "\nsauf: people.gp_changed"))


def test_clocks_in_a_ring_are_refused():
    steps = "etapes:\n" + step("une", "{etape: deux}") + step("deux", "{etape: une}")
    assert "une → deux → une" in troubles(steps)


def test_a_step_that_waits_for_a_step_that_is_not_there_is_refused():
    told = troubles("etapes:\n" + step("une", "{etape: fantome}"))
    assert "n’existe pas" in told


def test_a_step_out_of_reach_is_refused_and_those_that_wait_for_it():
    never = rule("regle: absence\ninterdit: people.informed").removeprefix(NO_STEP)
    steps = step("info", "entree", "people.informed") + step("suite", "{etape: info}")
    told = troubles("etapes:\n", steps, never)
    assert told.count("hors d’atteinte") == 2


def test_a_step_that_only_begins_after_the_exit_is_refused():
    exits = "sorties:\n- texte: Départ\n  fait: people.person_moved\n"
    assert "est une sortie" in troubles("etapes:\n" + step("une", WHERE), exits)


def test_an_identifier_used_twice_is_refused():
    told = troubles(STEP, ANSWER.replace("appel-apres-sortie", "appel"))
    assert "est déjà pris" in told


def test_a_count_that_nothing_could_break_is_refused():
    count = "regle: nombre\nfait: liaison.contact_made\n"
    assert "sans délai" in troubles(rule(count + "au_moins: 2"))
    assert "il manque" in troubles(rule(count + "dans: 2 jours"))
    assert "rien n’est attendu" in troubles(rule(count + f"au_plus: 2\nsauf: {WHERE}"))
    assert "ne va pas avec" in troubles(rule(count + "exactement: 1\nau_plus: 2\ndans: 1 jour"))


def test_a_protocol_without_author_or_source_or_anything_to_watch_is_refused():
    assert "ne surveille rien" in troubles(STEP)
    with pytest.raises(Refused) as refused:
        read(HEAD.replace("[Une équipe]", "[]") + NO_STEP + ANSWER, kinds=known_kinds())
    assert "au moins une ligne" in refused.value.problems[0]
