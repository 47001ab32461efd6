r"""Which pieces of lines a discount is for. Pure.

Fields say it of all lines; of a single product, SKU or collection words behind its name do:
shoe, sku:shoe-42 | 1 each, collection:pc_1 | cheapest | 2 together. What a name itself has between
blanks is written with a backslash: odd \| name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.web.forms import Form
from console.web.offers import EVERY
from console.web.terms import Typed, text

NAME: Final = "applicable_to"
WORDS: Final = {
    EVERY: "every",
    "APPLY_TO_CHEAPEST": "cheapest",
    "APPLY_FROM_CHEAPEST": "from cheapest",
    "APPLY_TO_MOST_EXPENSIVE": "most expensive",
    "APPLY_FROM_MOST_EXPENSIVE": "from most expensive",
}
LIMITS: Final = {"quantity_limit": "each", "aggregated_quantity_limit": "together"}
BETWEEN: Final = " | "
BAR_IN_NAME: Final = re.compile(r"(?<= )(\\*)\|(?= |$)")
WRITTEN_BAR: Final = re.compile(r"(?<= )\\(\\*)\|(?= |$)")
COUNT: Final = re.compile(r"([1-9][0-9]{0,15}) (each|together)")


def read(typed: Typed) -> dict[str, Any]:
    """Return what the API is told of all lines; nothing where all pieces are meant."""
    said: dict[str, Any] = {name: typed.whole(f"{NAME}.{name}") for name in LIMITS}
    if (effect := typed.form.text(f"{NAME}.effect")) != EVERY:
        said["effect"] = effect
    return {name: value for name, value in said.items() if value is not None}


def filled(told: Mapping[str, Any]) -> dict[str, str]:
    limits = {f"{NAME}.{name}": text(told.get(name)) for name in LIMITS}
    return {f"{NAME}.effect": told.get("effect") or EVERY, **limits}


def selections(form: Form) -> Sequence[Option]:
    """Show which lines may be meant, for a menu."""
    chosen = form.one(f"{NAME}.effect") or EVERY
    words = {each: say(f"offers.chosen_{each}") for each in WORDS}
    return [Option(each, word, chosen=each == chosen) for each, word in words.items()]


def are_chosen(form: Form) -> bool:
    """Tell whether a form says which pieces are meant."""
    limited = any(form.one(f"{NAME}.{name}") for name in LIMITS)
    return limited or form.one(f"{NAME}.effect") not in {"", EVERY}


def of_line(line: str) -> tuple[str, dict[str, Any]]:
    """Return what a line names, and which pieces of that; LookupError has what is not known."""
    named, *words = line.split(BETWEEN)
    said: dict[str, Any] = {}
    for word in map(str.strip, words):
        name, value = _option(word)
        if name in said:
            raise LookupError(word)
        said[name] = value
    return WRITTEN_BAR.sub(r"\1|", named.strip()), said


def name_of(target: Mapping[str, Any]) -> str:
    """Write the name of a target so that nothing in it is read as what stands behind it."""
    return BAR_IN_NAME.sub(r"\\\1|", target["id"])


def behind(target: Mapping[str, Any]) -> str:
    """Write what stands behind the name of a target; empty where nothing is said of it."""
    limits = [f"{target[name]} {word}" for name, word in LIMITS.items() if target.get(name)]
    effect = target.get("effect")
    words = limits if effect is None or (effect == EVERY and limits) else [WORDS[effect], *limits]
    return "".join([f"{BETWEEN}{word}" for word in words])


def _option(said: str) -> tuple[str, Any]:
    for selection, word in WORDS.items():
        if said == word:
            return "effect", selection
    if found := COUNT.fullmatch(said):
        [name] = [name for name, word in LIMITS.items() if word == found[2]]
        return name, int(found[1])
    raise LookupError(said)
