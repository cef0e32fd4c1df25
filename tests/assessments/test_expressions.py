"""What is counted on the server: calculated answers, conditions, offered answers, constraints."""

import time
from decimal import Decimal

import pytest

from cordee.assessments.rules import urls
from cordee.assessments.rules.filling import filled, typed
from cordee.assessments.rules.reading import Refused, read
from tests.assessments.questionnaires import (
    TODAY,
    choice,
    fhirpath,
    filling,
    group,
    paths,
    question,
    sheet,
    unit,
    when,
)


def calculated(link_id, text, kind="decimal", *more, **said):
    extension = [fhirpath(urls.CALCULATED, text), *more]
    return question(link_id, kind, extension=extension, **said)


def answer_of(link_id):
    return f"%resource.item.where(linkId = '{link_id}').answer.value"


def value_of(text, kind="decimal", items=(), fields=None, *more):
    found = filling(sheet(*items, calculated("c", text, kind, *more)), fields or {})
    return found.answers.get("c", ())


def refusal(json):
    with pytest.raises(Refused) as caught:
        read(json)
    return "\n".join(one.said for one in caught.value.problems)


SCORED = [
    choice("marche", {"seul": 0, "aide": 1, "non": 2}),
    choice("repas", {"seul": 0, "aide": 1.5}),
]


def test_a_score_is_the_sum_of_what_the_answers_weigh():
    total = calculated("total", "%resource.item.answer.weight().sum()")
    found = filling(sheet(*SCORED, total), {"marche": "non", "repas": "aide"})
    assert found.answers["total"] == (Decimal("3.5"),)


def test_the_score_that_a_client_sends_is_never_believed():
    definition = read(sheet(*SCORED, calculated("total", "%resource.item.answer.weight().sum()")))
    said = typed(definition, {"marche": ["aide"], "total": ["99"]})
    assert "total" not in str(said.items)
    forged = [*said.items, {"linkId": "total", "answer": [{"valueDecimal": 99}]}]
    found = filled(definition, forged, today=TODAY)
    assert found.answers["total"] == (Decimal(1),)
    assert found.items[-1] == {"linkId": "total", "answer": [{"valueDecimal": 1}]}


def test_a_score_counts_neither_what_is_not_asked_nor_what_is_not_answered():
    hidden = choice("repas", {"aide": 2}, enableWhen=[when("vit", "=", answerBoolean=True)])
    total = calculated("total", "%resource.item.answer.weight().sum()")
    json = sheet(question("vit", "boolean"), hidden, total)
    assert "total" not in filling(json, {"vit": "non", "repas": "aide"}).answers
    assert filling(json, {"vit": "oui", "repas": "aide"}).answers["total"] == (Decimal(2),)


