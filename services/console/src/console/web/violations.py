"""What a validation rule wanted, of what a refusal says: as a sentence. Pure.

The API says it in its own spelling, which is kept with the refusal: rules change. What cannot be
read stands as it is told.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from console.design.words import say
from console.web import conditions, rules
from console.web.attributes import OF_ITEMS, OF_RULES, Kind, named
from console.web.condition_values import scalar
from console.web.conditions import NOTHING, Conditions, Reader
from console.web.rules import ITEMS, LOGIC

VIOLATED: Final = re.compile(r"(\S+)(?: (.+?))? has to be (.+); violated validation rules: (\S+)")
ASKED: Final = re.compile(r"(\S+)(?: (.+?))? is asked for by the validation rule (\S+)")
NOT: Final = "not: "
PART: Final = re.compile(r"(\$\w+)(?: (.*))?", re.DOTALL)
LIKE: Final = re.compile(r"(order\.items\.\w+)(?: (.+?))? (?=\$)(.+)", re.DOTALL)
WITH: Final = " with "
SEGMENT: Final = "customer.segment"


class Violation(NamedTuple):
    """A condition that did not hold, and the rule that it is of; `wanted` as the API spells it."""

    condition: str
    of_property: str | None
    wanted: str
    rule_id: str


def of_hint(hint: str) -> Violation | None:
    """Read what is told of a refusal; None where it is not about a condition of a rule."""
    found = VIOLATED.fullmatch(hint)
    return None if found is None else Violation(found[1], found[2], found[3], found[4])


def of_passing(would_pass: Mapping[str, Any]) -> Violation | None:
    if not {"rule_id", "condition", "wanted"} <= would_pass.keys():
        return None
    return Violation(
        would_pass["condition"],
        would_pass.get("property"),
        would_pass["wanted"],
        would_pass["rule_id"],
    )


def explained(hint: str, reader: Reader) -> str:
    """Write a hint about a rule as a sentence; any other one stands as it is."""
    if (violation := of_hint(hint)) is not None:
        return say("violations.wanted", what=sentence(violation, reader))
    if (asked := ASKED.fullmatch(hint)) is None:
        return hint
    attribute = named(OF_RULES, asked[1])
    what = asked[1] if attribute is None else say(attribute.words)
    return say("violations.asked", what=f"{what} {asked[2]}" if asked[2] else what)


def sentence(violation: Violation, reader: Reader) -> str:
    """Write what was wanted, turned round where it must not be."""
    wanted, is_not = violation.wanted.removeprefix(NOT), violation.wanted.startswith(NOT)
    text = _wanted(violation._replace(wanted=wanted), reader)
    return say("rules.not", of=text) if is_not else text


def found(violation: Violation, told: Any, reader: Reader) -> str:
    """Write what was found instead, as what was wanted is written."""
    attribute = named(OF_RULES, violation.condition)
    return conditions.value("any" if attribute is None else attribute.kind, told, reader)


def _wanted(violation: Violation, reader: Reader) -> str:
    attribute = named(OF_RULES, violation.condition)
    plain = " ".join(filter(None, (violation.condition, violation.of_property, violation.wanted)))
    if attribute is None:
        return plain
    if attribute.kind == ITEMS:
        return _of_items(violation, reader)
    read = _conditions(attribute.kind, violation.wanted)
    if read is None:
        return plain
    return conditions.sentence(attribute, violation.of_property, read, reader)


def _of_items(violation: Violation, reader: Reader) -> str:
    """Read: not product a or SKU b with order.items.price $more_than 1000."""
    first, *rest = violation.wanted.split(WITH)
    if first.startswith("order.items."):
        first, rest = "", [first, *rest]
    ids = [
        each.removeprefix("product ").removeprefix("SKU ")
        for each in first.removeprefix("not ").split(" or ")
    ]
    operator = "$is_not" if first.startswith("not ") else "$is"
    node = {
        "name": violation.condition,
        "conditions": {operator: ids} if first else {},
        "rules": {str(at): _like(each) for at, each in enumerate(rest)} | {LOGIC: ""},
    }
    return rules.condition(node, reader)


def _like(text: str) -> Mapping[str, Any]:
    if (read := LIKE.fullmatch(text)) is not None:
        attribute = named(OF_ITEMS, read[1])
        asked = None if attribute is None else _conditions(attribute.kind, read[3])
        if asked is not None:
            return {"name": read[1], "property": read[2], "conditions": asked}
    return {"name": text, "conditions": {}}


def _conditions(kind: Kind, text: str) -> Conditions | None:
    """Read: $more_than_equal 5000 and $less_than_equal 9000."""
    read: dict[str, list[Any]] = {}
    for part in re.split(r" and (?=\$)", text):
        if (one := PART.fullmatch(part)) is None:
            return None
        operator, values = one[1], one[2] or ""
        is_text = kind in ("text", "segment", "channel", "moment")
        read[operator] = (
            []
            if operator in NOTHING
            else [each if is_text else scalar(each) for each in values.split(", ")]
        )
    return read
