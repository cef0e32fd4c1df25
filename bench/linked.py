"""The same records and planted duplicates: our candidates beside Splink's, which learns first.

BENCH_PERSONS says how many (20,000 by default). A hundredth of them is written twice, with the
errors of `cordee.people.labelled`, on which our weights were also tried: that favours us. Splink
is told every name and learns by expectation–maximisation, with the comparisons, thresholds and
blocking rules of its own quick start; used names are compared as family names are, and what its
example does not have (sex, phone, INS) by its exact match. Either side's F1 is that of the pairs it
gives 0.5 or more.
"""

import logging
import sys
import time
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from bench.house import peopled
from bench.persons import SIZE, written_twice
from bench.registry import job
from cordee.access.actor import SYSTEM
from cordee.people import services
from cordee.people.models import Person
from cordee.people.rules import matching

Pairs = set[frozenset[UUID]]
DRAWN = 1e6  # pairs drawn to learn how often two strangers agree
NAMES = ("birth_name", "used_name", "first_name")
TOLD = (*NAMES, "birth_date", "sex", "phone", "commune_id", "ins")


@cache
def compared() -> dict[str, tuple[float, float]]:
    """Return, for each side, its seconds and its F1."""
    if not Person.objects.exists():
        peopled(SIZE)
    sides: dict[str, tuple[float, float]] = {}
    with transaction.atomic():
        twice = written_twice(_drawn(max(100, SIZE // 100)))
        truth = {frozenset((one.pk, other.pk)) for one, other in twice}
        for name, found_by in (("ours", _ours), ("splink", _splink)):
            began = time.perf_counter()
            found = found_by()
            sides[name] = (time.perf_counter() - began, _f1(name, found, truth))
        transaction.set_rollback(True)  # the region stays as it was, for the next one
    return sides


def _drawn(count: int) -> list[Person]:
    keys = sorted(Person.objects.filter(merged_into=None).values_list("pk", flat=True))
    wanted = Random(17).sample(keys, min(count, len(keys)))  # noqa: S311
    return list(Person.objects.filter(pk__in=wanted).order_by("pk"))


def _ours() -> Pairs:
    services.refresh_candidates(actor=SYSTEM, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT one_id, other_id FROM people_candidate WHERE state = 'to_judge'")
        return {frozenset(row) for row in cursor.fetchall()}


def _splink() -> Pairs:
    import pandas
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    rows = Person.objects.filter(merged_into=None).order_by("pk").values_list("pk", *TOLD)
    records = pandas.DataFrame(
        [[str(cell) if cell else None for cell in row] for row in rows.iterator()],
        columns=["unique_id", *TOLD],
    )
    linker = Linker(records, _settings(), DuckDBAPI())
    learning = linker.training
    learning.estimate_probability_two_random_records_match(
        [block_on("first_name", "birth_name")], recall=0.7
    )
    learning.estimate_u_using_random_sampling(max_pairs=DRAWN, seed=1)
    learning.estimate_parameters_using_expectation_maximisation(
        block_on("first_name", "birth_name")
    )
    learning.estimate_parameters_using_expectation_maximisation(block_on("birth_date"))
    scored = linker.inference.predict(threshold_match_probability=matching.KEPT)
    found = scored.as_record_dict()
    return {frozenset((UUID(one["unique_id_l"]), UUID(one["unique_id_r"]))) for one in found}


def _settings() -> Any:
    import splink.comparison_library as compare
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.JaroWinklerAtThresholds("first_name", [0.9, 0.7]),
            *(compare.JaroAtThresholds(name, [0.9, 0.7]) for name in ("birth_name", "used_name")),
            compare.DateOfBirthComparison(
                "birth_date",
                input_is_string=True,
                datetime_metrics=["year", "month"],
                datetime_thresholds=[1, 1],
            ),
            compare.ExactMatch("commune_id").configure(term_frequency_adjustments=True),
            *(compare.ExactMatch(name) for name in ("sex", "phone", "ins")),
        ],
        blocking_rules_to_generate_predictions=[block_on("first_name"), block_on("birth_name")],
    )


def _f1(name: str, found: Pairs, truth: Pairs) -> float:
    measure = matching.Measure(
        matching.KEPT, len(found & truth), len(found - truth), len(truth - found)
    )
    sys.stdout.write(
        f"{name}: {len(found)} pairs kept, precision {measure.precision:.3f}, "
        f"recall {measure.recall:.3f}, F1 {measure.f1:.3f}\n"
    )
    return measure.f1


@job(
    "merging candidates beside Splink",
    unit="s",
    goal="≤ 15 s for 1,000,000, quicker than Splink",
    is_reached=lambda ours, baseline: ours <= min(baseline, 15 * SIZE / 1_000_000 + 1),
)
def seconds() -> tuple[float, float]:
    """Time both sides, Splink's learning included."""
    sides = compared()
    return sides["ours"][0], sides["splink"][0]


@job(
    "candidates missed or wrong, beside Splink",
    unit="1 − F1",
    goal="F1 no lower than Splink's",
    is_reached=lambda ours, baseline: ours <= baseline,
)
def faults() -> tuple[float, float]:
    """Compare what each side misses or takes for one person wrongly."""
    sides = compared()
    return 1 - sides["ours"][1], 1 - sides["splink"][1]