def test_a_score_may_depend_on_another_whatever_their_order():
    json = sheet(
        calculated("double", f"{answer_of('total')} * 2"),
        calculated("total", f"{answer_of('n')} + 1"),
        question("n", "integer"),
        question("suite", enableWhen=[when("double", ">", answerDecimal=5)]),
    )
    found = filling(json, {"n": "2"})
    assert found.answers["double"] == (Decimal(6),)
    assert "suite" in paths(found)
    assert "suite" not in paths(filling(json, {"n": "1"}))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7 / 2 + 1", "decimal", Decimal("4.5")),
        ("1 / 3", "decimal", Decimal("0.333333333333333")),
        ("7 div 2", "integer", Decimal(3)),
        ("0.5.round() + 2.5.round()", "integer", Decimal(4)),
        ("2.345.round(2)", "decimal", Decimal("2.35")),
        ("(1 | 2 | 2 | 3).sum()", "integer", Decimal(6)),
        ("(1 | 2 | 6).avg()", "decimal", Decimal(3)),
        ("(4 | 2 | 6).min() + (4 | 2 | 6).max()", "integer", Decimal(8)),
        ("(1 | 2 | 3).aggregate($this + $total, 0)", "integer", Decimal(6)),
        ("iif(1 > 2, 'a', 'b')", "string", "b"),
        ("true and {}.exists()", "boolean", False),
        ("(1.0 = 1) and ('a' != 'b')", "boolean", True),
        ("(1 | 2).where($this > 1).exists()", "boolean", True),
        ("today() - 1 day", "date", "2026-11-26"),
        ("today() > @1950-01-01", "boolean", True),
        ("'né en ' & today().toString().substring(0, 4)", "string", "né en 2026"),
        ("-(3) + 5", "integer", Decimal(2)),
        ("true.toString()", "string", "true"),
        ("12", "quantity", Decimal(12)),
    ],
)
def test_an_expression_gives_what_the_specification_says(text, kind, value):
    more = [unit("kg")] if kind == "quantity" else []
    assert value_of(text, kind, (), None, *more) == (value,)


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "5 div 0",
        "5 mod 0",
        "{}",
        "{} + 1",
        "{} = 1",
        "{} != 1",
        "'a' + 1",
        "'a' > 1",
        "(1 | 2) + 1",
        "(1 | 2).single()",
        "10.power(5000)",
        "(-1).sqrt()",
        "(0).ln()",
        "'x'.toInteger()",
        "%resource.item.where(linkId = 'n').answer.value",
        "@2024-02-30 + 1 day",
        "1 'kg' > 1 'cm'",
    ],
)
@pytest.mark.parametrize("kind", ["decimal", "integer", "boolean", "string", "date"])
def test_what_cannot_be_computed_gives_nothing_and_never_fails(text, kind):
    assert value_of(text, kind, [question("n", "integer")]) == ()


@pytest.mark.parametrize(
    ("text", "kind"), [("'douze'", "decimal"), ("2.5", "integer"), ("1", "date")]
)
def test_a_value_of_another_type_is_no_answer(text, kind):
    assert value_of(text, kind) == ()


def test_halves_of_answers_are_added_exactly():
    items = [question(name, "decimal") for name in ("a", "b")]
    text = f"({answer_of('a')} + {answer_of('b')}) = 0.3"
    assert value_of(text, "boolean", items, {"a": "0,1", "b": "0,2"}) == (True,)


def test_a_variable_is_seen_by_its_line_and_those_under_it():
    age = fhirpath(urls.VARIABLE, f"{answer_of('age')}", "age")
    json = sheet(
        question("age", "integer"),
        group(
            "g",
            calculated("c", "%double + %age"),
            extension=[fhirpath(urls.VARIABLE, "%age * 2", "double")],
        ),
        extension=[age],
    )
    assert filling(json, {"age": "80"}).answers["c"] == (Decimal(240),)
    json["item"].append(calculated("dehors", "%double"))
    assert "%double" in refusal(json)


def test_a_condition_may_be_an_expression():
    more = [fhirpath(urls.ENABLE_WHEN, f"{answer_of('age')} >= 75 and {answer_of('seul')}")]
    json = sheet(
        question("age", "integer"), question("seul", "boolean"), question("suite", extension=more)
    )
    assert "suite" in paths(filling(json, {"age": "80", "seul": "oui"}))
    assert "suite" not in paths(filling(json, {"age": "80", "seul": "non"}))
    assert "suite" not in paths(filling(json, {"age": "80"}))
    assert filling(json, {"age": "60", "seul": "oui", "suite": "x"}).answers.get("suite") is None


def test_offered_answers_may_come_from_other_answers():
    more = [fhirpath(urls.ANSWERS, "%resource.item.where(linkId = 'soins').answer.value")]
    json = sheet(
        choice("soins", {"toilette": None, "repas": None, "linge": None}, repeats=True),
        question("premier", "choice", extension=more),
    )
    definition = read(json)
    fields = {"soins": ["repas", "linge"], "premier": ["linge"]}
    found = filled(definition, typed(definition, fields).items, today=TODAY)
    row = found.rows[-1]
    assert [(one.code, one.label) for one in row.options] == [
        ("repas", "REPAS"),
        ("linge", "LINGE"),
    ]
    assert row.values == ("linge",)
    fields["soins"] = ["repas"]
    found = filled(definition, typed(definition, fields).items, today=TODAY)
    assert "proposée" in found.errors["premier"]
    assert "premier" not in found.answers


