"""What a change leaves in the history."""

import asyncpg
import pytest
from kit.campaigns_samples import store_vouchers

from campaigns.actors import Target, actor_of
from campaigns.history import differences
from campaigns.history import verbs as history
from servicekit.postgres.pool import transaction

PARTNER = Target("partner", "part_1", "Blog")


def test_only_what_differs_is_told_and_the_inner_of_what_is_nested() -> None:
    before = {"name": "A", "links": {"deal": 1, "landing": 2}, "same": [1], "count": 1}
    after = {"name": "B", "links": {"deal": 1, "landing": None}, "same": [1], "count": True}

    assert differences.between(before, after) == {
        "name": ["A", "B"],
        "links.landing": [2, None],
        "count": [1, True],
    }


def test_what_was_not_there_before_or_is_no_more_is_null() -> None:
    assert differences.between(None, {"name": "A", "note": None}) == {"name": [None, "A"]}
    assert differences.between({"links": {"deal": 1}}, None) == {"links.deal": [1, None]}


def test_a_secret_is_told_to_have_changed_and_never_what_it_was() -> None:
    changes = differences.between({"app_token": "a", "password": None}, {"app_token": "b"})

    assert changes == {"app_token": ["•••", "•••"]}


async def test_an_entry_is_written_with_the_change_and_never_changed(pool: asyncpg.Pool) -> None:
    await store_vouchers(pool, "proj_a", {})
    actor = actor_of("user_ann", "v-1")

    async with transaction(pool) as conn:
        await history.record(
            conn, "proj_a", actor, "updated", PARTNER, before={"a": 1}, after={"a": 2}
        )
        await history.record(
            conn, "proj_a", actor, "updated", PARTNER, before={"a": 2}, after={"a": 2}
        )

    [row] = await pool.fetch("SELECT * FROM history")
    assert (row["actor"], row["door"], row["request_id"]) == ("user_ann", "user", "v-1")
    assert (row["action"], row["target"], row["name"]) == ("partner.updated", "part_1", "Blog")
    assert row["changes"] == {"a": [1, 2]}
    for rewriting in ("UPDATE history SET actor = 'somebody else'", "DELETE FROM history"):
        with pytest.raises(asyncpg.RaiseError):
            await pool.execute(rewriting)
