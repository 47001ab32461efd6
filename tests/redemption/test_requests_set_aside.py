"""What gets no decision by Kafka is set aside with the reason, and only that."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaConnectionError
from kit.redemption_books import audit
from kit.redemption_handler import Shelf, a_record, handled
from kit.redemption_samples import (
    CODE,
    PROJECT,
    a_request,
    campaign_changed,
    project_changed,
    voucher_changed,
)

from contracts import topics
from contracts.guesses import GuessLimits
from redemption import handlers
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.batches.pace import MOST_CODES
from redemption.batches.work import OverloadedError
from redemption.guesses.counting import Guesses
from redemption.guesses.sifting import Sifted
from redemption.kafka.projects import KnownProjects
from redemption.metrics import Metrics
from redemption.model import Request
from redemption.outcomes import Response
from redemption.render.redemption import key_reused


async def test_a_request_of_no_project_is_set_aside_by_name_until_there_is_one(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    shelf, projects = Shelf(), KnownProjects(pool)
    early, late = a_record(1, "proj_typo"), a_record(2, "proj_typo")

    await handled(shelf, decider, projects, early)
    nothing = await pool.fetchval("SELECT count(*) FROM ledger")
    await snapshots.apply(pool, [project_changed("proj_typo")])
    await handled(shelf, decider, projects, late)

    [letter] = shelf.letters
    assert letter.record is early
    assert letter.error_class == "UnknownProjectError"
    assert "'proj_typo'" in letter.error_text
    assert nothing == 0
    assert await pool.fetchval("SELECT count(*) FROM ledger") == 1
    assert shelf.noted == [early, late]


async def test_a_request_that_reuses_an_id_for_something_else_is_set_aside_and_counted(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [project_changed(), campaign_changed(), voucher_changed()])
    shelf, projects = Shelf(), KnownProjects(pool)
    first, again = a_record(1), a_record(2, request_id="1", code=f" {CODE}\u200b")
    other, later = a_record(3, request_id="1", order={"amount_minor": 1}), a_record(4)

    await handled(shelf, decider, projects, first, again, other)
    await handled(shelf, decider, projects, other, later)

    reasons = [(letter.record, letter.error_class) for letter in shelf.letters]
    assert reasons == [(other, "idempotency_key_reused")] * 2
    assert await audit(pool) == 2


async def test_where_letter_case_tells_nothing_codes_are_one_by_kafka_too(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(
        pool,
        [
            project_changed(case_sensitive_codes=False),
            project_changed("proj_b"),
            campaign_changed(),
            campaign_changed("camp_b", project="proj_b"),
            voucher_changed(),
            voucher_changed(CODE, "camp_b", project="proj_b"),
        ],
    )
    shelf, projects = Shelf(), KnownProjects(pool)
    small = f"\u200b{CODE.lower()}\u00a0"
    first, next_door = a_record(1, code=small), a_record(2, "proj_b", code=small)
    again = a_record(3, request_id="1", code=CODE)
    twice = a_record(4, code=None, redeemables=[{"code": CODE}, {"code": small}])

    await handled(shelf, decider, projects, first, next_door, again, twice)

    decided = await pool.fetch("SELECT project_id, code, reason FROM ledger ORDER BY project_id")
    assert [tuple(row) for row in decided] == [
        (PROJECT, CODE, ""),
        ("proj_b", CODE.lower(), "not_found"),
    ]
    [letter] = shelf.letters
    assert (letter.record, letter.error_class) == (twice, "UnreadableError")
    assert "twice" in letter.error_text


def test_a_reused_key_is_counted_by_itself() -> None:
    metrics = Metrics("redemption", "tests")
    reused = key_reused(a_request())

    metrics.decided([a_request()] * 2, [reused, reused._replace(status=200, key_reused=False)], 0.1)

    page = metrics.page().decode()
    counted = dict(re.findall(r'^decisions_total{outcome="(\w+)".*} (\d+)\.0$', page, re.MULTILINE))
    nothing = dict.fromkeys(("rolled_back", "refused", "replayed"), "0")
    assert counted == {"key_reused": "1", "accepted": "1"} | nothing


async def test_wrong_codes_past_the_limit_are_set_aside_together_and_cost_no_decision(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    limits = GuessLimits(per_customer=2)
    await snapshots.apply(
        pool, [project_changed(guess_limits=limits), campaign_changed(), voucher_changed()]
    )
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    guesser: dict[str, Any] = {"customer": {"source_id": "g"}}
    other: dict[str, Any] = {"customer": {"source_id": "o"}}
    wrong = [a_record(n, code=f"WRONG-{n}", **guesser) for n in range(5)]
    good, right = a_record(6, **other), a_record(7, **guesser)

    await handled(shelf, decider, projects, *wrong, good, guesses=guesses)
    await handled(shelf, decider, projects, right, guesses=guesses)

    assert [letter.record.offset for letter in shelf.letters] == [2, 3, 4, 7]
    assert {letter.error_class for letter in shelf.letters} == {"TooManyGuessesError"}
    assert "customer" in shelf.letters[0].error_text
    kinds = await pool.fetch("SELECT kind FROM ledger ORDER BY id")
    assert sorted(row["kind"] for row in kinds) == ["redeemed", "refused", "refused"]
    [(refused, times)] = guesses.take_refused().items()
    assert (refused.project_id, refused.limit, times) == (PROJECT, "customer", 4)
    assert refused.caller == topics.REDEMPTION_REQUESTS.name


async def test_a_project_past_its_limit_still_redeems_what_is_right(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    limits = GuessLimits(per_key=1)
    await snapshots.apply(
        pool, [project_changed(guess_limits=limits), campaign_changed(), voucher_changed()]
    )
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()

    for n in range(3):
        await handled(shelf, decider, projects, a_record(n, code=f"WRONG-{n}"), guesses=guesses)
    await handled(shelf, decider, projects, a_record(3), guesses=guesses)

    assert [letter.record.offset for letter in shelf.letters] == [1, 2]
    assert await pool.fetchval("SELECT count(*) FROM ledger WHERE kind = 'redeemed'") == 1


async def test_each_wrong_code_of_a_stack_counts(pool: asyncpg.Pool, decider: Decider) -> None:
    await a_project_that_bears(pool, per_customer=3)
    await snapshots.apply(pool, [voucher_changed("OFF", active=False)])
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    stack = [{"code": code} for code in ("OFF", "WRONG-1", "WRONG-2")]
    codes = [a_record(n, code=f"WRONG-{n}", **GUESSER) for n in range(3, 5)]

    for record in (a_record(0, code=None, redeemables=stack, **GUESSER), *codes):
        await handled(shelf, decider, projects, record, guesses=guesses)

    assert reasons(shelf) == [(4, "TooManyGuessesError")]


async def test_each_wrong_code_of_a_stack_counts_within_a_batch(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await a_project_that_bears(pool, per_customer=2)
    shelf, projects = Shelf(), KnownProjects(pool)
    stack = [{"code": code} for code in (CODE, "WRONG-1", "WRONG-2")]
    first = a_record(0, code=None, redeemables=stack, **GUESSER)

    await handled(shelf, decider, projects, first, a_record(1, code="WRONG-3", **GUESSER))

    assert reasons(shelf) == [(1, "TooManyGuessesError")]


async def test_an_outage_counts_no_code_twice(pool: asyncpg.Pool, decider: Decider) -> None:
    limits = GuessLimits(per_key=2)
    await snapshots.apply(
        pool, [project_changed(guess_limits=limits), campaign_changed(), voucher_changed()]
    )
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    away: Any = SimpleNamespace(
        batch_codes=MOST_CODES, decide=AsyncMock(side_effect=OverloadedError("away"))
    )
    records = [a_record(n, code=f"WRONG-{n}") for n in range(2)]

    for _ in range(3):
        with pytest.raises(OverloadedError):
            await handled(shelf, away, projects, *records, guesses=guesses)
    await handled(shelf, decider, projects, *records, guesses=guesses)

    assert shelf.letters == []
    assert await pool.fetchval("SELECT count(*) FROM ledger") == 2


GUESSER: dict[str, Any] = {"customer": {"source_id": "g"}}


async def a_project_that_bears(pool: asyncpg.Pool, **limits: int) -> None:
    await snapshots.apply(
        pool,
        [
            project_changed(guess_limits=GuessLimits(**limits)),
            campaign_changed(),
            voucher_changed(),
        ],
    )


async def entries(pool: asyncpg.Pool) -> int:
    await audit(pool)
    count: int = await pool.fetchval("SELECT count(*) FROM ledger")
    return count


def reasons(shelf: Shelf) -> list[tuple[int, str]]:
    return [(letter.record.offset, letter.error_class) for letter in shelf.letters]


async def test_while_dead_letters_cannot_be_sent_nothing_is_counted_twice(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await a_project_that_bears(pool, per_customer=3)
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    right = a_record(0, **GUESSER)
    wrong = [a_record(n, code=f"WRONG-{n}", **GUESSER) for n in range(1, 5)]

    shelf.is_away = True
    for _ in range(3):
        with pytest.raises(KafkaConnectionError):
            await handled(shelf, decider, projects, right, *wrong, guesses=guesses)
    untold = guesses.take_refused()
    shelf.is_away = False
    await handled(shelf, decider, projects, right, *wrong, guesses=guesses)

    assert not untold
    assert reasons(shelf) == [(4, "TooManyGuessesError")]  # what is redeemed is not "not tried"
    assert sum(guesses.take_refused().values()) == 1
    assert await entries(pool) == 4


async def test_a_held_partition_that_is_read_again_counts_no_code_twice(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await a_project_that_bears(pool, per_customer=2)
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    locked = a_record(0)
    wrong = [a_record(n, code=f"WRONG-{n}", **GUESSER) for n in range(1, 4)]
    other = a_record(5, code="WRONG-OTHER", customer={"source_id": "o"})
    other.partition = 1

    async def decide(requests: Sequence[Request]) -> Sequence[Response]:
        if CODE in {code for request in requests for code in request.codes}:
            raise asyncpg.LockNotAvailableError
        return await decider.decide(requests)

    holding: Any = SimpleNamespace(batch_codes=MOST_CODES, decide=decide)
    for _ in range(3):
        await handled(shelf, holding, projects, locked, *wrong, other, guesses=guesses)
    letters, told = list(shelf.letters), guesses.take_refused()
    await handled(shelf, decider, projects, locked, *wrong, guesses=guesses)
    last = a_record(9, code="WRONG-OTHER", customer={"source_id": "o"})
    await handled(shelf, decider, projects, last, guesses=guesses)

    assert letters == []
    assert not told  # its letter is held back, too
    assert reasons(shelf) == [(3, "TooManyGuessesError")]
    assert sum(guesses.take_refused().values()) == 1
    assert await entries(pool) == 5


async def test_a_repeat_is_answered_whatever_was_guessed_since(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await a_project_that_bears(pool, per_customer=2)
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    right, wrong = a_record(0, **GUESSER), a_record(1, code="WRONG-1", **GUESSER)

    for _ in range(4):
        await handled(shelf, decider, projects, right, wrong, wrong, guesses=guesses)
    second = a_record(2, code="WRONG-2", **GUESSER)
    await handled(shelf, decider, projects, second, guesses=guesses)
    await handled(shelf, decider, projects, right, wrong, second, guesses=guesses)
    await handled(shelf, decider, projects, a_record(3, **GUESSER), guesses=guesses)

    assert reasons(shelf) == [(3, "TooManyGuessesError")]
    assert await entries(pool) == 3


async def test_a_repeat_within_a_batch_is_no_second_guess(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await a_project_that_bears(pool, per_customer=1)
    shelf, projects = Shelf(), KnownProjects(pool)
    wrong = a_record(1, code="WRONG", **GUESSER)

    await handled(shelf, decider, projects, wrong, wrong, wrong)

    assert shelf.letters == []
    assert await entries(pool) == 1


async def test_a_backlog_that_is_read_at_once_is_no_attack(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await a_project_that_bears(pool, per_customer=2, per_key=2)
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    typos = [a_record(n, code=f"WRONG-{n}", **GUESSER) for n in range(12)]
    for n, record in enumerate(typos):
        record.timestamp = n * 60_000

    await handled(shelf, decider, projects, *typos[:6], guesses=guesses)
    await handled(shelf, decider, projects, *typos[6:], guesses=guesses)

    assert shelf.letters == []


async def test_the_past_is_imported_whatever_was_wrong_in_it(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    limits = GuessLimits(per_key=1, per_customer=1)
    await snapshots.apply(pool, [project_changed(guess_limits=limits)])
    shelf, projects, guesses = Shelf(), KnownProjects(pool), Guesses()
    records = [a_record(n, code=f"WRONG-{n}") for n in range(3)]
    for record in records:
        record.topic = topics.REDEMPTION_REQUESTS_HISTORY.name

    await handled(shelf, decider, projects, *records, guesses=guesses)

    assert shelf.letters == []


class Handed:
    """What a decider is handed over, batch by batch; requests with a code in `locked` wait."""

    def __init__(self, *locked: str) -> None:
        self.batches: list[list[str | None]] = []
        self.batch_codes = MOST_CODES
        self._locked = locked

    async def decide(self, requests: Sequence[Request]) -> list[Response]:
        self.batches.append([request.request_id for request in requests])
        if any(code in self._locked for request in requests for code in request.codes):
            raise asyncpg.LockNotAvailableError
        return [key_reused(r)._replace(key_reused=r.codes[0] == "REUSED") for r in requests]


def of_thirty(offset: int, first: str = "A") -> ConsumerRecord:
    codes = [first, *(f"{offset}-{i}" for i in range(29))]
    return a_record(offset, code=None, redeemables=[{"code": code} for code in codes])


async def handed_over(decider: Any, shelf: Any, *records: ConsumerRecord) -> None:
    nobody: Any = SimpleNamespace(
        unknown=AsyncMock(return_value=set()),
        without_letter_case=(),
        sift=AsyncMock(return_value=Sifted({}, {})),
        count=lambda *_decided: None,
    )
    dependencies = handlers.Dependencies(
        decider, nobody, nobody, shelf, shelf, shelf, b"key", nobody
    )
    message: Any = SimpleNamespace(raw_message=records)
    await handlers.on_redemption_requests(None, message, Mock(), dependencies)


async def test_a_batch_of_many_codes_is_decided_in_several_and_committed_once() -> None:
    decider, shelf, fits = Handed(), Shelf(), MOST_CODES // 30
    records = [of_thirty(n, "REUSED" if n % 50 == 0 else "A") for n in range(2 * fits + 1)]

    await handed_over(decider, shelf, *records)

    assert [len(batch) for batch in decider.batches] == [fits, fits, 1]
    assert [int(i or "") for batch in decider.batches for i in batch] == [*range(2 * fits + 1)]
    assert [letter.record.offset for letter in shelf.letters] == [0, 50, 100]
    assert shelf.noted == records


async def test_a_batch_of_one_code_each_is_decided_at_once() -> None:
    decider, shelf = Handed(), Shelf()

    await handed_over(decider, shelf, *[a_record(n) for n in range(MOST_CODES)])

    assert [len(batch) for batch in decider.batches] == [MOST_CODES]


async def test_a_batch_that_would_keep_a_switch_waiting_is_decided_in_parts_of_one_size() -> None:
    decider, shelf = Handed(), Shelf()
    decider.batch_codes = 900

    await handed_over(decider, shelf, *[a_record(n) for n in range(2000)])

    assert [len(batch) for batch in decider.batches] == [667, 667, 666]
    assert [int(i or "") for batch in decider.batches for i in batch] == [*range(2000)]


async def test_what_is_behind_a_locked_campaign_in_its_partition_waits_for_it_once() -> None:
    decider, shelf, fits = Handed("LOCKED"), Shelf(), MOST_CODES // 30
    records = [of_thirty(n, "LOCKED" if n else "A") for n in range(3 * fits)]
    records[-1].partition = 1

    await handed_over(decider, shelf, *records)

    alone = [[str(n)] for n in range(fits)]
    last = str(3 * fits - 1)
    assert decider.batches == [[i for [i] in alone], *alone, [], [last], [last]]
    assert shelf.noted == [records[0]]
