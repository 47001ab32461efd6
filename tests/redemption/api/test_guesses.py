"""Guessing over HTTP: past the limit nothing is tried, and the refusals are told as counts."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from kit import outboxes
from kit.redemption_deciders import service_pool
from kit.redemption_http import a_body, a_key, proof, serving
from kit.redemption_samples import (
    CODE,
    a_request,
    campaign_changed,
    project_changed,
    voucher_changed,
)

from contracts import topics
from contracts.guesses import GuessesRefused, GuessLimits
from contracts.stacking import StackingRules
from redemption.applying import snapshots
from redemption.guesses.counting import Guesses
from redemption.guesses.telling import Teller
from redemption.metrics import Metrics

LIMITS = GuessLimits(window_seconds=600, per_customer=3, per_address=20, per_key=10)


@pytest.fixture
async def few_guesses_db(redemption_db: str, pool: asyncpg.Pool) -> str:
    """A database with a project that bears few wrong codes."""
    keys = (a_key("key_a", "redemptions"), a_key("another", "redemptions"))
    project = project_changed("proj_a", 1, *keys, guess_limits=LIMITS)
    await snapshots.apply(pool, [project, campaign_changed(), voucher_changed()])
    return redemption_db


@pytest.fixture
async def client(few_guesses_db: str) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(few_guesses_db) as client:
        yield client


def a_guess(customer: str | None = None) -> dict[str, object]:
    return a_body("WRONG") | ({} if customer is None else {"customer": {"source_id": customer}})


async def rows(pool: asyncpg.Pool, table: str) -> int:
    count: int = await pool.fetchval(f"SELECT count(*) FROM {table}")
    return count


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_past_the_limit_a_customer_has_to_wait_and_nothing_is_written(
    client: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    for _ in range(3):
        assert (await client.post(path, json=a_guess("c"))).status_code in {200, 404}
    before = await rows(pool, "ledger"), await rows(pool, "outbox")

    answer = await client.post(path, json=a_guess("c"))
    right = await client.post(path, json=a_body() | {"customer": {"source_id": "c"}})
    other = await client.post(path, json=a_body() | {"customer": {"source_id": "d"}})

    assert (answer.status_code, answer.json()["key"]) == (429, "too_many_requests")
    assert answer.json()["details"] == "too many wrong codes of this customer: nothing was tried"
    assert 590 <= int(answer.headers["Retry-After"]) <= 600
    assert right.status_code == 429  # or one could go on guessing
    assert other.status_code == 200
    redeemed = 1 if path == "/v1/redemptions" else 0
    assert (await rows(pool, "ledger"), await rows(pool, "outbox")) == (
        before[0] + redeemed,
        before[1] + redeemed,
    )


async def test_two_thousand_wrong_codes_leave_as_many_rows_as_are_allowed(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    statuses = [
        (await client.post("/v1/redemptions", json=a_guess())).status_code for _ in range(200)
    ]

    assert statuses.count(404) == 10
    assert statuses.count(429) == 190
    assert await rows(pool, "ledger") == 10


async def test_to_look_up_codes_that_nobody_issued_is_guessing(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    keys = (a_key("key_a", "redemptions"), a_key("reads", "redemptions", "campaigns_read"))
    await snapshots.apply(pool, [project_changed("proj_a", 2, *keys, guess_limits=LIMITS)])

    statuses = [
        (await client.get(f"/v1/vouchers/WRONG-{n}/redemption")).status_code for n in range(12)
    ]
    right = await client.get(f"/v1/vouchers/{CODE}/redemption")
    redeemed = await client.post("/v1/redemptions", json=a_body("WRONG"))
    knows = await client.get("/v1/vouchers/WRONG/redemption", headers=proof("reads"))

    assert statuses == [404] * 10 + [429] * 2
    assert (right.status_code, redeemed.status_code) == (429, 429)
    assert knows.status_code == 404


async def test_an_address_is_limited_whatever_keys_it_has(client: httpx.AsyncClient) -> None:
    statuses = []
    for key in ("key_a", "another"):
        headers = proof(key)
        for _ in range(10):
            answer = await client.post("/v1/validations", json=a_guess(), headers=headers)
            statuses.append(answer.status_code)

    third = await client.post("/v1/validations", json=a_guess("c"), headers=proof("another"))

    assert set(statuses) == {200}
    assert third.status_code == 429
    assert "of this address" in third.json()["details"]


async def test_guesses_as_of_other_moments_count_when_they_come(client: httpx.AsyncClient) -> None:
    days = [f"2028-11-{day:02d}T12:00:00Z" for day in range(1, 7)]
    statuses = [
        (await client.post("/v1/validations", json=a_guess("c") | {"at": at})).status_code
        for at in days
    ]

    assert statuses == [200] * 3 + [429] * 3


async def test_an_answer_that_is_given_again_is_no_guess(client: httpx.AsyncClient) -> None:
    for _ in range(20):
        answer = await client.post(
            "/v1/redemptions", json=a_guess("c"), headers={"Idempotency-Key": "1"}
        )
        assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_each_wrong_code_of_a_stack_counts_whatever_was_refused_first(
    client: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    await snapshots.apply(pool, [voucher_changed("OFF", active=False)])
    stack = a_body("OFF", "WRONG-1", "WRONG-2", customer={"source_id": "c"})

    first = await client.post(path, json=stack)
    third = await client.post(path, json=a_guess("c"))
    fourth = await client.post(path, json=a_guess("c"))

    assert "not_found" not in first.text
    assert third.status_code in {200, 404}
    assert fourth.status_code == 429


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_wrong_codes_beside_a_right_one_that_applies_count_too(
    client: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    key, partly = a_key("key_a", "redemptions"), StackingRules(mode="PARTIAL")
    project = project_changed("proj_a", 2, key, guess_limits=LIMITS, stacking=partly)
    await snapshots.apply(pool, [project])
    customer = {"source_id": "c"}

    first = await client.post(path, json=a_body(CODE, "WRONG-1", "WRONG-2", customer=customer))
    all_are_right = await client.post(path, json=a_body(CODE, customer=customer))
    third = await client.post(path, json=a_body(CODE, "WRONG-3", customer=customer))
    fourth = await client.post(path, json=a_body(CODE, "WRONG-4", customer=customer))

    statuses = [answer.status_code for answer in (first, all_are_right, third, fourth)]
    assert statuses == [200, 200, 200, 429]
    assert "WRONG-2" in first.text


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_guesses_that_come_at_once_are_bounded_as_if_one_came_after_another(
    client: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    answers = await asyncio.gather(
        *(client.post(path, json=a_body(f"W{n}", customer={"source_id": "c"})) for n in range(100))
    )

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(429) == 97
    assert await rows(pool, "ledger") == (3 if path == "/v1/redemptions" else 0)


async def test_a_rush_of_new_codes_is_decided_whole_where_they_are_right(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    codes = [f"RIGHT-{n}" for n in range(100)]
    await snapshots.apply(pool, [voucher_changed(code) for code in codes])

    answers = await asyncio.gather(
        *(client.post("/v1/redemptions", json=a_body(code)) for code in codes)
    )

    assert {answer.status_code for answer in answers} == {200}


async def test_a_stack_longer_than_the_limit_passes(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    codes = [f"RIGHT-{n}" for n in range(30)]
    await snapshots.apply(pool, [voucher_changed(code) for code in codes])

    answer = await client.post(
        "/v1/redemptions", json=a_body(*codes, amount=99_900, customer={"source_id": "c"})
    )

    assert answer.status_code == 200


async def test_repeats_that_come_at_once_are_no_guesses(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(
            client.post("/v1/redemptions", json=a_guess("c"), headers={"Idempotency-Key": "1"})
            for _ in range(20)
        )
    )

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_past_the_limit_of_a_key_codes_that_were_met_before_go_on(
    client: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    await snapshots.apply(pool, [voucher_changed("NEVER-MET")])
    assert (await client.post(path, json=a_body())).status_code == 200
    for _ in range(10):
        await client.post(path, json=a_guess())

    met = await client.post(path, json=a_body())
    with_a_guess = await client.post(path, json=a_body(CODE, "WRONG"))
    never_met = await client.post(path, json=a_body("NEVER-MET"))

    assert met.status_code == 200
    assert (with_a_guess.status_code, never_met.status_code) == (429, 429)
    assert "of this key" in never_met.json()["details"]


async def test_a_project_sets_its_limits_itself(
    client: httpx.AsyncClient, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicekit.http.keys.REVOKED_WITHIN_SECONDS", 0.0)
    freely = LIMITS.model_copy(update={"per_customer": None})
    key = a_key("key_a", "redemptions")
    await snapshots.apply(pool, [project_changed("proj_a", 2, key, guess_limits=freely)])

    statuses = {
        (await client.post("/v1/redemptions", json=a_guess("c"))).status_code for _ in range(9)
    }

    assert statuses == {404}


async def test_refusals_are_told_as_counts_per_minute(
    few_guesses_db: str, pool: asyncpg.Pool
) -> None:
    async with serving(few_guesses_db) as client:
        for _ in range(50):
            await client.post("/v1/redemptions", json=a_guess("c"))
    # A process that ends tells what it has not told yet.
    told = [each for each in await outboxes.messages(pool) if each.topic == topics.GUESSES.name]

    events = [GuessesRefused.model_validate(json.loads(each.value)) for each in told]
    assert [(e.data.limit, e.data.caller) for e in events] == [("customer", "key_a")] * len(events)
    assert len(events) <= 2  # a minute may have ended
    assert sum(event.data.count for event in events) == 47
    assert {event.projectid for event in events} == {"proj_a"}


class Unacknowledged:
    """A pool; what is committed in it for the first time is not acknowledged."""

    def __init__(self, pool: asyncpg.Pool, error: BaseException) -> None:
        self._pool = pool
        self._errors = [error]

    @contextlib.asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        async with self._pool.acquire() as conn:
            yield conn
        if self._errors:
            raise self._errors.pop()


@pytest.mark.parametrize(
    "error", [asyncpg.ConnectionDoesNotExistError("cut"), asyncio.CancelledError()], ids=repr
)
async def test_what_may_be_told_already_is_told_again_under_the_same_id(
    pool: asyncpg.Pool, error: BaseException
) -> None:
    once: Any = Unacknowledged(pool, error)
    guesses = Guesses()
    teller = Teller(once, guesses, Metrics("redemption", "tests"))
    guesses.refuse(a_request("WRONG"), "key")

    with contextlib.suppress(asyncio.CancelledError):
        await teller.tell()
    guesses.refuse(a_request("WRONG"), "key")
    for _ in range(2):
        await teller.tell()

    told = await outboxes.messages(pool)
    first, again, later = [GuessesRefused.model_validate(json.loads(each.value)) for each in told]
    assert first == again
    assert first.id != later.id
    assert (first.data.count, later.data.count) == (1, 1)


async def test_what_cannot_be_told_is_kept(pool: asyncpg.Pool) -> None:
    guesses = Guesses()
    away: Any = service_pool("postgresql://nobody@127.0.0.1:1/none")
    teller = Teller(away, guesses, Metrics("redemption", "tests"))
    guesses.refuse(a_request("WRONG"), "key")
    for _ in range(3):
        await teller.tell()

    teller._pool = pool
    await teller.tell()

    assert await rows(pool, "outbox") == 1
