"""The Jinja2 environment of our pages: what every template may call, and nothing more."""

import hashlib
from collections.abc import Callable, Container, Hashable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.staticfiles import finders
from django.forms import BoundField
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from cordee.kernel import typography
from cordee.kernel.patterns import etag_of

ENTRY = "src/main.js"


def environment(**options: Any) -> Environment:
    """Build the environment; an undefined variable is an error where `STRICT_TEMPLATES` is set."""
    if getattr(settings, "STRICT_TEMPLATES", False):
        options["undefined"] = StrictUndefined
    options.update(trim_blocks=True, lstrip_blocks=True)
    env = Environment(**options)  # noqa: S701 — Django passes autoescape=True
    env.globals.update(
        url=url,
        static=static,
        icon_url=icon_url,
        icon_drawing=icon_drawing,
        drawing_url=drawing_url,
        assets=assets,
        attributes=attributes,
        control_attributes=control_attributes,
        messages_of=get_messages,
        written_once=written_once,
        line_again=line_again,
        demonstration=demonstration,
    )
    env.filters.update(
        when=when,
        begins=begins,
        when_brief=when_brief,
        sentence=typography.sentence,
        dated=dated,
        day=day,
        on=on,
        hour=hour,
        span=typography.said_span,
        typo=_typo,
        phone=typography.said_phone,
        plural=typography.plural,
        grouped=typography.grouped,
        number=typography.said_number,
    )
    return env


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Give the address of a view; where one identifier is all it says, found once for all."""
    if kwargs or len(args) > 1 or not all(isinstance(one, UUID) for one in args):
        return reverse(name, args=args or None, kwargs=kwargs or None)
    address = _address(name, settings.ROOT_URLCONF, len(args))
    return address.replace(_NOBODY, str(args[0])) if args else address


_NOBODY = str(UUID(int=0))


@cache
def _address(name: str, urlconf: str, told: int) -> str:
    return reverse(name, urlconf, args=[UUID(_NOBODY)] * told)


def written_once(template: str, **words: Hashable) -> Markup:
    """Write a part of the frame once for each set of its words, and keep it.

    A part that is read from the request has no place here: its words are all that it is told.
    """
    return _written(template, tuple(words.items()))


def line_again(said: Markup, stands: Container[str], **told: Any) -> Markup:
    """Wrap a line that a template wrote, with its etag; where the page has it, only name it."""
    etag = etag_of(said)
    if etag in stands:
        return Markup('<div data-same="{}"></div>').format(etag)
    return Markup("<div{}>{}</div>").format(attributes(told | {"data_etag": etag}), said)


@lru_cache(maxsize=500)
def _written(template: str, words: tuple[tuple[str, Hashable], ...]) -> Markup:
    return Markup(get_template(template).render(dict(words)))  # noqa: S704 — a template of ours


def demonstration() -> bool:
    """Tell whether this instance holds made-up data only; every page says so."""
    return getattr(getattr(settings, "CORDEE", None), "mode", "demonstration") == "demonstration"


@cache
def icon_url(name: str) -> str:
    """Give the address of one drawing of the sprite."""
    return f"{drawing_url('icons.svg')}#icon-{name}"


@cache
def icon_drawing(name: str, label: str | None = None) -> Markup:
    """Draw an icon of the sprite: mute, unless a label is given."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else 'aria-hidden="true"'
    return Markup(
        '<svg class="icon icon--{}" {} focusable="false"><use href="{}"></use></svg>'
    ).format(name, Markup(said), icon_url(name))  # noqa: S704 — ours, and escaped


@cache
def drawing_url(name: str) -> str:
    """Give the address of a file of ours that browsers keep for a year: it changes with it."""
    path = finders.find(name)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:8] if path else "0"
    return f"{static(name)}?v={digest}"


@cache
def assets() -> Markup:
    """Give the tags of the built style and scripts; nothing when the front-end is not built."""
    try:
        tags = DjangoViteAssetLoader.instance().generate_vite_asset(ENTRY)
    except DjangoViteAssetNotFoundError:
        tags = ""
    return Markup(tags)  # noqa: S704 — written by the loader from our own manifest


def attributes(values: Mapping[str, Any]) -> Markup:
    """Write HTML attributes: `hx_post="/x"` is `hx-post="/x"`, True a bare name, None nothing."""
    parts = []
    for key, value in values.items():
        name = key.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(f" {escape(name)}")
        elif value is not None and value is not False:
            # A moment written for the page holds a <time>: an attribute holds words only.
            words = value.striptags() if isinstance(value, Markup) else value
            parts.append(f' {escape(name)}="{escape(words)}"')
    return Markup("".join(parts))  # noqa: S704 — escaped above