def constraint(text, human, severity="error", url=urls.CONSTRAINT):
    language = {"language": "text/fhirpath", "expression": text}
    said = {"valueString": text} if url == urls.CONSTRAINT else {"valueExpression": language}
    return {
        "url": url,
        "extension": [
            {"url": "key", "valueId": "k"},
            {"url": "severity", "valueCode": severity},
            {"url": "human", "valueString": human},
            {"url": "expression", **said},
        ],
    }


@pytest.mark.parametrize("url", [urls.CONSTRAINT, urls.TARGET_CONSTRAINT])
def test_a_constraint_that_does_not_hold_says_its_own_words(url):
    later = f"%context.answer.value >= {answer_of('entree')}"
    words = "La sortie vient après l’entrée."
    sortie = question("sortie", "date", extension=[constraint(later, words, url=url)])
    json = sheet(question("entree", "date"), sortie)
    fields = {"entree": "10/11/2026", "sortie": "09/11/2026"}
    assert filling(json, fields).errors == {"sortie": words}
    assert not filling(json, fields | {"sortie": "10/11/2026"}).errors
    assert not filling(json, {"entree": "10/11/2026"}).errors
    assert not filling(json, {"sortie": "10/11/2026"}).errors


def test_a_constraint_of_the_whole_stands_under_no_path_and_a_warning_is_no_error():
    more = [
        constraint("%resource.item.answer.count() <= 1", "Une réponse au plus."),
        constraint("%resource.item.answer.count() <= 1", "Vérifiez.", "warning"),
    ]
    found = filling(sheet(question("a"), question("b"), extension=more[:1]), {"a": "x", "b": "y"})
    assert found.errors == {"": "Une réponse au plus."}
    found = filling(sheet(question("a"), question("b"), extension=more[1:]), {"a": "x", "b": "y"})
    assert found.is_complete
    assert found.warnings == {"": "Vérifiez."}


def test_in_a_group_that_repeats_each_instance_counts_its_own():
    text = "%context.item.where(linkId = 'heures').answer.value * 2"
    more = [fhirpath(urls.VARIABLE, text, "double")]
    visit = group(
        "visites",
        question("heures", "integer"),
        calculated("cout", "%double"),
        repeats=True,
        extension=more,
    )
    total = calculated("total", "%resource.item.item.where(linkId = 'cout').answer.value.sum()")
    found = filling(sheet(visit, total), {"visites:0/heures": "1", "visites:1/heures": "3"})
    assert found.answers["cout"] == (Decimal(2), Decimal(6))
    assert found.answers["total"] == (Decimal(8),)


