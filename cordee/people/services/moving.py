"""Giving what hangs from one record to another, row by row, written down so as to be put back.

Every table that points at a person is found from its foreign key, whatever its room: none can be
forgotten.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Field, ForeignKey, Model, Q, QuerySet, UniqueConstraint
from psycopg.errors import LockNotAvailable

from cordee.access.records import Record
from cordee.directory.selectors import is_member
from cordee.kernel.errors import DomainError
from cordee.people.models import (
    Candidate,
    CircleMember,
    EmergencyGrant,
    EmergencyOpposition,
    HintChoice,
    HospitalStay,
    Merge,
    MergeStep,
    Person,
    PersonAccount,
    Processing,
    Relative,
    Sharing,
)
from cordee.people.rules import merging
from cordee.people.rules.stays import brought_together

NOT_MOVED = (Candidate, Merge)  # they speak of the pair itself
MAY_STAY = (
    *(CircleMember, EmergencyGrant, EmergencyOpposition, HintChoice, HospitalStay),
    *(PersonAccount, Processing, Sharing),
)
REFUSALS = (
    (Sharing, Q(choice__in=merging.REFUSALS)),
    (Processing, Q(will__in=merging.REFUSALS)),
    (EmergencyOpposition, Q(opposed=True)),
)
# What one word of each kind is about: the next word on it ends the one before.
ABOUT: dict[type[Model], tuple[str, ...]] = {
    Sharing: ("category", "audience", "medium"),
    Processing: ("purpose",),
    EmergencyOpposition: (),
}
WHO = ("practitioner_id", "organization_id", "account_id")


def hanging() -> list[tuple[type[Model], str]]:
    """List the tables and columns that point at a person, upper rooms first."""
    found = [
        (model, column.name)
        for model in apps.get_models()
        if model not in NOT_MOVED and model._meta.managed
        for column in model._meta.concrete_fields
        if isinstance(column, ForeignKey) and column.related_model is Person
    ]
    return found[::-1]


YIELDS_AFTER, TRIES = 300, 20  # milliseconds, under the second after which PostgreSQL looks itself


def lock_all(one: UUID, other: UUID) -> None:
    """Lock what hangs from two records, then the records, giving way to whoever writes meanwhile.

    Most gestures hold a row, then its person; some hold the person, then write what hangs from
    her: those would wait for a merge that waits for them. The merge lets go of everything after a
    moment and begins again. Raises DomainError (people.busy): its turn never came.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                _wait_at_most(f"{YIELDS_AFTER}ms")
                _lock_once(one, other)
                _wait_at_most("0")
                return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
    raise DomainError(
        "people.busy",
        "Quelqu’un écrit en ce moment sur l’une de ces deux fiches. Rien n’a été modifié\u00a0; "
        "recommencez dans un instant.",
    )


def _wait_at_most(long: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [long])


def _lock_once(one: UUID, other: UUID) -> None:
    for model, column in hanging():
        if model is not Person:
            rows = model._base_manager.filter(**{f"{column}__in": (one, other)})
            list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    persons = Person.objects.filter(pk__in=(one, other)).select_for_update(of=("self",))
    list(persons.order_by("pk").values_list("pk", flat=True))


def _dated(model: type[Model], now: datetime) -> dict[str, Any]:
    return {"updated_at": now} if issubclass(model, Record) else {}


