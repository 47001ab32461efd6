import re
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts import ids, topics
from contracts.topics import TOPICS, dead_letters, for_project, project_of, with_dead_letters

REQUESTS = re.compile(topics.REQUEST_TOPICS_PATTERN)
LIVE = topics.REDEMPTION_REQUESTS.name
HISTORY = topics.REDEMPTION_REQUESTS_HISTORY.name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(LIVE, id="live"),
        pytest.param(HISTORY, id="history"),
        pytest.param(for_project(ids.new("proj_")), id="a-vendors-own"),
    ],
)
def test_one_pattern_covers_every_topic_of_requests(name: str) -> None:
    assert REQUESTS.match(name)


@pytest.mark.parametrize("reader", ["redemption", "a", "proj", "proj_x"])
@pytest.mark.parametrize("name", [LIVE, HISTORY, for_project("proj_abc")])
def test_dead_letters_are_never_read_as_requests(name: str, reader: str) -> None:
    assert not REQUESTS.match(dead_letters(name, reader))


@pytest.mark.parametrize(
    "name",
    [
        f"{LIVE}0",
        f"{LIVE}.",
        f"{LIVE}.proj_",
        f"{LIVE}.proj_a.b",
        f"{LIVE}.dlq.redemption",
        f"{HISTORY}.proj_a",
        f"other.{LIVE}",
        "coupons-redemption-requests.v1",
        "coupons.redemptions.v1",
    ],
)
def test_nothing_else_is_a_topic_of_requests(name: str) -> None:
    assert not REQUESTS.match(name)


def test_a_vendors_topic_belongs_to_its_project_alone() -> None:
    assert project_of(for_project("proj_abc")) == "proj_abc"
    assert project_of(LIVE) is None
    assert project_of(HISTORY) is None


def test_a_vendors_topic_is_like_the_shared_one_and_has_its_own_dead_letters() -> None:
    own, aside, _answers = topics.of_project("proj_abc")

    assert own.name == for_project("proj_abc")
    assert own.writer == "proj_abc"  # its vendor
    assert replace(own, name=LIVE, writer="checkout") == topics.REDEMPTION_REQUESTS
    assert (aside.name, aside.partitions) == (dead_letters(own.name, "redemption"), own.partitions)


def test_answers_are_a_projects_own_and_no_requests() -> None:
    *_, answers = topics.of_project("proj_abc")

    assert (
        answers.name == topics.answers_for("proj_abc") == "coupons.redemption-answers.v1.proj_abc"
    )
    assert (answers.writer, answers.readers) == ("redemption", ())  # so it has no dead letters
    assert not REQUESTS.match(answers.name)
    assert topics.REDEMPTION_ANSWERS not in TOPICS  # a project's that nobody asked for is not there


def test_every_reader_has_a_dead_letter_topic_with_the_same_partitions() -> None:
    by_name = {topic.name: topic for topic in with_dead_letters()}

    for topic in TOPICS:
        for reader in topic.readers:
            aside = by_name[dead_letters(topic.name, reader)]
            assert aside.partitions == topic.partitions
            assert aside.kept == timedelta(days=30)
    assert len(by_name) == len(with_dead_letters())


def test_live_requests_are_stamped_by_the_broker_and_the_past_by_its_importer() -> None:
    assert topics.REDEMPTION_REQUESTS.timestamps == "LogAppendTime"
    assert topics.REDEMPTION_REQUESTS_HISTORY.timestamps == "CreateTime"


def test_the_past_is_one_partition_and_never_expires_by_its_old_timestamps() -> None:
    assert topics.REDEMPTION_REQUESTS_HISTORY.partitions == 1
    assert topics.REDEMPTION_REQUESTS_HISTORY.kept == topics.FOREVER
    assert topics.FOREVER // timedelta(milliseconds=1) == -1


def test_snapshots_are_compacted_and_facts_are_not() -> None:
    compacted = {topic.name for topic in TOPICS if topic.cleanup_policy == "compact"}

    snapshots = (topics.PROJECTS, topics.CAMPAIGNS, topics.VOUCHERS, topics.SEGMENTS)
    assert compacted == {topic.name for topic in snapshots}
