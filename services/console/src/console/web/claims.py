"""What a redemption took of limits, in words: Redemptions per customer and day, 1. Pure.

The API names a counter by its kind, such as `discount of campaign per day in Europe/Berlin`, and
by whose it is and of which period.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from console.design.words import catalogue, say
from console.format import money, numbers

KIND: Final = re.compile(r"(redemptions|discount|order) of (\w+)(?: per (\w+) in \S+)?")
REDEMPTIONS: Final = "redemptions"


def written(claim: Mapping[str, Any], currency: str) -> tuple[str, str]:
    """Write what was taken, and of what; of a kind that is not known as it is told."""
    kind, amount = claim["kind"], claim["amount"]
    if f"claims.{kind}" in catalogue():
        return say(f"claims.{kind}"), numbers.number(amount)
    read = KIND.fullmatch(kind)
    if read is None or f"limits.whose_{read[2]}_{read[3] or 'ever'}" not in catalogue():
        return kind, " ".join(filter(None, (numbers.number(amount), claim["subject"])))
    what, of, per = read.groups()
    name = say(f"claims.of_{what}", whose=say(f"limits.whose_{of}_{per or 'ever'}"))
    is_use = what == REDEMPTIONS
    took = numbers.number(amount) if is_use else f"{money.money(amount, currency)} {currency}"
    period = claim["subject"].partition(" ")[0] if per else ""
    return name, say("claims.in_period", amount=took, period=period) if period else took
