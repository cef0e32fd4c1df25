"""What a reader is shown of each instrument: its scales on a day, and how their bands are said."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.instruments import (
    aggir,
    carer,
    charlson,
    coordination,
    epices,
    eva,
    functional,
    gds,
    held,
    hospital,
    lace,
    multidimensional,
    norton,
    sega,
    tug,
)
from cordee.assessments.rules.scales import Scale, Step

Scales = Callable[[date], tuple[Scale, ...]]


def _of_the_day(build: Callable[[date], Scale]) -> Scales:
    return lambda on: (build(on),)


SCALES: Mapping[str, Scales] = {
    "aggir": aggir.scales,
    "charlson": charlson.scales,
    "lace": lace.scales,
    "hospital": hospital.scales,
    "tug": tug.scales,
    "eva": eva.scales,
    "epices": epices.scales,
    "gds-15": _of_the_day(gds.scale),
    "mini-gds": _of_the_day(gds.mini_scale),
    "sega-a": sega.scales,
    "norton": norton.scales,
    "functional": functional.scales,
    "carer-burden": carer.scales,
    "coordination-need": coordination.scales,
    "multidimensional": multidimensional.scales,
    **{name: _of_the_day(one.scale) for name, one in held.HELD.items()},
}


def said_bands(scale: Scale) -> tuple[tuple[str, str], ...]:
    """Each band of a scale: from where to where in French, and what it is called.

    « 10 ou plus », « de 5 à moins de 7 », « plus de 12 et moins de 20 »; a single value where a
    band holds only one.
    """
    if scale.is_levels:
        return tuple((_figure(step.start), step.band.label) for step in scale.steps)
    ends = [*scale.steps[1:], None]
    return tuple(
        (_range(step, end, scale.out_of, is_first=at == 0), step.band.label)
        for at, (step, end) in enumerate(zip(scale.steps, ends, strict=False))
    )


def _range(step: Step, end: Step | None, out_of: Decimal | None, *, is_first: bool) -> str:
    start = _figure(step.start)
    if end is None:
        return _last(step, out_of)
    if end.start == step.start:
        return start
    last = _figure(end.start)
    if is_first:
        return f"{last} ou moins" if end.just_above else f"moins de {last}"
    begins = f"plus de {start} et" if step.just_above else f"de {start}"
    if end.just_above:
        return f"{begins} jusqu’à {last}" if step.just_above else f"{begins} à {last}"
    return f"{begins} moins de {last}" if step.just_above else f"{begins} à moins de {last}"


def _last(step: Step, out_of: Decimal | None) -> str:
    start = _figure(step.start)
    if step.start == out_of:
        return start
    return f"plus de {start}" if step.just_above else f"{start} ou plus"


def _figure(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
