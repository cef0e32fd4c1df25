"""A response laid over its definition: one node for every line that is on the screen.

Source of the rules of nesting and of « the nearest question »:
https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cordee.assessments.rules.checking import kinds
from cordee.assessments.rules.definition import Constant, Definition, Item, Option, Value
from cordee.assessments.rules.values import Json, read_value, value_out
from cordee.kernel.typography import typo

MAX_INSTANCES = 100
MAX_ANSWERS = 200


@dataclass(eq=False)
class Node:
    """A line, or one instance of a group that repeats."""

    item: Item
    path: str
    level: int
    above: "Node | None"
    rank: int
    answers: list[Constant] = field(default_factory=list)
    under: list["Node"] = field(default_factory=list)
    options: tuple[Option, ...] = ()
    enabled: bool = True
    error: str = ""

    @property
    def lineage(self) -> list["Node"]:
        """Return this node and those above it, nearest first."""
        found: list[Node] = [self]
        while (above := found[-1].above) is not None:
            found.append(above)
        return found

    @property
    def values(self) -> list[Value]:
        """Return the answers, without the element they stand in."""
        return [one.value for one in self.answers]


class Tree:
    """The nodes of a response, in the order of the screen."""

    def __init__(self, definition: Definition, items: Sequence[Mapping[str, Json]]) -> None:
        self.definition = definition
        self.nodes: list[Node] = []
        self.by_link: dict[str, list[Node]] = {}
        self.strays: dict[str, str] = {}
        self.tops: list[Node] = []
        self._grow(definition.items, items, None, self.tops)

    def _grow(
        self,
        items: tuple[Item, ...],
        given: Sequence[Mapping[str, Json]],
        above: Node | None,
        into: list[Node],
    ) -> None:
        said = _by_link(given)
        base = f"{above.path}/" if above else ""
        for item in items:
            found = said.pop(item.link_id, [])
            path = base + item.link_id
            if item.type == "group" and item.repeats:
                if len(found) > MAX_INSTANCES:
                    self.strays[path] = typo(f"{MAX_INSTANCES} fois au plus")
                for number, one in enumerate(found[:MAX_INSTANCES] or [{}]):
                    into.append(self._node(item, f"{path}:{number}", above, one))
                continue
            if len(found) > 1:
                self.strays[path] = "Cette ligne est répondue deux fois."
            into.append(self._node(item, path, above, found[0] if found else {}))
        for link_id in said:
            self.strays[base + link_id] = "Cette question n’est pas dans le questionnaire."

    def _node(self, item: Item, path: str, above: Node | None, said: Mapping[str, Json]) -> Node:
        level = above.level + 1 if above else 0
        node = Node(item, path, level, above, len(self.nodes), options=item.options)
        self.nodes.append(node)
        self.by_link.setdefault(item.link_id, []).append(node)
        given = _objects(said.get("answer"))
        if item.is_question:
            _answer(node, given)
            inside = [one for answer in given for one in _objects(answer.get("item"))]
        elif given:
            self.strays[path] = "Cette ligne n’attend pas de réponse."
            inside = []
        else:
            inside = _objects(said.get("item"))
        self._grow(item.items, inside, node, node.under)
        return node

    def instances(self, node: Node) -> list[Node]:
        """Return the instances of a group that repeats, under the same line."""
        beside = node.above.under if node.above else self.tops
        return [one for one in beside if one.item is node.item]

    def nearest(self, node: Node, link_id: str) -> Node | None:
        """Find the occurrence of a question that counts for `node`: under the same instance first,
        then the last before it, then the first after it."""
        found = self.by_link.get(link_id, [])
        if len(found) < 2:
            return found[0] if found else None
        lineage = {id(one): depth for depth, one in enumerate(node.lineage)}

        def distance(one: Node) -> tuple[int, bool, int]:
            depths = [lineage[id(up)] for up in one.lineage if id(up) in lineage]
            after = one.rank > node.rank
            return (min(depths, default=len(lineage)), after, abs(one.rank - node.rank))

        return min(found, key=distance)


def written(nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """Write the nodes that are enabled and hold something as QuestionnaireResponse.item."""
    found = []
    for node in nodes:
        inside = written(node.under) if node.enabled and node.under else []
        answers: list[dict[str, Any]] = [
            {one.kind: value_out(one.value)} for one in node.answers if node.enabled
        ]
        if inside and node.item.is_question:
            answers = answers or [{}]
            answers[0]["item"] = inside
        if answers:
            found.append({"linkId": node.item.link_id, "answer": answers})
        elif inside:
            found.append({"linkId": node.item.link_id, "item": inside})
    return found


def _by_link(given: Sequence[Mapping[str, Json]]) -> dict[str, list[Mapping[str, Json]]]:
    found: dict[str, list[Mapping[str, Json]]] = {}
    for one in given:
        found.setdefault(str(one.get("linkId", "")), []).append(one)
    return found


def _objects(json: Json) -> list[Mapping[str, Json]]:
    return [one for one in json if isinstance(one, Mapping)] if isinstance(json, list) else []


def _answer(node: Node, given: Sequence[Mapping[str, Json]]) -> None:
    """Read the answers of one question; what is no answer to it is dropped, and said."""
    for said in given[:MAX_ANSWERS]:
        keys = [key for key in said if key != "item"]
        if not keys:
            continue
        try:
            if len(keys) > 1:
                raise ValueError("une seule valeur est attendue")
            constant = read_value(keys[0], said[keys[0]])
        except ValueError as failure:
            node.error = typo(f"Cette réponse est illisible : {failure}.")
            continue
        if node.item.answers_from is None and constant.kind not in kinds(node.item):
            node.error = "Cette réponse n’est pas de la sorte attendue."
        else:
            node.answers.append(constant)
    most = MAX_ANSWERS if node.item.repeats else 1
    if len(given) > most:
        node.error = typo(f"{most} réponses au plus" if most > 1 else "Une seule réponse, ici.")
        del node.answers[most:]
