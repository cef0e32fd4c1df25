"""Our evaluation against two others: HL7's fhirpath.js, and Medplum's, written apart from it.

The library we keep descends from the first; the second shares nothing with either. Where both
agree we must agree; where they differ, mostly for what the second does not do, with one of them.
"""

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from cordee.assessments.rules.fhirpath.evaluation import Scene, evaluate
from cordee.assessments.rules.fhirpath.parsing import parsed
from cordee.assessments.rules.fhirpath.plain import plain
from host.frontend import install
from host.needs import PEERS


def line(link_id, *answers, **said):
    return {"linkId": link_id, "answer": list(answers), **said}


def coded(code):
    return {"valueCoding": {"system": "urn:codes", "code": code, "display": code.upper()}}


RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "in-progress",
    "item": [
        line("n", {"valueInteger": 3}),
        line("d", {"valueDecimal": 2.5}),
        line("z", {"valueInteger": 0}),
        line("b", {"valueBoolean": True}),
        line("f", {"valueBoolean": False}),
        line("s", {"valueString": "oui"}),
        line("c", coded("x"), coded("y")),
        line("j", {"valueDate": "1940-05-01"}),
        {
            "linkId": "g",
            "item": [line("n2", {"valueInteger": 4}), line("s2", {"valueString": "a"})],
        },
        {"linkId": "g", "item": [line("n2", {"valueInteger": 6}), line("n3", {"valueInteger": 1})]},
        line("q", {"valueInteger": 7, "item": [line("under", {"valueInteger": 8})]}),
    ],
}
CONTEXT = RESPONSE["item"][8]  # as peers.mjs is told: at 8
VARIABLES = {"v": 5, "w": "a"}


def answer(link_id):
    return f"%resource.item.where(linkId = '{link_id}').answer.value"


WRITTEN = [
    *(answer(link_id) for link_id in "ndzbfscjgq"),
    f"{answer('n')} + {answer('d')} * 2",
    f"{answer('n')} / {answer('d')}",
    f"{answer('n')} / {answer('z')}",
    f"{answer('n')} div 2 + {answer('n')} mod 2",
    "(-7) div 2",
    "(-7) mod 2",
    "7.5 div 2",
    f"{answer('n')} + {answer('absent')}",
    f"-({answer('n')}) + 1",
    f"{answer('j')} > @1940-04-30",
    f"{answer('j')} = @1940-05-01",
    f"{answer('j')} < @1940",
    "@2020-02-29 + 1 year",
    "@2020-01-31 + 1 month",
    "@2026-11-27 - 3 days",
    "@2026-11 = @2026-11-27",
    "@2026-10 < @2026-11-27",
    f"iif({answer('b')}, 'oui', 'non')",
    f"iif({answer('f')}, 'oui')",
    f"iif({answer('absent')}, 1, 2)",
    f"{answer('b')} and {answer('f')}",
    f"{answer('absent')} or {answer('b')}",
    f"{answer('absent')} and {answer('b')}",
    f"{answer('f')} implies {answer('absent')}",
    f"{answer('b')} xor {answer('f')}",
    f"{answer('b')}.not()",
    f"{answer('absent')} = 1",
    f"{answer('absent')} != 1",
    f"{answer('n')} = 3.0",
    f"{answer('n')} != 4",
    f"{answer('s')} = 'oui'",
    f"{answer('s')} & '!'",
    f"{answer('absent')} & '!'",
    f"{answer('s')} + '!'",
    f"{answer('s')}.length()",
    f"{answer('s')}.upper()",
    f"{answer('s')}.substring(1)",
    f"{answer('s')}.substring(0, 2)",
    f"{answer('s')}.startsWith('o') and {answer('s')}.contains('u')",
    f"{answer('c')}.code",
    f"{answer('c')}.where(code = 'x').display",
    f"{answer('c')}.exists(code = 'y')",
    f"{answer('c')}.all(code = 'y')",
    f"{answer('c')}.code contains 'x'",
    f"'y' in {answer('c')}.code",
    f"{answer('c')}.code.join('-')",
    f"{answer('c')}.count()",
    f"{answer('c')}.first().code",
    f"{answer('c')}.last().code",
    f"{answer('c')}.skip(1).code",
    f"{answer('c')}.tail().code",
    f"{answer('c')}.take(1).code",
    f"{answer('c')}.select(code & display)",
    f"{answer('c')}.code = ('x' | 'y')",
    f"{answer('c')}.empty()",
    "%resource.item.item.where(linkId = 'n2').answer.value",
    "%resource.item.item.where(linkId = 'n2').answer.value.aggregate($this + $total, 0)",
    "%resource.item.where(linkId = 'g').item.answer.value.count()",
    "%resource.item.where(linkId = 'q').answer.item.answer.value",
    "%resource.descendants().where(linkId = 'under').answer.value",
    "%resource.repeat(item).linkId.count()",
    "%resource.item.where(linkId = 'n' or linkId = 'd').answer.value",
    "%resource.item.where(linkId in ('n' | 'z')).answer.value",
    "%resource.item.where(answer.value = 3).linkId",
    "%resource.item.where(answer.count() > 1).linkId",
    "%resource.item.where(linkId.startsWith('n')).answer.value",
    "%resource.item[1].answer.value",
    "%resource.item.linkId.isDistinct()",
    "%resource.item.linkId.distinct().count()",
    "%resource.item.answer.value.ofType(Coding).code",
    "%resource.item.answer.value.ofType(integer)",
    "%resource.item.where(answer.value is boolean).linkId",
    "%context.item.where(linkId = 'n2').answer.value + %v",
    "%context.linkId",
    "('a' | 'b').count() + %v",
    "{}.exists()",
    "('a' | 'b') contains %w",
    "('a' | 'b').combine('a').count()",
    "('a' | 'b').union('a').count()",
    "('a' | 'b').exclude('a')",
    "('a' | 'b').intersect('a' | 'c')",
    "('a' | 'b').subsetOf('a' | 'b' | 'c')",
    "('a' | 'b').supersetOf('a')",
    "(1 | 2 | 3).where($this > 1).select($this * 10)",
    "(1 | 2 | 3).select($index)",
    "(1 | 2 | 2).count()",
    "(1 | 2).where((3 | 4).exists($this > 3) and $this = 2)",
    "(1 | 2).aggregate($total + $this, 10)",
    "(1 | 5 | 3).aggregate(iif($total.empty(), $this, iif($this > $total, $this, $total)))",
    "1.5.round()",
    "2.5.round()",
    "(-1.5).round()",
    "2.345.round(2)",
    "1.5.floor() + 1.5.ceiling() + (-1.5).truncate()",
    "(-3).abs()",
    "2.power(10)",
    "9.sqrt()",
    "(-9).sqrt()",
    "(-8).power(2)",
    "1.exp().round(3)",
    "100.log(10)",
    "'3'.toInteger() + 1",
    "'3.5'.toDecimal() + 1",
    "'x'.toInteger()",
    "3.toString() & 'a'",
    "true.toString()",
    "'true'.toBoolean()",
    "'abc'.indexOf('c')",
    "'a,b'.split(',')",
    "1 'kg' = 1 'kg'",
    "{}.count()",
    "({} | 1).count()",
    "1 > 2 or 2 > 1",
    "(1 = 1).not()",
]


