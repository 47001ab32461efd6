"""What a campaign's page says of its codes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.pages.campaign import view

LEFT = "Unique codes left to share"


def facts_of(issued: int, unshared: int, only_code: str | None) -> dict[str, str | Sequence[str]]:
    shares = {"whole_campaign": None, "given": 0, "unshared": unshared}
    return dict(view.codes({"vouchers_count": issued}, shares, only_code))


def test_a_public_code_alone_leaves_no_unique_ones_to_share() -> None:
    facts = facts_of(1, 0, "AUTUMN15")
    assert facts["Issued"] == "1"
    assert LEFT not in facts


@pytest.mark.parametrize(
    ("issued", "unshared", "only_code"), [(1, 1, "X7"), (300, 0, None), (300, 300, None)]
)
def test_how_many_unique_codes_are_left_to_share_is_said(
    issued: int, unshared: int, only_code: str | None
) -> None:
    assert facts_of(issued, unshared, only_code)[LEFT] == str(unshared)


def a_job(status: str, done: int, campaign: str | None = "camp_1") -> dict[str, Any]:
    counts = {"wanted_count": 1000, "done_count": done, "stopped": False}
    return {"status": status, "campaign_id": campaign, **counts}


def test_what_jobs_still_make_of_a_campaign_is_counted() -> None:
    running = [a_job("IN_PROGRESS", 300), a_job("ENQUEUED", 0)]
    others = [a_job("DONE", 1000), a_job("ENQUEUED", 0, "camp_2"), a_job("ENQUEUED", 0, None)]

    assert view.making(running + others, "camp_1") == 1700
    assert view.making(others, "camp_1") is None


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"whole_campaign": "shared", "given": 0}, "all of them"),
        (
            {"whole_campaign": "held_back", "given": 0},
            "all of them, held back for now: the partner does not see them",
        ),
        (
            {"whole_campaign": "withdrawn", "given": 0},
            "none: the partner does not see any code of it yet",
        ),
        ({"whole_campaign": None, "given": 1000}, "1,000"),
        ({"whole_campaign": None, "given": 0}, "none: the partner does not see any code of it yet"),
    ],
)
def test_it_is_plain_whether_the_partner_sees_codes(shares: dict[str, Any], said: str) -> None:
    facts = dict(view.codes({"vouchers_count": 1000}, {"unshared": 0, **shares}, None))

    assert facts["Shared with the partner"] == said
    assert (LEFT in facts) == (not said.startswith("all"))


@pytest.mark.parametrize(
    ("per_day", "said"),
    [
        (2.0, "used up on 31 Jan 2026 at this pace"),
        (0.0, "nothing in the last 7 days, net of rollbacks"),
        (-2.0, "nothing in the last 7 days, net of rollbacks"),
        (0.001, "at this pace not within ten years"),
    ],
)
def test_a_limit_is_used_up_in_the_future_or_not_at_all(per_day: float, said: str) -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    assert view._pace(40, 100, {"per_day_7": per_day}, now, ZoneInfo("UTC")) == said
