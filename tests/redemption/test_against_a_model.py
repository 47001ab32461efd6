"""Hypothesis plays checkout and marketing; a model of ten lines says what is right."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from kit.redemption_books import audit
from kit.redemption_samples import a_request, campaign_changed, voucher_changed
from redemption.decisions import Answer, Request

from redemption import app, snapshots
from redemption.decider import Decider
from redemption.metrics import Metrics

CODES = ("A", "B")
limits = st.none() | st.integers(0, 4)
wishes = st.fixed_dictionaries(
    {
        "code": st.sampled_from([*CODES, "unknown"]),
        "customer": st.none() | st.sampled_from(["anna", "bert"]),
        "amount": st.integers(1, 3),
    }
)
Wish = dict[str, Any]


class Shop(RuleBasedStateMachine):
    """One campaign of two codes, in a project of its own per example."""

    runner: asyncio.Runner
    pool: asyncpg.Pool
    decider: Decider

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.project = f"proj_{uuid4().hex}"
        self.campaign: dict[str, Any] = {}
        self.codes: dict[str, dict[str, Any]] = {code: {} for code in CODES}
        self.versions: Counter[str] = Counter()
        self.taken: list[tuple[str, str | None]] = []
        self.given: dict[bytes, Answer] = {}

    # What the model says.

    def reason(self, wish: Wish) -> str:
        code, customer = wish["code"], wish["customer"]
        if code not in CODES:
            return "not_found"
        quantity, total = self.codes[code]["quantity"], self.campaign["total_limit"]
        each = self.campaign["per_customer_limit"]
        if not self.campaign["active"]:
            return "campaign_inactive"
        if not self.codes[code]["active"]:
            return "voucher_disabled"
        if quantity is not None and sum(c == code for c, _ in self.taken) >= quantity:
            return "quantity_exceeded"
        if total is not None and len(self.taken) >= total:
            return "campaign_limit_exceeded"
        if each is not None and customer is None:
            return "missing_customer"
        if each is not None and sum(c == customer for _, c in self.taken) >= each:
            return "customer_limit_exceeded"
        return "ok"

    # What is done to the real one.

    def decide(self, *requests: Request) -> list[Answer]:
        return self.runner.run(self.decider.decide(requests))

    def apply(self, snapshot: snapshots.Snapshot) -> None:
        self.runner.run(snapshots.apply(self.pool, [snapshot]))

    def put_campaign(self, version: int, terms: dict[str, Any]) -> None:
        self.apply(campaign_changed(version=version, project=self.project, **terms))

    def put_code(self, code: str, version: int, terms: dict[str, Any]) -> None:
        self.apply(voucher_changed(code, version=version, project=self.project, **terms))

    @initialize(total=limits, each=limits)
    def launch(self, total: int | None, each: int | None) -> None:
        self.change_campaign(total, each, active=True)
        for code in CODES:
            self.change_code(code, None, active=True)

    @rule(total=limits, each=limits, active=st.sampled_from([True, True, False]))
    def change_campaign(self, total: int | None, each: int | None, *, active: bool) -> None:
        self.campaign = {"total_limit": total, "per_customer_limit": each, "active": active}
        self.versions["campaign"] += 1
        self.put_campaign(self.versions["campaign"], self.campaign)

    @rule(code=st.sampled_from(CODES), quantity=limits, active=st.sampled_from([True, True, False]))
    def change_code(self, code: str, quantity: int | None, *, active: bool) -> None:
        self.codes[code] = {"quantity": quantity, "active": active}
        self.versions[code] += 1
        self.put_code(code, self.versions[code], self.codes[code])

    @rule(code=st.sampled_from(CODES), limit=limits, late=st.integers(0, 3))
    def repeat_old_snapshots(self, code: str, limit: int | None, late: int) -> None:
        old = max(self.versions["campaign"] - 1 - late, 0)
        self.put_campaign(old, {"per_customer_limit": limit, "active": False})
        self.put_code(code, max(self.versions[code] - 1 - late, 0), {"active": False})

    @rule(target=requests, wishes=st.lists(wishes, min_size=1, max_size=6))
    def redeem(self, wishes: list[Wish]) -> Any:
        asked = [a_request(project=self.project, **wish) for wish in wishes]
        expected = []
        for wish in wishes:
            expected.append(self.reason(wish))
            if expected[-1] == "ok":
                self.taken.append((wish["code"], wish["customer"]))

        answers = self.decide(*asked)

        assert [reason_of(answer) for answer in answers] == expected
        self.given |= {r.key: a for r, a in zip(asked, answers, strict=True)}
        return multiple(*asked)

    @rule(request=requests)
    def replay(self, request: Request) -> None:
        [again] = self.decide(request)

        assert again == self.given[request.key]._replace(replayed=True)

    @rule(request=requests)
    def ask_for_something_else_under_the_same_key(self, request: Request) -> None:
        [answer] = self.decide(request._replace(fingerprint=b"something else"))

        assert answer.status == 422

    @invariant()
    def the_books_agree(self) -> None:
        assert self.runner.run(self.used()) == len(self.taken)

    async def used(self) -> int:
        used: int | None = await self.pool.fetchval(
            "SELECT used FROM counters WHERE project_id = $1", self.project
        )
        return used or 0

    def teardown(self) -> None:
        self.runner.run(audit(self.pool))
        self.runner.run(self.forget())

    async def forget(self) -> None:
        """Keep the audit of the next example short."""
        for table in ("ledger", "outbox", "counters", "vouchers", "customers", "customer_uses"):
            await self.pool.execute(f"DELETE FROM {table}")


def reason_of(answer: Answer) -> str:
    return "ok" if answer.status == 200 else str(orjson.loads(answer.body)["key"])


@pytest.fixture
def shop(redemption_db: str) -> Iterator[type[Shop]]:
    with asyncio.Runner() as runner:

        async def open_() -> tuple[asyncpg.Pool, Decider, asyncio.Task[None]]:
            pool = await app._pool(redemption_db, "tests")
            decider = Decider(pool, Metrics())
            return pool, decider, asyncio.create_task(decider.run())

        pool, decider, task = runner.run(open_())
        task.add_done_callback(lambda task: task.cancelled() or task.get_loop().stop())
        yield type("Shop", (Shop,), {"runner": runner, "pool": pool, "decider": decider})
        task.cancel()
        runner.run(asyncio.wait([task]))
        runner.run(pool.close())


def test_decisions_follow_the_model_whatever_happens(shop: type[Shop]) -> None:
    run_state_machine_as_test(
        shop,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