class Expressions:
    """Draws expressions as authors of questionnaires write them, of a known type."""

    def __init__(self, seed):
        self.draw = Random(seed)

    def number(self, depth):
        kind = self.draw.randrange(8 if depth else 3)
        if kind == 0:
            return str(self.draw.choice((0, 1, 2, 3, 10, 0.5, 2.5)))
        if kind == 1:
            return answer(self.draw.choice(("n", "d", "z", "q", "absent")))
        if kind == 2:
            return self.draw.choice(("%v", "%context.item.where(linkId = 'n2').answer.value"))
        if kind == 3:
            found = self.draw.choice(("%w", "%resource.item", answer("c"), "{}"))
            return f"{found}.count()"
        if kind == 4:
            return f"iif({self.boolean(depth - 1)}, {self.number(depth - 1)}, {self.number(0)})"
        operator = self.draw.choice(("+", "-", "*", "/", "+", "-"))
        return f"({self.number(depth - 1)} {operator} {self.number(depth - 1)})"

    def boolean(self, depth):
        kind = self.draw.randrange(7 if depth else 3)
        if kind == 0:
            return answer(self.draw.choice(("b", "f", "absent")))
        if kind == 1:
            return f"{answer(self.draw.choice(('s', 'c', 'absent')))}.exists()"
        if kind == 2:
            return self.draw.choice(("true", "false", f"{answer('s')} = 'oui'", "%w = 'a'"))
        if kind == 3:
            return f"{self.boolean(depth - 1)}.not()" if depth > 1 else "(1 = 1).not()"
        if kind == 4:
            operator = self.draw.choice(("=", "!=", "<", ">", "<=", ">="))
            return f"({self.number(depth - 1)} {operator} {self.number(depth - 1)})"
        operator = self.draw.choice(("and", "or", "implies", "xor"))
        return f"({self.boolean(depth - 1)} {operator} {self.boolean(depth - 1)})"


def drawn(seed, count):
    expressions = Expressions(seed)
    numbers = [expressions.number(3) for _ in range(count)]
    return numbers + [expressions.boolean(3) for _ in range(count)]


@pytest.fixture(scope="module")
def peers():
    """What both give to everything, asked at once."""
    install(PEERS)
    texts = list(dict.fromkeys([*WRITTEN, *drawn(7, 400)]))
    cases = [{"text": one, "at": 8, "variables": VARIABLES} for one in texts]
    run = subprocess.run(
        [Path(sys.prefix) / "bin" / "node", "peers.mjs"],
        cwd=PEERS,
        input=json.dumps({"resource": RESPONSE, "cases": cases}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(zip(texts, json.loads(run.stdout), strict=True))


def exact(json_value):
    return json.loads(json.dumps(json_value), parse_float=Decimal)


def ours(text):
    named = {name: one if isinstance(one, list) else [one] for name, one in VARIABLES.items()}
    scene = Scene(exact(RESPONSE), exact(CONTEXT), named, date(2026, 11, 27), 20)
    return [comparable(plain(one)) for one in evaluate(parsed(text), scene)]


def comparable(value):
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return round(float(value), 6)
    return value if isinstance(value, dict) else str(value)


def theirs(found):
    """A failure is an expression without a value, as it is with us."""
    return [comparable(one) for one in found or []]


def test_where_two_other_implementations_agree_we_agree(peers):
    wrong = []
    agreed = 0
    for text, found in peers.items():
        one, other = theirs(found["hl7"]), theirs(found["medplum"])
        if one != other:
            continue
        agreed += 1
        if ours(text) != one:
            wrong.append(f"{text}: {ours(text)}, not {one}")
    assert not wrong, "\n".join(wrong)
    assert agreed > 500


def test_where_they_differ_we_are_with_one_of_them(peers):
    wrong = [
        f"{text}: {ours(text)}, neither {found['hl7']} nor {found['medplum']}"
        for text, found in peers.items()
        if ours(text) not in (theirs(found["hl7"]), theirs(found["medplum"]))
    ]
    assert not wrong, "\n".join(wrong)
