"""Made-up plans: one under way, with what is late and what is asked, and one talked over."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people import demo as people
from cordee.people.models import CircleMember, Person
from cordee.plans import selectors, services
from cordee.plans.models import Activity, CarePlan, Goal
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.lines import Answer
from cordee.plans.rules.rhythms import civil_day, review_on
from cordee.plans.services import ActionSaid, AlertSaid, DeedSaid, GoalSaid, NeedSaid, Word, Words

BEGAN, AGREED, TALKED = timedelta(days=45), timedelta(days=40), timedelta(days=2)
LIVED = 60  # years: whose plan is talked over


@dataclass(frozen=True)
class Deed:
    """One action: who does it ("" is the person), how often, from how many days ago, paid how, and
    what will show that it is being done."""

    words: str
    role: str = ""
    rhythm: str = "once"
    days_ago: int = 0
    funding: str = ""
    process: str = ""


@dataclass(frozen=True)
class Chapter:
    """A need, the objective that answers it, and its actions."""

    need: NeedSaid
    goal: GoalSaid
    deeds: tuple[Deed, ...]


HER_WORDS = Words(
    wishes="Je veux rester chez moi, avec mon chat, et revoir mes rosiers au printemps. "
    "Qu’on m’explique les choses, et qu’on me laisse faire ce que je peux encore.",
    strengths="Connaît tout le monde au village ; cuisine tous les jours ; sait dire non.",
    resources="Sa fille Jeanne l’appelle chaque soir ; la voisine a les clés.",
    difficulties="Descendre les marches du perron ; la douche, depuis la chute de l’hiver dernier.",
)
HER_PLAN = (
    Chapter(
        NeedSaid("Marche avec peine, peur de retomber", Domain.FUNCTIONAL, "3", "3"),
        GoalSaid(
            "Aller seule jusqu’aux rosiers",
            "person",
            why="« Si je ne vais plus au jardin, je ne suis plus chez moi. »",
            target="Descendre et remonter les trois marches sans aide",
        ),
        (
            Deed(
                "Marcher dix minutes au jardin, ou dans le couloir s’il pleut",
                "",
                "daily",
                39,
                process="Une croix par jour sur le calendrier de la cuisine",
            ),
            Deed(
                "L’aider à la douche et l’accompagner au perron",
                "home_help",
                "weekly",
                -1,
                "apa",
                "Un passage par semaine noté au cahier",
            ),
        ),
    ),
    Chapter(
        NeedSaid("La douche est haute, sans barre d’appui", Domain.HOUSING, "3", "2"),
        GoalSaid(
            "Se doucher sans crainte",
            "together",
            why="Elle se lave au lavabo depuis sa chute",
            target="Une barre posée, une première douche avec l’aide à domicile",
        ),
        (Deed("Demander le passage de l’ergothérapeute", "coordination", "once", 3, "pension"),),
    ),
    Chapter(
        NeedSaid("Des médicaments oubliés le soir", Domain.CLINICAL, "3", "3"),
        GoalSaid("Prendre le traitement du soir chaque jour", "together"),
        (Deed("Préparer le pilulier avec elle", "nurse", "weekly", -2, "sickness"),),
    ),
)
ALERTS = (
    AlertSaid("Elle tombe, ou ne répond pas au téléphone", "Jeanne, sa fille", "+33465719000", 1),
    AlertSaid("Jeanne ne répond pas", "La voisine, qui a les clés", "", 2),
)
OTHER_WORDS = Words(
    wishes="Je veux bien de l’aide pour les courses, pas pour le reste.",
    strengths="Lit le journal chaque matin, répare tout lui-même.",
)
OTHER_PLAN = (
    Chapter(
        NeedSaid("Ne peut plus porter ses courses", Domain.FUNCTIONAL, "2", "3"),
        GoalSaid("Continuer à choisir ce qu’il y a dans le panier", "person"),
        (Deed("Accompagner au marché, le panier porté", "coordination", "weekly", 0, "pension"),),
    ),
)


def load(now: datetime) -> None:
    """Write the plan of Berthe, and another, once."""
    if CarePlan.objects.exists():
        return
    berthe = people.berthe()
    team = people.coordinators_of(berthe) if berthe else []
    if berthe is None or not team:
        return
    hands = [Hand(one, civil_day(now)) for one in team]
    with suppress(DomainError, Forbidden):  # she is not to be followed by them: nothing is made up
        _under_way(hands[0], berthe, now)
    for person in _neighbours(team[0], berthe, now):
        with suppress(DomainError, Forbidden):
            _talked_over(hands[-1], person, now)
            return


def _neighbours(held: Actor, berthe: Person, now: datetime) -> Iterable[Person]:
    """Whom the same structure follows, old enough, and who speak for themselves."""
    circles = CircleMember.objects.current().filter(organization=held.organization_id)
    born = civil_day(now) - timedelta(days=LIVED * 366)
    people = Person.objects.filter(
        pk__in=circles.values("person"), birth_date__lt=born, sex="M", protection="none"
    )
    return people.exclude(pk=berthe.pk).order_by("birth_name", "birth_date", "pk")[:5]


@dataclass(frozen=True)
class Hand:
    """Who writes, and the day from which the days of the plan are counted."""

    actor: Actor
    today: date

    def write(
        self, plan: CarePlan, words: Words, chapters: Iterable[Chapter], now: datetime
    ) -> None:
        """Write her words, then each need with its objective and its actions."""
        said = replace(words, referent_id=self.actor.account_id)
        services.write_words(actor=self.actor, plan=plan, said=said, now=now)
        for one in chapters:
            need = services.write_need(actor=self.actor, plan=plan, said=one.need, now=now)
            goal = services.write_goal(
                actor=self.actor, plan=plan, said=replace(one.goal, need=need), now=now
            )
            for deed in one.deeds:
                if said_so := self._deed(plan, goal, deed):
                    services.write_action(actor=self.actor, plan=plan, said=said_so, now=now)

    def _deed(self, plan: CarePlan, goal: Goal, deed: Deed) -> DeedSaid | None:
        circle = CircleMember.objects.current().filter(person=plan.person_id, role=deed.role)
        member = circle.order_by("pk").first()
        if deed.role and member is None:
            return None
        return DeedSaid(
            words=deed.words,
            goal=goal,
            choice="entrusted" if member else "herself",
            member=member,
            rhythm=deed.rhythm,
            first_on=self.today - timedelta(days=deed.days_ago),
            funding=deed.funding,
            process=deed.process,
        )

    def show(self, plan: CarePlan, decision: Decision, words: str, now: datetime) -> None:
        """Show the plan as it stands, and keep what was said of it."""
        services.propose(actor=self.actor, plan=plan, now=now)
        shown = selectors.shown_of(self.actor, plan)
        if shown is not None:
            word = Word(decision, shown.version.number, shown.digest, words=words)
            services.say(actor=self.actor, plan=plan, word=word, now=now)


def _under_way(hand: Hand, person: Person, now: datetime) -> None:
    plan = services.open_plan(actor=hand.actor, person=person, now=now - BEGAN)
    hand.write(plan, HER_WORDS, HER_PLAN, now - BEGAN)
    for step in ALERTS:
        services.write_alert(actor=hand.actor, plan=plan, said=step, now=now - BEGAN)
    word = "C’est bien ce que j’ai dit. On commence par le jardin."
    hand.show(plan, Decision.AGREED, word, now - AGREED)
    day = review_on(hand.today)
    services.activate(actor=hand.actor, plan=plan, review_on=day, now=now - AGREED)
    _go_on(hand, plan, now)


def _go_on(hand: Hand, plan: CarePlan, now: datetime) -> None:
    """She walks; the home help asks; the call for the shower is late."""
    lines = Activity.objects.filter(plan=plan)
    asks = ActionSaid(Answer.QUESTION, "La douche est-elle à faire avant que la barre soit posée ?")
    for helps in lines.filter(funding="apa"):
        services.answer(actor=hand.actor, activity=helps, said=asks, now=now - TALKED)
    for walks in lines.filter(rhythm="daily"):
        services.do_action(actor=hand.actor, activity=walks, done_on=hand.today, now=now)


def _talked_over(hand: Hand, person: Person, now: datetime) -> None:
    plan = services.open_plan(actor=hand.actor, person=person, now=now - TALKED)
    hand.write(plan, OTHER_WORDS, OTHER_PLAN, now - TALKED)
    word = "Je voudrais en parler avec ma sœur avant de dire oui."
    hand.show(plan, Decision.DISCUSSED, word, now - TALKED)
