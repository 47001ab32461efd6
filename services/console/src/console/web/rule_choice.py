"""The rules of a campaign or a code, chosen from menus: one menu a rule, and two more. Pure."""

from collections.abc import Mapping
from typing import Final

from console.design.parts import Option
from console.design.words import say
from console.web.forms import Form

FIELD: Final = "validation_rules"
KIND: Final = "validation-rules"
MOST: Final = 10
SPARE: Final = 2

Menus = tuple[tuple[Option, ...], ...]


def chosen(form: Form) -> list[str]:
    """Return the rules by their ids, each once."""
    return list(dict.fromkeys(each for each in form.many(FIELD) if each))


def shown(form: Form, names: Mapping[str, str]) -> Menus:
    """Return a menu for each rule that is chosen, and empty ones; one that is gone by its id."""
    wanted = chosen(form)
    menus = [*wanted, *([""] * SPARE)][: max(MOST, len(wanted))]
    gone = {each: each for each in wanted if each not in names}
    return tuple(
        (
            Option("", say("rules.no_choice"), not rule),
            *(Option(key, name, key == rule) for key, name in {**names, **gone}.items()),
        )
        for rule in menus
    )