@dataclass
class Journal:
    """What one merge changes, in order."""

    merge: Merge
    now: datetime
    steps: list[MergeStep] = field(default_factory=list)

    def change(self, row: Model, **after: Any) -> None:
        """Change columns of a row, and remember what they held."""
        before = {name: getattr(row, name) for name in after}
        if before == after:
            return
        self._remember(row, before, after)
        type(row)._base_manager.filter(pk=row.pk).update(**after, **_dated(type(row), self.now))

    def move(self, rows: list[Model], column: str, kept: UUID) -> None:
        """Give rows to the kept record."""
        if not rows:
            return
        for row in rows:
            self._remember(row, {column: getattr(row, column)}, {column: kept})
        model = type(rows[0])
        moved = {column: kept, **_dated(model, self.now)}
        model._base_manager.filter(pk__in=[row.pk for row in rows]).update(**moved)

    def _remember(self, row: Model, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.steps.append(
            MergeStep(
                merge=self.merge,
                order=len(self.steps),
                table=row._meta.db_table,
                row=row.pk,
                before={name: _plain(value) for name, value in before.items()},
                after={name: _plain(value) for name, value in after.items()},
            )
        )

    def write(self) -> None:
        """Keep the steps."""
        MergeStep.objects.bulk_create(self.steps)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def move_everything(journal: Journal, kept: UUID, absorbed: UUID) -> None:
    """Give all that hangs from the absorbed record to the kept one.

    What both have and only one may have stays where it was. Raises DomainError
    (people.merge_in_conflict) when that would hide something under way.
    """
    _let_the_stricter_word_win(journal, kept, absorbed)
    _let_the_hint_need_both(journal, kept, absorbed)
    _settle_the_circle(journal, kept, absorbed)
    _bring_stays_together(journal, kept, absorbed)
    for relative in Relative.objects.filter(person=absorbed, is_trusted=True, ended_at=None):
        if Relative.objects.filter(person=kept, is_trusted=True, ended_at=None).exists():
            journal.change(relative, is_trusted=False)
    for model, column in hanging():
        held = _held_back(model, column, kept, absorbed)
        if held:
            _refuse_to_hide(model, held - _left_by_their_author(model, held, journal.now), kept)
        rows = model._base_manager.filter(**{column: absorbed}).exclude(pk__in=held).order_by("pk")
        journal.move(list(rows), f"{column}_id", kept)


def _held_back(model: type[Model], column: str, kept: UUID, absorbed: UUID) -> set[UUID]:
    """Find the rows that a unique promise keeps from moving."""
    held: set[UUID] = set()
    for promise in model._meta.constraints:
        if not isinstance(promise, UniqueConstraint) or column not in promise.fields:
            continue
        names = [name for name in promise.fields if name != column]
        held |= _alike(model, promise.condition or Q(), names, ({column: kept}, {column: absorbed}))
    return held


def _alike(
    model: type[Model], condition: Q, names: list[str], sides: tuple[dict[str, UUID], ...]
) -> set[UUID]:
    mine, theirs = (
        {
            row[0]: row[1:]
            for row in model._base_manager.filter(condition, **side).values_list("pk", *names)
        }
        for side in sides
    )
    taken = {cells for cells in mine.values() if None not in cells}
    return {pk for pk, cells in theirs.items() if cells in taken}


def _left_by_their_author(model: type[Model], held: set[UUID], now: datetime) -> set[UUID]:
    """What its author alone may read, and works there no more, hides nothing by staying where it
    was: it is put back with its record, and goes with it."""
    if not getattr(model, "is_its_author_s_alone", False):
        return set()
    rows: Any = model._base_manager.filter(pk__in=held).select_related("author")
    return {
        row.pk
        for row in rows
        if not row.author.is_active
        or (row.organization_id and not is_member(row.author_id, row.organization_id, now))
    }


def _refuse_to_hide(model: type[Model], held: set[UUID], kept: UUID) -> None:
    two_spaces = model is PersonAccount and (
        PersonAccount.objects.filter(pk__in=held, relative=None)
        .exclude(
            account__in=PersonAccount.objects.filter(person=kept, until=None).values("account")
        )
        .exists()
    )
    if held and (model not in MAY_STAY or two_spaces):
        raise DomainError(
            "people.merge_in_conflict",
            f"Les deux fiches ont chacune la même chose en cours ({model._meta.verbose_name}). "
            "Rien n’a été modifié : terminez-en une, puis réunissez les fiches.",
        )


def _let_the_stricter_word_win(journal: Journal, kept: UUID, absorbed: UUID) -> None:
    """End the word of the kept record where the other one shuts more: it then moves in."""
    for model, word in ((Sharing, "choice"), (Processing, "will")):
        for theirs in model.objects.current().filter(person=absorbed).order_by("pk"):
            same = {name: getattr(theirs, name) for name in ABOUT[model]}
            mine = model.objects.current().filter(person=kept, **same).first()
            if mine and merging.is_stricter(getattr(theirs, word), getattr(mine, word)):
                journal.change(mine, until=max(journal.now, mine.since))


def _let_the_hint_need_both(journal: Journal, kept: UUID, absorbed: UUID) -> None:
    """What one record alone allows to be said is not said of both: its word ends."""
    words = [HintChoice.objects.current().filter(person=side).first() for side in (kept, absorbed)]
    if not all(word and word.allowed for word in words):
        for word in words:
            if word and word.allowed:
                journal.change(word, until=max(journal.now, word.since))


def _settle_the_circle(journal: Journal, kept: UUID, absorbed: UUID) -> None:
    """One usual nurse, one doctor, one reference: the kept record’s, else the other’s."""
    for theirs in _circle(absorbed).order_by("pk"):
        mine = _same_member(_circle(kept), theirs)
        others = _circle(kept).exclude(pk=mine.pk) if mine else _circle(kept)
        free = {
            "is_usual_nurse": not others.filter(is_usual_nurse=True).exists(),
            "is_reference": not others.filter(is_reference=True).exists(),
            "role": not others.filter(role=CircleMember.Role.GP).exists(),
        }
        if mine is None:
            role = theirs.role
            if role == CircleMember.Role.GP and not free["role"]:
                role = CircleMember.Role.DOCTOR
            journal.change(
                theirs,
                is_usual_nurse=theirs.is_usual_nurse and free["is_usual_nurse"],
                is_reference=theirs.is_reference and free["is_reference"],
                role=role,
            )
            continue
        is_gp = theirs.role == CircleMember.Role.GP and free["role"]
        journal.change(
            mine,
            is_usual_nurse=mine.is_usual_nurse
            or (theirs.is_usual_nurse and free["is_usual_nurse"]),
            is_reference=mine.is_reference or (theirs.is_reference and free["is_reference"]),
            role=theirs.role if is_gp else mine.role,
            ground=mine.ground or theirs.ground,
        )


def _bring_stays_together(journal: Journal, kept: UUID, absorbed: UUID) -> None:
    """In hospital by both records, she is there once: since the first entry that was told."""
    mine, theirs = (
        HospitalStay.objects.going_on().filter(person=side).first() for side in (kept, absorbed)
    )
    if mine and theirs:
        one = brought_together(mine.told, theirs.told)
        journal.change(
            mine,
            entered_at=one.entered_at,
            said_again_at=one.said_again_at,
            organization_id=one.place,
        )


def _circle(person: UUID) -> QuerySet[CircleMember]:
    return CircleMember.objects.current().filter(person=person)


def _same_member(circle: QuerySet[CircleMember], member: CircleMember) -> CircleMember | None:
    for name in WHO:
        if value := getattr(member, name):
            return circle.filter(**{name: value}).first()
    return None


def put_back(merge: Merge, now: datetime) -> int:
    """Undo each step, the last first; what was changed again since then stays as it is now, but for
    what either person had refused, which stands again.

    Returns how many changes were not put back. Raises DomainError (people.identity).
    """
    tables = {model._meta.db_table: model for model in apps.get_models() if model._meta.managed}
    left = 0
    for step in merge.steps.order_by("-order", "-pk"):
        is_person = step.row == merge.survivor_id and tables[step.table] is Person
        is_whole = _part_person(step, now) if is_person else _undo(tables[step.table], step, now)
        left += not is_whole
    _let_refusals_stand(merge, now)
    return left


def _part_person(step: MergeStep, now: datetime) -> bool:
    """Give the kept record its own traits back, in groups: a column alone would leave her with half
    of somebody else’s."""
    are = merging.columns_of(Person.objects.get(pk=step.row))
    before, after = (are | _read(Person, told) for told in (step.before, step.after))
    columns = merging.parted(before, after, are)
    try:
        with transaction.atomic():
            Person.objects.filter(pk=step.row).update(**columns, **_dated(Person, now))
    except IntegrityError as error:
        raise DomainError(
            "people.identity",
            "Les traits d’avant la réunion et ce qui a été corrigé depuis ne vont plus ensemble "
            "(un décès avant la naissance, par exemple). Rien n’a été modifié\u00a0: corrigez la "
            "fiche, puis annulez de nouveau.",
        ) from error
    changed = columns.keys() - {"ins_status"}
    return all(columns[name] == before[name] for name in changed if before[name] != after[name])


def _let_refusals_stand(merge: Merge, now: datetime) -> None:
    for model, refusal in REFUSALS:
        moved = merge.steps.filter(table=model._meta.db_table).values("row")
        theirs = model.objects.filter(refusal, pk__in=moved, person=merge.absorbed_id)
        theirs.filter(until__gt=merge.merged_at).update(until=None, updated_at=now)
        mine = model.objects.filter(refusal, person=merge.survivor_id).exclude(pk__in=moved)
        said = mine.filter(since__lte=merge.merged_at, until__gt=merge.merged_at)
        for word in said.order_by("pk"):
            _say_again(word, refusal, now)


def _say_again(word: Sharing | Processing | EmergencyOpposition, refusal: Q, now: datetime) -> None:
    """Write a refusal of the kept record once more; what was said since on the same thing ends."""
    model: Any = type(word)
    same = {name: getattr(word, name) for name in ABOUT[model]}
    standing = model.objects.current().filter(person=word.person_id, **same)
    if standing.filter(refusal).exists():
        return
    for since in standing:
        model.objects.filter(pk=since.pk).update(until=max(now, since.since), updated_at=now)
    told = model.privacy.columns()
    columns = [one.attname for one in model._meta.concrete_fields if one.name in told]
    again = {name: getattr(word, name) for name in columns} | {"since": now, "until": None}
    model(**again).save(force_insert=True)


def _undo(model: type[Model], step: MergeStep, now: datetime) -> bool:
    row = model._base_manager.filter(pk=step.row).first()
    if row is None:
        return False
    held = {name for name in step.after if _plain(getattr(row, name)) == step.after[name]}
    before = _read(model, {name: step.before[name] for name in step.before if name in held})
    try:
        with transaction.atomic():
            if before:
                model._base_manager.filter(pk=row.pk).update(**before, **_dated(model, now))
    except IntegrityError:  # another word was said since: it holds
        return False
    return len(before) == len(step.before)


def _read(model: type[Model], told: dict[str, Any]) -> dict[str, Any]:
    """Read again what a step keeps as JSON: the inverse of `_plain`."""
    return {
        name: cast("Field[Any, Any]", model._meta.get_field(name)).to_python(value)
        for name, value in told.items()
    }
