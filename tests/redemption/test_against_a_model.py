"""Hypothesis plays checkout and marketing; a model of a hundred lines says what is right."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
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
from kit.redemption_deciders import deciding, service_pool
from kit.redemption_rollbacks import a_rollback, ids_in, key_of, parent_in
from kit.redemption_samples import DAY, NOON, a_request, campaign_changed, voucher_changed

from contracts.money import share
from contracts.terms import AmountOff, Limit, PercentOff, Rollback
from redemption import snapshots
from redemption.decider import Decider
from redemption.model import Request, Response
from redemption.returns import Asked

HOUR = timedelta(hours=1)
OK = 200
CAMPAIGNS = {"A": "one", "B": "one", "C": "two"}  # of the codes
DISCOUNTS = {"one": AmountOff(amount_off_minor=2), "two": PercentOff(basis_points=5000)}

limits = st.none() | st.integers(0, 4)
switches = st.sampled_from([True, True, True, False])
wishes = st.fixed_dictionaries(
    {
        "codes": st.lists(
            st.sampled_from([*CAMPAIGNS, *CAMPAIGNS, "unknown"]),
            min_size=1,
            max_size=3,
            unique=True,
        ),
        "customer": st.none() | st.sampled_from(["anna", "bert"]),
        "amount": st.integers(0, 9),
        "order_id": st.none() | st.sampled_from(["order-1", "order-2"]),
        # In Berlin: one day, the next, one of the next week, one of the next month.
        "at": st.sampled_from([NOON, NOON + 10 * HOUR, NOON + 12 * HOUR, NOON + 8 * DAY]),
    }
)
beside = st.lists(
    st.builds(
        Limit,
        of=st.sampled_from(["campaign", "code", "customer", "customer_and_code"]),
        per=st.sampled_from([None, "day", "week", "month"]),
        what=st.sampled_from(["redemptions", "discount", "order"]),
        most=st.integers(0, 6),
    ).filter(
        lambda limit: limit.per or limit.what != "redemptions" or limit.of == "customer_and_code"
    ),
    max_size=2,
    unique_by=lambda limit: (limit.of, limit.per, limit.what),
)
policies = st.builds(Rollback, use=switches, budget=switches)
Wish = dict[str, Any]


class Use(NamedTuple):
    """What the model remembers of a redemption."""

    code: str
    campaign: str
    customer: str | None
    at: datetime
    off: int
    share: int = 0  # of what the order has grown by
    uses: int = 1  # -1 gives one back


@dataclass
class Given:
    """What the model remembers of a code that was redeemed: what is left of it to give back."""

    use: Use
    order_id: str | None
    order: int
    off: int
    whole: bool = False


class Shop(RuleBasedStateMachine):
    """Two campaigns with three codes, in a project of its own per example."""

    runner: asyncio.Runner
    pool: asyncpg.Pool
    decider: Decider

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.project = f"proj_{uuid4().hex}"
        self.campaigns: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.versions: Counter[str] = Counter()
        self.taken: list[Use] = []
        self.accepted: list[list[Given]] = []  # of the requests of a batch
        self.redeemed: dict[str, list[Given]] = {}  # by the ids under which it can be given back
        self.won: set[str] = set()  # customers, who were new once
        self.counted: Counter[str | None] = Counter()  # of orders
        self.given: dict[bytes, Response] = {}
        self.wishes: list[Wish] = []

    # What the model says.

    def outcome(self, wish: Wish) -> tuple[str, int]:
        """Return the first reason against a wish, or "ok" and the discount."""
        uses: list[Use] = []
        left: int = wish["amount"]
        for code in wish["codes"]:
            campaign = CAMPAIGNS.get(code, "")
            off = min(2, left) if campaign == "one" else share(left, 5000)
            use = Use(code, campaign, wish["customer"], wish["at"], off)
            if (reason := self.reason(use, self.taken + uses)) != "ok":
                return reason, 0
            uses.append(use)
            left -= off
        grown = self.grown(wish)
        uses = [u._replace(share=n) for u, n in zip(uses, parts(grown, uses), strict=True)]
        for place, use in enumerate(uses):
            if self.is_short(use, self.taken + uses[:place]):
                return "budget_exceeded", 0
        self.taken += uses
        self.won |= {wish["customer"]} - {None}
        self.counted[wish["order_id"]] += grown
        self.accepted.append([Given(u, wish["order_id"], u.share, u.off) for u in uses])
        return "ok", wish["amount"] - left

    def grown(self, wish: Wish) -> int:
        """Return what of the order was not counted before."""
        before = 0 if wish["order_id"] is None else self.counted[wish["order_id"]]
        return max(0, int(wish["amount"]) - before)

    def is_short(self, use: Use, taken: list[Use]) -> bool:
        """Tell whether a budget of orders is."""
        of_campaign = [each for each in taken if each.campaign == use.campaign]
        for limit in self.campaigns[use.campaign]["limits"]:
            same = [each for each in of_campaign if share_of(limit, each) == share_of(limit, use)]
            needed = sum(each.share for each in [*same, use])
            if limit.what == "order" and use.share and needed > limit.most:
                return True
        return False

    def give_back(self, id_: str, amount: int | None) -> str:
        """Return why nothing is given back, or "ok"."""
        open_ = [each for each in self.redeemed[id_] if not each.whole]
        if not open_:
            return "already_rolled_back"
        left = sum(each.order for each in open_)
        if amount is not None and amount > left:
            return "invalid_rollback_params"
        all_of_it = amount is None or amount == left
        orders = [each.order for each in open_]
        given = orders if all_of_it else largest_remainder(amount or 0, orders)
        for each, part in zip(open_, given, strict=True):
            if part or all_of_it:
                self.give_back_part(each, part, whole=part == each.order)
        return "ok"

    def give_back_part(self, given: Given, part: int, *, whole: bool) -> None:
        policy = self.campaigns[given.use.campaign]["rollback"]
        off = given.off
        if not whole:
            [off, _] = largest_remainder(given.off, [part, given.order - part])
        self.counted[given.order_id] -= part
        given.order, given.off, given.whole = given.order - part, given.off - off, whole
        self.taken.append(
            given.use._replace(
                off=-off if policy.budget else 0,
                share=-part if policy.budget else 0,
                uses=-1 if whole and policy.use else 0,
            )
        )

    def reason(self, use: Use, taken: list[Use]) -> str:
        if not use.campaign:
            return "not_found"
        campaign, code = self.campaigns[use.campaign], self.codes[use.code]
        of_campaign = [each for each in taken if each.campaign == use.campaign]
        if not campaign["active"]:
            return "campaign_inactive"
        if not code["active"]:
            return "voucher_disabled"
        if is_full(code["quantity"], [each for each in taken if each.code == use.code]):
            return "quantity_exceeded"
        if is_full(campaign["total_limit"], of_campaign):
            return "campaign_limit_exceeded"
        usual = campaign["per_customer_limit"]
        limited = [*campaign["limits"]]
        if usual is not None:
            limited.append(Limit(of="customer", most=usual))
        for limit in sorted(limited, key=rank):
            if (reason := against(limit, use, of_campaign)) is not None:
                return reason
        return "ok"

    # What is done to the real one.

    def decide(self, *requests: Asked) -> list[Response]:
        return self.runner.run(self.decider.decide(requests))

    def apply(self, snapshot: snapshots.Snapshot) -> None:
        self.runner.run(snapshots.apply(self.pool, [snapshot]))

    def put_campaign(self, name: str, version: int, words: dict[str, Any]) -> None:
        discount = DISCOUNTS[name]
        self.apply(campaign_changed(name, version, self.project, discount=discount, **words))

    def put_code(self, code: str, version: int, words: dict[str, Any]) -> None:
        self.apply(voucher_changed(code, CAMPAIGNS[code], version, self.project, **words))

    @initialize(total=limits, each=limits, beside=beside, policy=policies)
    def launch(
        self, total: int | None, each: int | None, beside: list[Limit], policy: Rollback
    ) -> None:
        for name in DISCOUNTS:
            self.change_campaign(name, total, each, beside, policy, active=True)
        for code in CAMPAIGNS:
            self.change_code(code, None, active=True)

    @rule(
        name=st.sampled_from([*DISCOUNTS]),
        total=limits,
        each=limits,
        beside=beside,
        policy=policies,
        active=switches,
    )
    def change_campaign(
        self,
        name: str,
        total: int | None,
        each: int | None,
        beside: list[Limit],
        policy: Rollback,
        *,
        active: bool,
    ) -> None:
        words = {
            "total_limit": total,
            "per_customer_limit": each,
            "limits": tuple(beside),
            "active": active,
            "rollback": policy,
        }
        self.campaigns[name] = words
        self.versions[name] += 1
        self.put_campaign(name, self.versions[name], words)

    @rule(code=st.sampled_from([*CAMPAIGNS]), quantity=limits, active=switches)
    def change_code(self, code: str, quantity: int | None, *, active: bool) -> None:
        self.codes[code] = {"quantity": quantity, "active": active}
        self.versions[code] += 1
        self.put_code(code, self.versions[code], self.codes[code])

    @rule(code=st.sampled_from([*CAMPAIGNS]), limit=limits, late=st.integers(0, 3))
    def repeat_old_snapshots(self, code: str, limit: int | None, late: int) -> None:
        name = CAMPAIGNS[code]
        old = max(self.versions[name] - 1 - late, 0)
        self.put_campaign(name, old, {"per_customer_limit": limit, "active": False})
        self.put_code(code, max(self.versions[code] - 1 - late, 0), {"active": False})

    @rule(target=requests, wishes=st.lists(wishes, min_size=1, max_size=6))
    def redeem(self, wishes: list[Wish]) -> Any:
        self.wishes = wishes
        return self.redeem_the_like()

    @rule(target=requests)
    def redeem_the_like_again(self) -> Any:
        return self.redeem_the_like()  # by what the batch before left, if it was that

    def redeem_the_like(self) -> Any:
        wishes = self.wishes
        asked = [self.request(**wish) for wish in wishes]
        self.accepted = []
        expected = [self.outcome(wish) for wish in wishes]

        responses = self.decide(*asked)

        assert [outcome_of(response) for response in responses] == expected
        accepted = [response for response in responses if response.status == OK]
        for response, given in zip(accepted, self.accepted, strict=True):
            self.remember(response, given)
        self.given |= {r.key: given for r, given in zip(asked, responses, strict=True)}
        return multiple(*asked)

    def remember(self, response: Response, given: list[Given]) -> None:
        """Note what was redeemed by its ids: each code's, and the one that all have in common."""
        for id_, each in zip(ids_in(response), given, strict=True):
            self.redeemed[id_] = [each]
        self.redeemed[parent_in(response)] = given

    @rule(
        target=requests,
        which=st.lists(st.integers(0, 9), min_size=1, max_size=4),
        amount=st.none() | st.integers(1, 9),
    )
    def roll_back(self, which: list[int], amount: int | None) -> Any:
        newest = list(self.redeemed)[-10:]
        wanted = [newest[n] for n in which if n < len(newest)]
        asked = [
            self.runner.run(a_rollback(self.pool, id_, project=self.project, amount_minor=amount))
            for id_ in wanted
        ]
        expected = [self.give_back(id_, amount) for id_ in wanted]

        responses = self.decide(*asked)

        assert [key_of(response) for response in responses] == expected
        self.given |= {r.key: given for r, given in zip(asked, responses, strict=True)}
        return multiple(*asked)

    def request(self, codes: list[str], **asked: Any) -> Request:
        return a_request(*codes, project=self.project, **asked)

    @rule(batches=st.sampled_from([0, 3]))
    def lock_before_looking(self, batches: int) -> None:
        self.decider._rivalled = batches

    @rule(request=requests)
    def replay(self, request: Asked) -> None:
        [again] = self.decide(request)

        assert again == self.given[request.key]._replace(replayed=True)

    @rule(request=requests)
    def ask_for_something_else_under_the_same_key(self, request: Asked) -> None:
        [answer] = self.decide(request._replace(fingerprint=b"something else"))

        assert answer.status == 422

    @invariant()
    def the_books_agree(self) -> None:
        used: Counter[str] = Counter()
        for use in self.taken:
            used[use.campaign] += use.uses
        assert self.runner.run(self.used()) == +used
        assert self.runner.run(self.bought()) == (len(self.won), +self.counted)

    async def used(self) -> dict[str, int]:
        rows = await self.pool.fetch(
            "SELECT campaign_id, used FROM campaign_locks WHERE project_id = $1 AND used > 0",
            self.project,
        )
        return dict(map(tuple, rows))

    async def bought(self) -> tuple[int, dict[str | None, int]]:
        """Return how many customers were won, and what of each order counted."""
        rows = await self.pool.fetch(
            """
            SELECT order_id, sum(order_minor)::bigint AS counted,
                count(*) FILTER (WHERE customer_is_new) AS won
            FROM ledger WHERE project_id = $1 AND kind <> 'refused' GROUP BY 1
            """,
            self.project,
        )
        counted = {row["order_id"]: row["counted"] for row in rows if row["counted"]}
        return sum(row["won"] for row in rows), counted

    def teardown(self) -> None:
        self.runner.run(audit(self.pool))
        self.runner.run(self.forget())

    async def forget(self) -> None:
        """Keep the audit of the next example short."""
        for table in (
            "requests",
            "ledger",
            "outbox",
            "campaign_locks",
            "campaigns",
            "campaign_versions",
            "vouchers",
            "customers",
            "orders",
            "counters",
        ):
            await self.pool.execute(f"DELETE FROM {table}")