def test_an_expression_reaches_questions_under_questions():
    inner = choice("qui", {"fille": 1, "voisin": 3})
    total = calculated("total", "%resource.descendants().where(linkId = 'qui').answer.weight()")
    json = sheet(question("aide", "boolean", item=[inner]), total)
    found = filling(json, {"aide": "oui", "aide/qui": "voisin"})
    assert found.answers["total"] == (Decimal(3),)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([calculated("a", answer_of("a"))], "a → a"),
        ([calculated("a", answer_of("b")), calculated("b", answer_of("a"))], "a → b → a"),
        (
            [
                calculated("a", "%resource.item.answer.count()"),
                calculated("b", "%resource.item.answer.count()"),
            ],
            "dépendent",
        ),
        (
            [
                question("a", enableWhen=[when("b", "exists", answerBoolean=True)]),
                calculated("b", "%v", "decimal", fhirpath(urls.VARIABLE, answer_of("a"), "v")),
            ],
            "a → b → a",
        ),
        (
            [
                calculated(
                    "a",
                    "%x",
                    "decimal",
                    fhirpath(urls.VARIABLE, "%y", "x"),
                    fhirpath(urls.VARIABLE, "%x + 1", "y"),
                )
            ],
            "%x → %y → %x",
        ),
        (
            [
                group(
                    "g",
                    question("a"),
                    extension=[
                        fhirpath(urls.ENABLE_WHEN, "%context.item.where(linkId='a').exists()")
                    ],
                )
            ],
            "dépendent",
        ),
        ([calculated("a", answer_of("absente"))], "absente"),
        ([calculated("a", "%inconnue")], "%inconnue"),
        ([calculated("a", "1 +")], "FHIRPath"),
        ([calculated("a", "1 + 2 )")], "FHIRPath"),
        ([calculated("a", "now()")], "now()"),
        ([calculated("a", "trace('x')")], "trace()"),
        ([calculated("a", "'x'.matches('(a+)+b')")], "matches()"),
        ([calculated("a", "%resource.repeat($this)")], "repeat()"),
        ([calculated("a", "(" * 80 + "1" + ")" * 80)], "emboîtée"),
        ([calculated("a", "1" + "+1" * 400)], "emboîtée"),
        ([calculated("a", "'" + "x" * 9_000 + "'")], "caractères"),
        (
            [
                question(
                    "a",
                    extension=[
                        {
                            "url": urls.CALCULATED,
                            "valueExpression": {"language": "text/cql", "expression": "1"},
                        }
                    ],
                )
            ],
            "text/cql",
        ),
    ],
)
def test_a_ring_or_an_expression_that_is_not_understood_is_refused(items, words):
    assert words in refusal(sheet(*items))


@pytest.mark.parametrize(
    "text",
    [
        "(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9).aggregate($total * $total, 10)",
        "%resource.item.aggregate($total & $total, 'abcdefghij')",
        "%resource.item.aggregate($total.combine($total), %resource.item)",
        "%resource.item" + ".select(%resource.item)" * 12 + ".count()",
        "%resource.item" + ".select($this.combine($this))" * 60 + ".item.item.count()",
        "%resource" + ".descendants()" * 60 + ".count()",
        "%resource.item" + ".select($this & $this)" * 60,
        "%resource.item.where(" * 30 + "true" + ").exists()" * 30,
    ],
)
def test_a_hostile_expression_is_stopped(text):
    lines = [group(f"g{n}", *(question(f"q{n}-{m}") for m in range(10))) for n in range(12)]
    definition = read(sheet(*lines, calculated("c", text)))
    fields = {f"g{n}/q{n}-{m}": ["x"] for n in range(12) for m in range(10)}
    items = typed(definition, fields).items
    begun_at = time.process_time()
    filled(definition, items, today=TODAY)
    assert time.process_time() - begun_at < 3


def test_many_hostile_expressions_are_stopped_together():
    doubled = "%resource.item" + ".select($this.combine($this))" * 8 + ".count()"
    lines = [question(f"q{n}") for n in range(10)]
    fields = {f"q{n}": ["x"] for n in range(10)}
    named = " or ".join(f"linkId = 'q{n}'" for n in range(10))
    shown = doubled.replace("%resource.item", f"%resource.item.where({named})")
    costly = [calculated(f"c{n}", f"{shown} + {n}", "integer") for n in range(60)]
    definition = read(sheet(*lines, *costly))
    items = typed(definition, fields).items
    begun_at = time.process_time()
    found = filled(definition, items, today=TODAY)
    assert time.process_time() - begun_at < 6
    assert "c0" in found.answers
    assert "c59" not in found.answers


def test_expressions_too_long_in_all_are_refused_before_any_is_read():
    said = [calculated(f"c{n}", f"{n}" + " + 1" * 100) for n in range(120)]
    assert "en tout" in refusal(sheet(*said))
