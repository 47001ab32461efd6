"""What the API's schema says of a value, as forms say it. Pure.

All else that the API says is written for people, and stays as it is.
"""

import re
from typing import Final

from console.design.words import say

# What comes to more than the API counts: of money it is written in minor units, so it says nothing.
COUNTED: Final = 2**53 - 1
SAID: Final = (
    (r"Field required", "required"),
    (r"String should have at least 1 character", "required"),
    (r"String should have at least (\d+) characters", "no_shorter"),
    (r"String should have at most (\d+) characters?", "no_longer"),
    (r"\w+ should have at least 1 item after validation, not 0", "one"),
    (r"\w+ should have at most (\d+) items? after validation, not \d+", "no_more"),
    (r"Input should be greater than or equal to (-?\d+)", "at_least"),
    (r"Input should be less than or equal to (-?\d+)", "at_most"),
    (r"Input should be a valid timedelta, .*", "too_much"),
)


def plain(text: str) -> str:
    """Say it as a form does."""
    for pattern, word in SAID:
        if (match := re.fullmatch(pattern, text)) is not None:
            numbers = [int(each) for each in match.groups()]
            if not numbers:
                return say(f"constraints.{word}")
            if numbers[0] >= COUNTED:
                return say("constraints.too_much")
            return say(f"constraints.{word}", n=numbers[0])
    return text
