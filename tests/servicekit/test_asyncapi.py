from typing import Any

from contracts.redemptions import RedemptionFailed, RedemptionRequested, RedemptionSucceeded
from contracts.visits import Visited
from servicekit.kafka import asyncapi, asyncapi_page

READS: dict[str, Any] = {"coupons.visits.v1": Visited, "coupons.requests.v1": RedemptionRequested}
WRITES: dict[str, Any] = {"coupons.redemptions.v1": RedemptionSucceeded | RedemptionFailed}


def test_the_page_shows_the_fields_of_each_topic_and_its_dead_letters() -> None:
    document = asyncapi.document("Counterfoil", "group", READS, WRITES)

    page = asyncapi_page.render(document, "/asyncapi/kit.json")

    for words in (
        "Counterfoil",
        "coupons.visits.v1.dlq.group",
        "/asyncapi/kit.json",
        *READS,
        *WRITES,
    ):
        assert words in page
    for event in (Visited, RedemptionRequested, RedemptionSucceeded, RedemptionFailed):
        for field in event.model_fields:
            assert f"<code>{field}</code>" in page
    assert "EmptyPayload" not in page


def test_the_page_needs_no_other_host_and_no_script() -> None:
    page = asyncapi_page.render(asyncapi.document("Counterfoil", "g", READS, WRITES), "/a.json")

    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_what_the_document_says_is_no_markup() -> None:
    document = asyncapi.document("<b>Bold</b>", "g", READS, {})

    assert "<b>" not in asyncapi_page.render(document, "/a.json")