def control_attributes(bound: BoundField, hint: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Give the attributes of a form control, tied to its help and to its error for who listens."""
    described = [f"{bound.auto_id}_helptext"] if hint else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    named = {key.rstrip("_").replace("_", "-"): value for key, value in extra.items()}
    if described and not bound.use_fieldset:
        named["aria-describedby"] = " ".join(described)
    return named


@pass_context
def when(context: Context, value: datetime | date | str | None) -> str:
    """Say a moment as people do; the full date is in the title, for doubt and for print."""
    if isinstance(value, str):
        return value
    if not isinstance(value, datetime):
        return day(context, value)
    moment, now = timezone.localtime(value), timezone.localtime(_now(context))
    return _time(
        value.isoformat(), typography.full_moment(moment), typography.said_moment(moment, now)
    )


@pass_context
def when_brief(context: Context, value: datetime | str) -> str:
    """Say a moment where room is short."""
    return value if isinstance(value, str) else brief_time(value, _now(context))


def brief_time(moment: datetime, now: datetime) -> Markup:
    """Say a moment where room is short, with its full date in the title."""
    return brief_time_from_afar(moment, distance(moment, now))


def distance(moment: datetime, now: datetime) -> typography.Distance:
    """Say how far a moment is: all that what `brief_time` says of it owes to `now`."""
    return typography.distance(moment, _local(now))


def same_until(moment: datetime, now: datetime) -> datetime:
    """Until when a moment stays at that distance, no more late nor less: the next whole minute from
    it; where it is an hour away or more, the next whole hour from it, or midnight. On the very
    whole minute, it lasts no longer than that."""
    near = abs(now - moment) < HOUR
    left = (moment - now) % (MINUTE if near else HOUR) or timedelta.resolution
    until = now.astimezone(UTC) + left
    return until if near else min(until, _midnight(now))


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@lru_cache(maxsize=8)
def _midnight(now: datetime) -> datetime:
    """The end of the day of a moment, here."""
    tomorrow = _local(now).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), timezone.get_default_timezone()).astimezone(UTC)


def brief_time_from_afar(moment: datetime, far: typography.Distance) -> Markup:
    """Say a moment where room is short, from a distance."""
    moment = timezone.localtime(moment, timezone.get_default_timezone())
    said = typography.said_from_afar(moment, far, brief=True)
    return _time(moment.isoformat(), typography.full_moment(moment), said)


@lru_cache(maxsize=8)
def _local(now: datetime) -> datetime:
    """The moment of a page, as its fifty lines all ask for it."""
    return timezone.localtime(now, timezone.get_default_timezone())


@pass_context
def begins(context: Context, moment: datetime) -> Markup:
    """Say from when: at once, or from a moment to come."""
    if moment <= _now(context):
        return Markup("dès maintenant")
    start, now = timezone.localtime(moment), timezone.localtime(_now(context))
    whole = typography.is_whole_day(start)
    full = typography.full_day(start.date()) if whole else typography.full_moment(start)
    return _time(moment.isoformat(), full, typography.said_from(start, now))


@pass_context
def day(context: Context, value: datetime | date | None) -> str:
    """Say a day as people do: « hier », « mercredi 18 novembre »."""
    return _said_day(context, value, typography.said_day)


@pass_context
def on(context: Context, value: datetime | date | None) -> str:
    """Say when something was, in a sentence: « hier », « le 3 mars 2024 »."""
    return _said_day(context, value, typography.said_on)


@pass_context
def dated(context: Context, value: datetime | date | None) -> str:
    """Say a day after an article: « (depuis le) 3 mars 2024 », were it today."""
    return _said_day(context, value, lambda day, today: typography.dated(day))


def _said_day(
    context: Context, value: datetime | date | None, say: Callable[[date, date], str]
) -> str:
    if not value:
        return ""
    date_ = timezone.localtime(value).date() if isinstance(value, datetime) else value
    today = timezone.localtime(_now(context)).date()
    return _time(date_.isoformat(), typography.full_day(date_), say(date_, today))


def hour(value: datetime | None) -> str:
    """Say the hour of a moment: « 14:05 »."""
    if not value:
        return ""
    moment = timezone.localtime(value)
    return _time(value.isoformat(), typography.full_moment(moment), typography.said_hour(moment))


def _now(context: Context) -> datetime:
    """The moment of the request; a macro imported without its context reads the clock."""
    request = context.get("request")
    return context.get("now") or getattr(request, "now", None) or timezone.now()


def _time(machine: str, full: str, said: str) -> Markup:
    # Words of ours alone, without a letter to escape: written by thousands on a long page.
    return Markup(f'<time datetime="{machine}" title="{full}">{said}</time>')  # noqa: S704


def _typo(text: Any) -> str:
    if isinstance(text, Markup):
        return Markup(typography.typo(str(text)))  # noqa: S704 — markup in, spaces moved, markup out
    return typography.typo(str(text))