def rank(limit: Limit) -> tuple[int, bool, str, str]:
    """Say which limit is judged first: of redemptions, of no period, then by the alphabet."""
    return (
        ["redemptions", "discount", "order"].index(limit.what),
        limit.per is not None,
        limit.of,
        limit.per or "",
    )


def against(limit: Limit, use: Use, taken: list[Use]) -> str | None:
    """Return why a limit forbids a use beside what was taken of its campaign."""
    if "customer" in limit.of and use.customer is None:
        return "missing_customer"
    if limit.what == "order" or (use.off == 0 and limit.what == "discount"):
        return None
    same = [each for each in taken if share_of(limit, each) == share_of(limit, use)]
    if limit.what == "discount":
        return "budget_exceeded" if sum(e.off for e in [*same, use]) > limit.most else None
    if sum(each.uses for each in same) < limit.most:
        return None
    return "customer_limit_exceeded" if limit.per is None else "period_limit_exceeded"


def parts(grown: int, uses: list[Use]) -> list[int]:
    """Divide by what each takes off, equally where none does."""
    return largest_remainder(grown, [use.off for use in uses])


def share_of(limit: Limit, use: Use) -> tuple[object, ...]:
    """Return all that two uses must have in common to count together."""
    day = (use.at + HOUR).date()  # it is winter in Berlin
    period = {
        None: None,
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
    }
    return (
        period[limit.per],
        use.customer if "customer" in limit.of else None,
        use.code if "code" in limit.of else None,
    )


def is_full(limit: int | None, uses: list[Use]) -> bool:
    return limit is not None and sum(each.uses for each in uses) >= limit


def largest_remainder(amount: int, weights: list[int]) -> list[int]:
    """Divide as fractions do: those that lose most by rounding down get the units that are left."""
    total = sum(weights)
    exact = [
        Fraction(amount * w, total) if total else Fraction(amount, len(weights)) for w in weights
    ]
    shares = [int(each) for each in exact]
    for _ in range(amount - sum(shares)):
        n = max(range(len(weights)), key=lambda n: (exact[n] - shares[n], -n))
        shares[n] += 1
    return shares


def outcome_of(response: Response) -> tuple[str, int]:
    body = orjson.loads(response.body)
    if response.status != 200:
        return body["key"], 0
    return "ok", body["order"]["total_discount_amount"]


@pytest.fixture
def shop(redemption_db: str) -> Iterator[type[Shop]]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        pool = runner.run(stack.enter_async_context(service_pool(redemption_db)))
        decider = runner.run(stack.enter_async_context(deciding(redemption_db)))
        yield type("Shop", (Shop,), {"runner": runner, "pool": pool, "decider": decider})
        runner.run(stack.aclose())


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
