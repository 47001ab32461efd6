from typing import Any

from contracts.redemptions import RedemptionRequested
from contracts.visits import Visited
from servicekit.kafka import asyncapi


def test_the_page_shows_the_fields_of_each_topic_and_its_dead_letters() -> None:
    topics: dict[str, Any] = {
        "coupons.visits.v1": Visited,
        "coupons.requests.v1": RedemptionRequested,
    }

    page = asyncapi.page("Counterfoil", "group", topics)

    for words in ("Counterfoil", "coupons.visits.v1", "coupons.visits.v1.dlq.group"):
        assert words in page
    for field in (*Visited.model_fields, *RedemptionRequested.model_fields):
        assert field in page
    assert "redeemables" in page
    assert "EmptyPayload" not in page
