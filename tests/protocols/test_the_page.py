"""docs/protocoles.md: what the page shows is read, and what it says is so."""

import re

from cordee.protocols import shipped
from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.conformance import Status
from cordee.protocols.rules.kinds import ROLES
from cordee.protocols.rules.protocol import Certainty, Protocol
from cordee.protocols.rules.reading import CONSTRAINT, SHAPES, read
from cordee.protocols.vocabulary import known_kinds
from tests.architecture.house import ROOT
from tests.protocols.shelf import fact, paris, protocol, rule

PAGE = (ROOT / "docs" / "protocoles.md").read_text(encoding="utf-8")
TOLD = "intake.requester_told"
ASKED = "intake.request_received"
CALL, MEETING, DONE = "liaison.contact_made", "meetings.meeting_held", "plans.action_done"
AGREED, ADMITTED = "plans.plan_agreed", "people.person_admitted"


def example() -> Protocol:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return read(text, kinds=known_kinds())


def verdict(one, thread, now, of="regle", entered="2026-01-01 00:00"):
    state = engine.begun(one, paris(entered))
    for happening in thread:
        state = engine.moved(one, state, happening)
    return next(told for told in engine.judged(one, state, paris(now)) if told.of == of)


def test_the_example_of_the_page_is_a_protocol():
    one = example()
    assert (one.id, len(one.steps), len(one.constraints)) == ("retour-a-domicile", 2, 2)
    assert one.proposed_by("people.person_discharged", {"destination": "home"})


def test_the_example_is_short_enough_to_be_written_in_ten_minutes():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(text.splitlines()) < 65


def test_the_table_of_rules_is_the_grammar_that_is_read():
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|([^|]*)\|$", PAGE, re.MULTILINE)
    assert {row[0] for row in rows} == {rule.value for rule in SHAPES}
    for name, needed, possible in rows:
        shape = next(shape for rule, shape in SHAPES.items() if rule.value == name)
        words = {*re.findall(r"`(\w+)`", needed), *re.findall(r"`(\w+)`", possible)}
        assert words == set(shape.words), name
        assert set(shape.needs) <= set(re.findall(r"`(\w+)`", needed)), name
    assert set(CONSTRAINT) == {"id", "titre", "responsable", "regle", "base"}


def test_every_role_and_certainty_is_named_on_the_page():
    assert [role for role in ROLES if f"`{role}`" not in PAGE] == []
    assert [one for one in Certainty if f"`{one.value}`" not in PAGE] == []


def test_every_shipped_protocol_is_named_on_the_page():
    names = re.findall(r"`([a-z-]+)`", PAGE[PAGE.index("## Les dix protocoles livrés") :])
    assert sorted(names) == sorted(shipped.texts())
    assert len(names) == 10


def test_a_day_after_tuesday_leaves_until_wednesday_midnight():
    one = example()
    tuesday = "2026-11-24 10:00"
    in_time = fact(1, CALL, "2026-11-25 23:59:59", result="reached")
    late = fact(1, CALL, "2026-11-26 00:00", result="reached")
    now = "2026-11-30 10:00"
    assert verdict(one, [in_time], now, "appel", tuesday).status is Status.RESPECTED
    assert verdict(one, [late], now, "appel", tuesday).status is Status.VIOLATED


def test_telling_for_one_request_is_not_telling_for_the_other_and_codes_count():
    one = example()
    asked = [
        fact(1, ASKED, "2026-01-05 10:00", request_id="a"),
        fact(2, ASKED, "2026-01-05 11:00", request_id="b"),
    ]
    told = fact(3, TOLD, "2026-01-05 12:00", request_id="a", result="message")
    unheard = fact(4, TOLD, "2026-01-05 13:00", request_id="b", result="no_answer")
    last = verdict(one, [*asked, told, unheard], "2026-01-08 10:00", "demandeur-rappele")
    assert (last.status, last.because) == (Status.VIOLATED, (2,))


def test_several_a_before_a_b_ask_for_one_b_within_the_delay_of_the_first():
    one = protocol(rule(f"regle: reponse\napres: {ASKED}\nattendu: {TOLD}\ndans: 48 heures"))
    asked = [fact(1, ASKED, "2026-01-05 10:00"), fact(2, ASKED, "2026-01-06 10:00")]
    once = [*asked, fact(3, TOLD, "2026-01-06 12:00")]
    assert verdict(one, once, "2026-03-01 00:00").status is Status.RESPECTED
    late = verdict(one, [*asked, fact(3, TOLD, "2026-01-07 10:01")], "2026-03-01 00:00")
    assert (late.breaches, late.because) == (1, (1, 3))


