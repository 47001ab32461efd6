"""What the page of a rule shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.words import say
from console.format import instants
from console.web import rules
from console.web.conditions import Reader

SHOWN: Final = 20  # who keeps it

Fact = tuple[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class View:
    """One rule; `more` is how many of those that keep it are not named."""

    rule: Mapping[str, Any]
    facts: Sequence[Fact]
    keepers: Sequence[Mapping[str, Any]]  # campaigns and codes
    more: int


def view(
    rule: Mapping[str, Any], keepers: Sequence[Mapping[str, Any]], used: int, reader: Reader
) -> View:
    told: Mapping[str, str | Sequence[str]] = {
        "wants": rules.sentence(rule, reader),
        "told": (rule["error"] or {}).get("message", ""),
        "told_of": [
            say("rules.of_condition", condition=rules.condition(each, reader), message=message)
            for each in rules.nodes(rule["rules"]).values()
            if (message := (each.get("error") or {}).get("message"))
        ],
        "created_at": instants.moment(rule["created_at"], reader.zone),
        "id": rule["id"],
    }
    facts = [(say(f"rules.{name}"), text) for name, text in told.items() if text]
    return View(rule, facts, keepers, used - len(keepers))
