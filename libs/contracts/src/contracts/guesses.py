"""Guesses: how many wrong codes a project bears, and how many more were refused unlooked at."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.event import Event, Identifier, Model
from contracts.instants import Instant
from contracts.money import Count

LONGEST_WINDOW_SECONDS = 3_600
MOST_IN_A_WINDOW = 100_000

WindowSeconds = Annotated[int, Field(strict=True, ge=1, le=LONGEST_WINDOW_SECONDS)]
Wrong = Annotated[int, Field(strict=True, ge=1, le=MOST_IN_A_WINDOW)]


class GuessLimits(Model):
    """How many wrong codes may come within any window of so many seconds; None is "any number"."""

    window_seconds: WindowSeconds = 60
    per_customer: Wrong | None = 10
    per_address: Wrong | None = 120
    per_key: Wrong | None = 600


# `customer`, `address` or `key`; readers bear one that only a newer writer knows.
LimitKey = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]


class RefusedGuesses(Model):
    """So many requests of one minute that were refused unread, because `limit` was passed.

    `caller` is the API key or the topic that they came by. A process tells what it refused since it
    last told: a minute's figure is the sum of its events, each of which counts once, by its id.
    """

    minute: Instant
    limit: LimitKey
    caller: Identifier
    count: Count


class GuessesRefused(Event):
    """`time` is when it was told, `id` is new with each; the subject is the caller."""

    type: Literal["coupons.guesses.refused.v1"] = "coupons.guesses.refused.v1"
    data: RefusedGuesses