def test_what_had_to_come_before_may_have_come_before_the_entry_and_grows_old():
    text = f"regle: precedence\nfait: {DONE}\nseulement_apres: {AGREED}"
    thread = [fact(1, AGREED, "2025-12-20 10:00"), fact(2, DONE, "2026-01-10 10:00")]
    assert verdict(protocol(rule(text)), thread, "2026-02-01 00:00").status is Status.RESPECTED
    old = protocol(rule(text + "\ndans: 10 jours"))
    assert verdict(old, thread, "2026-02-01 00:00").status is Status.VIOLATED
    assert verdict(protocol(rule(text)), thread[1:], "2026-02-01 00:00").because == (2,)


def test_what_is_forbidden_after_a_fact_is_free_again_after_another():
    text = f"regle: absence\ninterdit: {CALL}\napres: {AGREED}\njusqu_a: {ADMITTED}"
    one = protocol(rule(text))
    agreed, left = fact(1, AGREED, "2026-01-05 10:00"), fact(2, ADMITTED, "2026-01-10 10:00")
    assert verdict(one, [], "2026-02-01 00:00").status is Status.NOT_CONCERNED
    after = [agreed, left, fact(3, CALL, "2026-01-11 10:00")]
    assert verdict(one, after, "2026-02-01 00:00").status is Status.RESPECTED
    during = [agreed, left, fact(3, CALL, "2026-01-07 10:00")]
    assert verdict(one, during, "2026-02-01 00:00").status is Status.VIOLATED


def test_the_first_a_of_a_count_does_not_count_itself():
    one = protocol(rule(f"regle: nombre\nfait: {CALL}\nau_plus: 1\napres: {CALL}"))
    thread = [fact(day, CALL, f"2026-01-0{day} 10:00") for day in (2, 3, 4)]
    assert verdict(one, thread[:2], "2026-02-01 00:00").status is Status.RESPECTED
    assert verdict(one, thread, "2026-02-01 00:00").because == (4,)


def test_each_fact_starts_the_clock_again_and_an_excuse_stops_it_until_the_next():
    one = protocol(rule(f"regle: repetition\nfait: {CALL}\ntous_les: 10 jours\nsauf: {ADMITTED}"))
    call, stay = fact(1, CALL, "2026-01-08 10:00"), fact(2, ADMITTED, "2026-01-12 10:00")
    assert verdict(one, [call], "2026-01-14 00:00").status is Status.PENDING
    assert verdict(one, [call], "2026-01-19 00:00").status is Status.VIOLATED
    assert verdict(one, [call, stay], "2026-06-01 00:00").breaches == 0
    again = fact(3, CALL, "2026-03-01 10:00")
    assert verdict(one, [call, stay, again], "2026-06-01 00:00").breaches == 1


def test_an_excuse_that_comes_too_late_only_closes_the_delay():
    one = protocol(
        rule(f"regle: reponse\napres: {AGREED}\nattendu: {CALL}\ndans: 1 jour\nsauf: {ADMITTED}")
    )
    agreed = fact(1, AGREED, "2026-01-05 10:00")
    late = verdict(one, [agreed, fact(2, ADMITTED, "2026-01-09 10:00")], "2026-02-01 00:00")
    assert (late.status, late.breaches, late.is_open) == (Status.VIOLATED, 1, False)


def test_it_is_at_risk_when_three_quarters_are_gone_or_when_it_is_said():
    text = f"regle: reponse\napres: {AGREED}\nattendu: {CALL}\ndans: 40 heures"
    agreed = [fact(1, AGREED, "2026-01-05 00:00")]
    one, soon = protocol(rule(text)), protocol(rule(text + "\nprevenir: 30 heures"))
    assert verdict(one, agreed, "2026-01-06 05:59").status is Status.PENDING
    assert verdict(one, agreed, "2026-01-06 06:00").status is Status.AT_RISK
    assert verdict(soon, agreed, "2026-01-05 10:00").status is Status.AT_RISK


def test_two_facts_of_the_same_instant_follow_each_other_as_they_were_recorded():
    one = protocol(rule(f"regle: precedence\nfait: {DONE}\nseulement_apres: {AGREED}"))
    at = "2026-01-05 10:00"
    assert verdict(one, [fact(1, AGREED, at), fact(2, DONE, at)], at).status is Status.RESPECTED
    assert verdict(one, [fact(2, AGREED, at), fact(1, DONE, at)], at).status is Status.VIOLATED


def test_yes_and_no_are_written_in_french():
    one = protocol(
        rule("regle: absence\ninterdit: {fait: intake.request_qualified, quand: {search: non}}")
    )
    at = "2026-01-05 10:00"
    free = [fact(1, "intake.request_qualified", at, search=True)]
    assert verdict(one, free, at).status is Status.RESPECTED
    bad = [fact(1, "intake.request_qualified", at, search=False)]
    assert verdict(one, bad, at).status is Status.VIOLATED


def test_a_fact_that_is_not_yet_published_is_accepted():
    known = known_kinds()
    assert MEETING in known
    assert protocol(rule(f"regle: nombre\nfait: {MEETING}\nau_moins: 1\ndans: 3 jours"))
