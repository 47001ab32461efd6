"""What the page of stacking rules shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.design.parts import Option, Tab
from console.design.words import say
from console.pages.settings.stacking.typed import (
    CHOICES,
    GROUPS,
    LIMITS,
    OF_CATEGORIES,
)
from console.web.forms import Form


@dataclass(frozen=True, slots=True)
class View:
    """The rules as they are stored in sentences, and what there is to choose from."""

    tabs: tuple[Tab, ...]
    sentences: Sequence[str]
    choices: Mapping[str, Sequence[Option]]
    groups: Mapping[str, Sequence[Option]]
    of_categories: Sequence[tuple[str, str]]  # the name of a field, and of its category


def view(
    tabs: tuple[Tab, ...], rules: Mapping[str, Any], categories: Mapping[str, str], form: Form
) -> View:
    """`categories` are their names by their ids."""
    return View(
        tabs=tabs,
        sentences=sentences(rules, categories),
        choices={
            name: [Option(each, say(f"stacking.{each}"), each == form.one(name)) for each in values]
            for name, values in CHOICES.items()
        },
        groups={
            name: [Option(key, word, key in form.many(name)) for key, word in categories.items()]
            for name in GROUPS
        },
        of_categories=[(f"{OF_CATEGORIES}.{key}", name) for key, name in categories.items()],
    )


def sentences(rules: Mapping[str, Any], categories: Mapping[str, str]) -> list[str]:
    """Say what becomes of several codes at once."""
    found = [say("stacking.say_limit", n=rules[LIMITS[0]])]
    if rules[LIMITS[1]] < rules[LIMITS[0]]:
        found.append(say("stacking.say_per_category", n=rules[LIMITS[1]]))
    found += [
        say("stacking.say_of_category", n=limit, name=categories.get(key, key))
        for key, limit in rules[OF_CATEGORIES].items()
    ]
    found += [
        say(f"stacking.say_{name}", names=_names(rules[name], categories))
        for name in GROUPS
        if rules[name]
    ]
    if rules["exclusive_categories"]:
        found.append(say("stacking.say_exclusive_limit", n=rules[LIMITS[2]]))
    return found + [say(f"stacking.say_{rules[name]}") for name in CHOICES]


def _names(ids: Sequence[str], categories: Mapping[str, str]) -> str:
    return ", ".join(categories.get(each, each) for each in ids)
