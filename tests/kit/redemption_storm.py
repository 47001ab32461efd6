"""Whatever anybody may do to redemption, by chance, from several sides at once."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import asyncpg

from contracts import ids
from contracts.rules import Rule
from contracts.stacking import StackingRules
from contracts.terms import Limit, Rollback
from kit.redemption_rollbacks import a_rollback, ids_in, parent_in
from kit.redemption_samples import (
    CUSTOMER_KEY,
    DAY,
    NOON,
    PROJECT,
    a_customer,
    a_request,
    campaign_changed,
    project_changed,
    segment_changed,
    voucher_changed,
)
from kit.rules import a_rule
from redemption.applying import snapshots
from redemption.batches.collisions import COLLISIONS
from redemption.batches.decider import Decider
from redemption.batches.validate import Forecasts
from redemption.browsing import kept
from redemption.loading.memory import Memory
from redemption.orders import ordering, overdue, refunding
from redemption.orders.told import RefundedTooMuchError, Told
from redemption.outcomes import Response
from redemption.returns import Asked
from redemption.returns import Rollback as Returning
from servicekit.postgres.bulkheads import Bulkheads

OF_ALL: Final = 60  # uses of campaign three, whose limits never change
OF_EACH: Final = 15
CODES: Final = {"A": "one", "B": "two", "C": "one", "D": "three", "E": "two"}
PEOPLE: Final = {
    name: ids.customer(CUSTOMER_KEY, PROJECT, name) for name in ("anna", "bert", "cleo", "dora")
}
ORDERS: Final = tuple(f"order-{n}" for n in range(6))
LIMITS: Final[Sequence[tuple[Limit, ...]]] = (
    (),
    (Limit(of="customer", per="day", most=3), Limit(of="campaign", what="discount", most=30_000)),
    (Limit(of="code", per="week", what="order", most=90_000),),
    (Limit(of="customer_and_code", most=4), Limit(of="customer", what="order", most=40_000)),
)
RULES: Final[Sequence[tuple[Rule, ...]]] = (
    (),
    (a_rule(new={"name": "customer.is_new", "$is": [True]}),),
    (a_rule(member={"name": "customer.segment", "$is": ["seg_1"]}),),
    (a_rule(more={"name": "order.amount", "$more_than": [100]}),),
)
LATER: Final = (*COLLISIONS, asyncpg.LockNotAvailableError)  # whoever called tries again


class Storm:
    """One project of three campaigns; a class because it goes on from what was done before."""

    def __init__(self, pool: asyncpg.Pool, deciders: Sequence[Decider], seed: int) -> None:
        self._pool = pool
        self._deciders = deciders
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._versions: Counter[str] = Counter()
        self._redeemed: list[str] = []
        self._asked: list[Asked] = []
        self._forecasts = Forecasts(Bulkheads(pool, 3), Memory())
        self.answers: dict[bytes, list[Response]] = {}

    async def rage(self, actors: int, steps: int) -> None:
        """Do so many things from so many sides at once, and in the end what is overdue."""
        named = [voucher_changed(code, CODES[code], self._next(code)) for code in CODES]
        campaigns = [self._campaign(name) for name in ("one", "two", "three")]
        first = [project_changed(version=self._next("project")), self._segment()]
        await snapshots.apply(self._pool, [*first, *campaigns, *named])
        async with asyncio.TaskGroup() as group:
            for _ in range(actors):
                group.create_task(self._act(steps))
        while not await overdue.roll_back_all(self._pool, self._deciders[0]):
            pass

    async def _act(self, steps: int) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [
            *[self._redeem] * 6,
            *[self._roll_back, self._tell_of_orders, self._define] * 4,
            *[self._see_to_what_is_overdue, self._look] * 2,
            self._erase,
        ]
        for _ in range(steps):
            with contextlib.suppress(*LATER):
                await self._chance.choice(acts)()

    async def _redeem(self) -> None:
        asked: list[Asked] = [self._request() for _ in range(self._chance.choice([1, 1, 2, 5, 60]))]
        if self._asked and self._chance.random() < 1 / 3:
            asked.append(self._chance.choice(self._asked))  # once more, perhaps at once
        await self._decide(asked)

    async def _roll_back(self) -> None:
        named = self._chance.choices(self._redeemed[-40:], k=2) if self._redeemed else []
        said: dict[str, Any] = self._chance.choice([{}, {"amount_minor": 700}])
        await self._decide([await a_rollback(self._pool, each, **said) for each in named])

    async def _decide(self, asked: Sequence[Asked]) -> None:
        self._asked += asked
        responses = await self._chance.choice(self._deciders).decide(asked)
        for each, response in zip(asked, responses, strict=True):
            self.answers.setdefault(each.key, []).append(response)
            if response.status < 400 and not isinstance(each, Returning):
                self._redeemed += [*ids_in(response), parent_in(response)]

    def _request(self) -> Any:
        chance = self._chance
        name = chance.choice([None, *PEOPLE, *PEOPLE])
        said: dict[str, Any] = chance.choice([{}, {"metadata": {"card": "gold"}, "name": name}])
        return a_request(
            *chance.sample([*CODES], chance.choice([1, 1, 1, 2, 3])),
            customer=a_customer(name, **said) if name else None,
            order_id=chance.choice([None, *ORDERS]),
            amount=chance.randrange(9_000),
            at=self._moment(),
            lines=chance.choice([(), (1_000, 2_000), (3_333, 3_333, 3_334)]),
        )

    def _moment(self) -> Any:
        hours = self._chance.randrange(24)
        return NOON + self._chance.randrange(-5, 5) * DAY + timedelta(hours=hours)

    async def _tell_of_orders(self) -> None:
        told = [self._word() for _ in range(self._chance.choice([1, 3]))]
        with contextlib.suppress(RefundedTooMuchError):
            await ordering.keep(self._pool, told)
            decider = self._chance.choice(self._deciders)
            await refunding.roll_back(self._pool, decider, {each.key for each in told})

    def _word(self) -> Told:
        chance = self._chance
        amount = chance.choice([None, chance.randrange(9_000)])
        return Told(
            (PROJECT, chance.choice(ORDERS)),
            at=self._moment(),
            status=chance.choice([None, "CREATED", "PAID", "PAID", "FULFILLED", "CANCELED"]),
            amount_minor=amount,
            refunded_minor=None if amount is None else chance.randrange(amount + 1),
            customer_id=chance.choice([None, *PEOPLE.values()]),
            version=chance.choice([None, chance.randrange(10)]),
            paid_at=chance.choice([None, self._moment()]),
        )

    async def _see_to_what_is_overdue(self) -> None:
        await overdue.roll_back_all(self._pool, self._chance.choice(self._deciders))

    async def _look(self) -> None:
        await self._forecasts.of(self._request())

    async def _erase(self) -> None:
        await kept.erase(self._pool, PROJECT, self._chance.choice([*PEOPLE.values()]))

    async def _define(self) -> None:
        chance = self._chance
        code, campaign = chance.choice([*CODES]), chance.choice(["one", "two", "three"])
        mode = chance.choice(["ALL", "PARTIAL"])
        rules = StackingRules(mode=mode)
        told: Any = chance.choice(
            [
                lambda: self._campaign(campaign),
                lambda: self._campaign(campaign),
                lambda: voucher_changed(
                    code, CODES[code], self._next(code), active=chance.random() < 0.9
                ),
                lambda: project_changed(version=self._next("project"), stacking=rules),
                self._segment,
            ]
        )
        await snapshots.apply(self._pool, [told()])

    def _campaign(self, name: str) -> Any:
        chance = self._chance
        said: dict[str, Any] = {"total_limit": OF_ALL, "per_customer_limit": OF_EACH}
        if name != "three":
            said = {
                "total_limit": chance.choice([None, 20, 100]),
                "per_customer_limit": chance.choice([None, 4]),
                "limits": chance.choice(LIMITS),
                "rules": chance.choice(RULES),
                "time_zone": chance.choice(["Europe/Berlin", "Pacific/Kiritimati"]),
            }
        comes_back = {"use": chance.random() < 0.8, "budget": chance.random() < 0.8}
        back = Rollback(on_cancelled_order=True, **(comes_back if name != "three" else {}))
        active = chance.random() < 0.9
        return campaign_changed(name, self._next(name), active=active, rollback=back, **said)

    def _segment(self) -> Any:
        members = tuple(sorted(self._chance.sample([*PEOPLE.values()], 2)))
        reported = self._chance.random() < 0.5
        return segment_changed("seg_1", self._next("seg_1"), members=members, in_reports=reported)

    def _next(self, name: str) -> int:
        self._versions[name] += 1
        return self._versions[name]
