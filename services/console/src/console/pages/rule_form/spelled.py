"""What the API says of a rule, with the words of the menus in place of its own names. Pure."""

import re
from typing import Final

from console.design.words import say
from console.web.attributes import OF_ITEMS, OF_RULES
from console.web.operators import OPERATORS

WORDS: Final = {each.name: each.words for each in (*OF_RULES, *OF_ITEMS)} | {
    operator: f"conditions.menu.{operator.removeprefix('$')}"
    for operators in (*OPERATORS.values(), ("$in", "$not_in"))
    for operator in operators
}
# As a program may spell it: it is the same.
ALIASES: Final = {"$less_than_or_equal": "$less_than_equal"}
NAME: Final = re.compile(r"\$?[a-z]\w*(?:\.\w+)*")


def plainly(text: str) -> str:
    """Say it with the words of the menus; a name that none of them has stays."""
    return NAME.sub(_word, text)


def _word(found: re.Match[str]) -> str:
    name = ALIASES.get(found[0], found[0])
    is_name = name.startswith("$") or "." in name  # and no word of the sentence
    return f"“{say(WORDS[name])}”" if is_name and name in WORDS else found[0]
