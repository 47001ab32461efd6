"""Keys in memory: the newest snapshot of a project says which are in force."""

import pytest
from kit.analytics_samples import SECRET_DIGEST, a_key, a_project, a_record

from analytics.keys import Caller, ProjectKeys
from contracts import topics
from contracts.event import Event
from contracts.projects import ApiKey
from servicekit.http.errors import ApiError

TOPIC = topics.PROJECTS.name


def project_keys(*snapshots: Event | bytes | None) -> ProjectKeys:
    keys = ProjectKeys()
    for offset, snapshot in enumerate(snapshots):
        keys.take(a_record(TOPIC, snapshot, offset=offset))
    keys.freshness.caught_up.set()
    return keys


def a_snapshot(version: int, *keys: ApiKey, **more: str) -> Event:
    return a_project(version=version, keys=keys, **more)


async def test_a_key_is_its_projects_with_its_clock_and_scopes() -> None:
    keys = project_keys(a_snapshot(1, a_key("key_a", "reports", "campaigns")))

    known = (await keys.in_force()).keys["key_a"]

    assert known.digest.hex() == SECRET_DIGEST
    assert known.caller == Caller(
        "proj_1", "Europe/Berlin", frozenset({"reports", "campaigns"}), "EUR", "key_a"
    )


async def test_a_scope_that_only_a_newer_writer_knows_opens_nothing_and_closes_nothing() -> None:
    keys = project_keys(a_snapshot(1, a_key("key_a", "reports", "time_travel")))
    assert (await keys.in_force()).keys["key_a"].caller.scopes == {"reports", "time_travel"}


async def test_every_change_can_be_told_by_the_stamp() -> None:
    keys = project_keys(a_snapshot(1))
    before = await keys.stamp()
    keys.take(a_record(TOPIC, a_snapshot(1)))
    assert await keys.stamp() == before

    keys.take(a_record(TOPIC, a_snapshot(2, a_key("key_new"))))

    assert await keys.stamp() != before
    assert set((await keys.in_force()).keys) == {"key_new"}


async def test_a_revoked_key_is_gone_and_its_neighbours_stay() -> None:
    keys = project_keys(
        a_snapshot(1, a_key("key_a"), a_key("key_b")),
        a_snapshot(1, a_key("key_of_another"), id="proj_2"),
        a_snapshot(2, a_key("key_b")),
    )
    assert set((await keys.in_force()).keys) == {"key_b", "key_of_another"}


async def test_a_key_id_that_another_project_has_stays_where_it_is_and_stops_nothing() -> None:
    shared = a_key("key_shared")
    keys = project_keys(a_snapshot(1, shared), a_snapshot(1, shared, shared, id="proj_2"))
    assert (await keys.in_force()).keys["key_shared"].caller.project_id == "proj_1"

    for version, project in [(2, "proj_1"), (2, "proj_2")]:
        keys.take(a_record(TOPIC, a_snapshot(version, id=project)))

    assert set((await keys.in_force()).keys) == set()


async def test_an_id_that_stands_twice_is_revoked_like_any_other() -> None:
    twice = a_snapshot(1, a_key("key_a"), a_key("key_a"))
    keys = project_keys(twice, a_snapshot(2, a_key("key_b")))
    assert set((await keys.in_force()).keys) == {"key_b"}


async def test_an_old_version_that_comes_late_brings_no_revoked_key_back() -> None:
    keys = project_keys(a_snapshot(3, a_key("key_b")), a_snapshot(2, a_key("key_a")))
    assert set((await keys.in_force()).keys) == {"key_b"}


@pytest.mark.parametrize("unreadable", [None, b"{", b'{"type": "coupons.project.changed.v2"}'])
async def test_what_nobody_can_read_changes_nothing(unreadable: bytes | None) -> None:
    keys = project_keys(a_snapshot(1, a_key("key_a")), unreadable)
    assert set((await keys.in_force()).keys) == {"key_a"}


async def test_until_every_key_has_been_read_the_answer_is_to_come_back() -> None:
    with pytest.raises(ApiError) as refused:
        await ProjectKeys().stamp()
    assert refused.value.status_code == 503
    assert "Retry-After" in (refused.value.headers or {})
