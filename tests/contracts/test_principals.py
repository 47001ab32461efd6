"""What is granted, spelt out: whoever grants more has to say so here."""

import pytest

from contracts import ids, topics
from contracts.principals import (
    ANALYTICS,
    CAMPAIGNS,
    CHECKOUT,
    IMPORTER,
    PRINCIPALS,
    REDEMPTION,
    SERVICES,
    Operation,
    rights,
)

DECLARED = rights(topics.with_dead_letters())
SNAPSHOTS = [topics.PROJECTS, topics.CAMPAIGNS, topics.VOUCHERS]


def who_may(operation: Operation, name: str) -> set[str]:
    return {
        each.principal
        for each in DECLARED
        if (each.operation, each.resource, each.name) == (operation, "topic", name)
    }


@pytest.mark.parametrize("topic", SNAPSHOTS, ids=lambda topic: topic.name)
def test_snapshots_are_campaigns_own_word(topic: topics.Topic) -> None:
    """Whoever wrote them could make a key of anybody's project."""
    assert who_may("WRITE", topic.name) == {CAMPAIGNS}


def test_outcomes_and_what_is_in_force_are_redemptions_own_word() -> None:
    for topic in (topics.REDEMPTIONS, topics.APPLIED):
        assert who_may("WRITE", topic.name) == {REDEMPTION}


def test_the_past_is_brought_by_importers_alone_and_they_see_nothing() -> None:
    assert who_may("WRITE", topics.REDEMPTION_REQUESTS_HISTORY.name) == {IMPORTER}
    assert len([each for each in DECLARED if each.principal == IMPORTER]) == 1


def test_a_checkout_asks_and_reads_outcomes() -> None:
    assert who_may("WRITE", topics.REDEMPTION_REQUESTS.name) == {CHECKOUT}
    assert {each.name for each in DECLARED if each.principal == CHECKOUT} == {
        topics.REDEMPTION_REQUESTS.name,
        topics.ORDERS.name,
        topics.REDEMPTIONS.name,
        CHECKOUT,  # its groups
    }


def test_requests_are_read_by_redemption_alone() -> None:
    for topic in (topics.REDEMPTION_REQUESTS, topics.REDEMPTION_REQUESTS_HISTORY):
        assert who_may("READ", topic.name) == {REDEMPTION}


def test_a_vendor_writes_its_own_requests_reads_its_own_answers_and_may_nothing_else() -> None:
    project_id = ids.new("proj_")
    found = rights(topics.of_project(project_id))

    answers = topics.answers_for(project_id)
    assert {each[1:] for each in found if each.principal == project_id} == {
        ("WRITE", "topic", topics.for_project(project_id), "literal"),
        ("READ", "topic", answers, "literal"),
        ("READ", "group", project_id, "prefixed"),
    }
    assert {each.principal for each in found if each.name == answers} == {
        project_id,
        REDEMPTION,
        CHECKOUT,
    }
    assert [e.principal for e in found if (e.operation, e.name) == ("WRITE", answers)] == [
        REDEMPTION
    ]
    assert {each.principal for each in found} == {project_id, REDEMPTION, CHECKOUT}


def test_dead_letters_are_written_by_the_service_that_gave_up_and_read_by_the_operator() -> None:
    for topic in topics.with_dead_letters():
        if ".dlq." in topic.name:
            assert who_may("WRITE", topic.name) == {topic.name.rpartition(".")[2]}
            assert who_may("READ", topic.name) == set()


def test_no_prefixed_right_reaches_into_what_belongs_to_another() -> None:
    prefixed = [each for each in DECLARED if each.pattern == "prefixed"]

    assert {each.resource for each in prefixed} == {"group"}
    assert {each.name for each in prefixed} == {CHECKOUT, CAMPAIGNS, REDEMPTION, ANALYTICS}
    for right in prefixed:
        assert [each for each in PRINCIPALS if each.startswith(right.name)] == [right.principal]


def test_writers_and_readers_are_principals() -> None:
    for topic in topics.TOPICS:
        assert topic.writer in PRINCIPALS
        assert {*topic.readers} <= {*SERVICES}
        assert {*topic.onlookers} <= {*PRINCIPALS}
