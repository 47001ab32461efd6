from contracts.visits import Visited
from servicekit.kafka import asyncapi


def test_the_page_shows_the_fields_of_each_topic_and_its_dead_letters() -> None:
    page = asyncapi.page("Counterfoil analytics", "analytics", {"coupons.visits.v1": Visited})

    assert "Counterfoil analytics" in page
    for words in ("coupons.visits.v1", "projectid", "coupons.visits.v1.dlq.analytics"):
        assert words in page
