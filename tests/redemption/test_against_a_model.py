"""Hypothesis plays checkout and marketing; an oracle that shares no code says what is right."""

import ast
import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from aiokafka import ConsumerRecord
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
from kit import oracle_answers, oracle_strategies, oracle_terms
from kit.oracle.orders import TooMuchRefundedError, figures
from kit.oracle.returns import Given
from kit.oracle.shop import Shop
from kit.oracle.terms import Campaign, Code, Segment, Stacking, Wish, Word
from kit.oracle_strategies import CODES, CUSTOMERS, NOON, SEGMENTS, most, switches
from kit.redemption_books import audit
from kit.redemption_deciders import deciding, service_pool
from kit.redemption_rollbacks import a_rollback, ids_in, key_of, parent_in
from kit.redemption_samples import CUSTOMER_KEY, DAY

from contracts import topics
from redemption import ordering, overdue, refunding, snapshots
from redemption.api import order_bodies
from redemption.asking_back import WishedLine
from redemption.decider import Decider
from redemption.model import Response
from redemption.order_records import Dependencies, on_orders
from redemption.projects import KnownProjects
from redemption.render.validation import validation
from redemption.returns import Asked
from redemption.told import RefundedTooMuchError
from redemption.validate import Forecasts
from servicekit.postgres.bulkheads import Bulkheads

ORACLE = Path(__file__).parents[1] / "kit" / "oracle"
OK = 200
CAMPAIGNS = {
    "one": Campaign("one", off=2, follows_orders=True),
    "two": Campaign("two", off=50, is_percent=True),
    "three": Campaign("three", off=3),
}
TABLES = (
    "requests",
    "ledger",
    "outbox",
    "campaign_locks",
    "campaigns",
    "campaign_versions",
    "campaign_segments",
    "vouchers",
    "customers",
    "customer_profiles",
    "orders",
    "counters",
    "segments",
    "segment_members",
    "projects",
)
campaign_terms = st.fixed_dictionaries(
    {
        "total": most,
        "per_customer": most,
        "quotas": oracle_strategies.quotas,
        "rules": oracle_strategies.rules,
        "gives_use": switches,
        "gives_budget": switches,
        "active": switches,
        "starts_at": st.sampled_from([None, None, None, NOON]),
        "ends_at": st.sampled_from([None, None, None, NOON + DAY]),
        "category": st.sampled_from([None, "deals", "members"]),
    }
)
HIERARCHY = {None: 0, "deals": 2, "members": 1}


class Kafka:
    """As much of a consumer and of dead letters as a batch of orders meets."""

    async def commit(self, _offsets: Any) -> None: ...

    async def send_to_dlq(self, letters: Any) -> None:
        assert not letters


class Checkout(RuleBasedStateMachine):
    """Three campaigns with four codes, in a project of its own per example."""

    runner: asyncio.Runner
    pool: asyncpg.Pool
    decider: Decider

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.project = f"proj_{uuid4().hex}"
        self.shop = Shop()
        self.versions: Counter[str] = Counter()
        self.redeemed: dict[str, list[Given]] = {}  # by the ids under which it can be given back
        self.answers: dict[bytes, Response] = {}
        self.wishes: list[Wish] = []
        self.won: set[str] = set()
        self.forecasts = Forecasts(Bulkheads(self.pool, 3), self.decider._memory)

    # Marketing.

    def apply(self, *told: snapshots.Snapshot) -> None:
        self.runner.run(snapshots.apply(self.pool, told))

    def next(self, name: str) -> int:
        self.versions[name] += 1
        return self.versions[name]

    @initialize(
        stacking=oracle_strategies.stackings,
        campaigns=st.tuples(campaign_terms, campaign_terms, campaign_terms),
        follows=st.booleans(),
    )
    def launch(
        self, stacking: Stacking, campaigns: Sequence[dict[str, Any]], *, follows: bool
    ) -> None:
        self.change_stacking(stacking)
        first = Segment(members=frozenset(["anna"])), Segment(spent=5), Segment(is_new=True)
        for name, segment in zip(SEGMENTS, first, strict=True):
            self.change_segment((name, segment))
        self.shop.campaigns = dict(CAMPAIGNS)
        self.shop.campaigns["three"] = replace(CAMPAIGNS["three"], follows_orders=follows)
        for name, said in zip(CAMPAIGNS, campaigns, strict=True):
            self.change_campaign(name, said)
        for code in CODES:
            self.change_code(code, None, active=True)

    @rule(name=st.sampled_from([*CAMPAIGNS]), said=campaign_terms)
    def change_campaign(self, name: str, said: dict[str, Any]) -> None:
        campaign = replace(self.shop.campaigns[name], **said, hierarchy=HIERARCHY[said["category"]])
        self.shop.campaigns[name] = campaign
        self.apply(oracle_terms.campaign(campaign, self.next(name), self.project))

    @rule(code=st.sampled_from([*CODES]), quantity=most, active=switches)
    def change_code(self, code: str, quantity: int | None, *, active: bool) -> None:
        now = self.shop.codes[code] = Code(CODES[code], quantity, active)
        self.apply(oracle_terms.voucher(code, now, self.next(code), self.project))

    @rule(stacking=oracle_strategies.stackings)
    def change_stacking(self, stacking: Stacking) -> None:
        self.shop.stacking = stacking
        self.apply(oracle_terms.stacking(stacking, self.next("project"), self.project))

    @rule(named=oracle_strategies.segments)
    def change_segment(self, named: tuple[str, Segment]) -> None:
        name, segment = named
        self.shop.segments[name] = segment
        self.apply(oracle_terms.segment(name, segment, self.next(name), self.project))

    @rule(code=st.sampled_from([*CODES]), late=st.integers(0, 3))
    def repeat_old_snapshots(self, code: str, late: int) -> None:
        name = CODES[code]
        off = replace(self.shop.campaigns[name], active=False, total=0)
        self.apply(
            oracle_terms.campaign(off, max(self.versions[name] - 1 - late, 0), self.project),
            oracle_terms.voucher(
                code, Code(name, 0), max(self.versions[code] - 1 - late, 0), self.project
            ),
            oracle_terms.stacking(
                Stacking(most=1), max(self.versions["project"] - 1 - late, 0), self.project
            ),
        )

    # Checkouts.

    def decide(self, *requests: Asked) -> list[Response]:
        return self.runner.run(self.decider.decide(requests))

    @rule(wishes=st.lists(oracle_strategies.wishes(), min_size=1, max_size=3))
    def validate(self, wishes: list[Wish]) -> None:
        before = self.runner.run(self.everything())

        self.foretell(wishes)

        assert self.runner.run(self.everything()) == before

    def foretell(self, wishes: Sequence[Wish]) -> list[Any]:
        """Compare what validations say with the oracle; return their answers."""
        partial = self.shop.stacking.partial
        expected = [
            oracle_answers.forecast(wish, self.shop.foretell(wish), partial=partial)
            for wish in wishes
        ]
        asked = [oracle_terms.request(wish, self.project) for wish in wishes]
        decisions = self.runner.run(_all(self.forecasts, asked))
        bodies = [orjson.loads(validation(each)) for each in decisions]
        assert [oracle_answers.foretold(body) for body in bodies] == expected
        return bodies

    @rule(target=requests, wishes=st.lists(oracle_strategies.wishes(), min_size=1, max_size=5))
    def redeem(self, wishes: list[Wish]) -> Any:
        self.wishes = wishes
        return self.redeem_the_like()

    @rule(target=requests)
    def redeem_the_like_again(self) -> Any:
        return self.redeem_the_like()  # by what the batch before left, if it was that

    def redeem_the_like(self) -> Any:
        asked = [oracle_terms.request(wish, self.project) for wish in self.wishes]
        foretold = self.foretell(self.wishes[:1])
        partial = self.shop.stacking.partial
        decided = [self.shop.redeem(wish) for wish in self.wishes]
        expected = [
            oracle_answers.expected(wish, became, partial=partial)
            for wish, (became, *_) in zip(self.wishes, decided, strict=True)
        ]

        responses = self.decide(*asked)

        assert [oracle_answers.answered(response) for response in responses] == expected
        if foretold:
            assert_as_foretold(foretold[0], responses[0])
        for request, response, (_, is_new, given) in zip(asked, responses, decided, strict=True):
            self.answers[request.key] = response
            if response.status == OK:
                self.remember(response, given, request.customer_id if is_new else None)
        return multiple(*asked)

    def remember(self, response: Response, given: list[Given], won: str | None) -> None:
        """Note what was redeemed by its ids: each code's, and the one that all have in common."""
        for id_, each in zip(ids_in(response), given, strict=True):
            self.redeemed[id_] = [each]
        self.redeemed[parent_in(response)] = given
        self.won |= {won} - {None} if won else set()

    @rule(
        target=requests,
        which=st.lists(st.integers(0, 9), min_size=1, max_size=4),
        amount=st.none() | st.integers(1, 9),
        units=st.none() | st.tuples(st.sampled_from(oracle_strategies.PRODUCTS), st.integers(1, 3)),
    )
    def roll_back(self, which: list[int], amount: int | None, units: tuple[str, int] | None) -> Any:
        newest = list(self.redeemed)[-10:]
        wanted = [newest[n] for n in which if n < len(newest)]
        said: dict[str, Any] = {"amount_minor": amount}
        if units is not None:
            said = {"items": (WishedLine(units[1], units[0]),)}
        asked = [
            self.runner.run(a_rollback(self.pool, id_, project=self.project, **said))
            for id_ in wanted
        ]
        expected = [self.shop.roll_back(self.redeemed[id_], amount, units) for id_ in wanted]

        responses = self.decide(*asked)

        assert [key_of(response) for response in responses] == expected
        self.answers |= {r.key: given for r, given in zip(asked, responses, strict=True)}
        return multiple(*asked)

    @rule(words=st.lists(oracle_strategies.words(in_part=False), min_size=1, max_size=4))
    def tell_orders_by_kafka(self, words: list[Word]) -> None:
        self.shop.tell(words)
        self.runner.run(self.send(words))

    @rule(word=oracle_strategies.words(in_part=True))
    def tell_an_order_by_http(self, word: Word) -> None:
        expected = "ok"
        try:
            self.shop.tell([word])
        except TooMuchRefundedError:
            expected = "invalid"
        assert self.runner.run(self.post(word)) == expected

    async def send(self, words: Sequence[Word]) -> None:
        values = [oracle_terms.order_record(word, self.project) for word in words]
        records = [
            ConsumerRecord(topics.ORDERS.name, 0, n, 0, 1, b"", value, None, 0, 0, ())
            for n, value in enumerate(values)
        ]
        message: Any = SimpleNamespace(raw_message=records)
        kafka: Any = Kafka()
        known = KnownProjects(self.pool)
        await on_orders(
            None, message, kafka, Dependencies(self.pool, self.decider, known, kafka, CUSTOMER_KEY)
        )

    async def post(self, word: Word) -> str:
        body = order_bodies._orders.decode(oracle_terms.order_body(word))
        told = order_bodies.told_of(body, self.project, word.order_id, CUSTOMER_KEY)
        try:
            await ordering.keep(self.pool, [told._replace(at=word.at)])
        except RefundedTooMuchError:
            return "invalid"
        await refunding.roll_back(self.pool, self.decider, [told.key])
        return "ok"

    @rule()
    def see_to_what_is_overdue(self) -> None:
        self.shop.refund(self.shop.orders)
        self.runner.run(overdue.roll_back_all(self.pool, self.decider))

    @rule(batches=st.sampled_from([0, 3]))
    def lock_before_looking(self, batches: int) -> None:
        self.decider._rivalled = batches

    @rule(request=requests)
    def replay(self, request: Asked) -> None:
        [again] = self.decide(request)

        assert again == self.answers[request.key]._replace(replayed=True)

    @rule(request=requests)
    def ask_for_something_else_under_the_same_key(self, request: Asked) -> None:
        [answer] = self.decide(request._replace(fingerprint=b"something else"))

        assert answer.status == 422

    # Books.

    @invariant()
    def the_books_agree(self) -> None:
        used: Counter[str] = Counter()
        for use in self.shop.taken:
            used[use.campaign] += use.uses
            used[use.code] += use.uses
        assert self.runner.run(self.books()) == {
            "used": {name: n for name, n in used.items() if n},
            "won": self.won,
            "orders": {
                order_id: (
                    order.status,
                    order.amount,
                    order.refunded,
                    order.paid_at,
                    order.customer and self.pseudonym(order.customer),
                    self.shop.counted(order_id),
                )
                for order_id, order in self.shop.orders.items()
            },
            "customers": {
                self.pseudonym(each): tuple(own)
                for each in CUSTOMERS
                if any(own := figures(self.shop.orders, each))
            },
        }

    def pseudonym(self, customer: str) -> str:
        return oracle_terms.pseudonym(self.project, customer)

    async def books(self) -> dict[str, Any]:
        """Return uses of campaigns and codes, customers won, orders, and what customers bought."""
        used = await self.pool.fetch(
            """
            SELECT campaign_id AS name, used FROM campaign_locks
            WHERE project_id = $1 AND used <> 0
            UNION ALL SELECT code, uses FROM vouchers WHERE project_id = $1 AND uses <> 0
            """,
            self.project,
        )
        won = await self.pool.fetch(
            "SELECT customer_id FROM ledger WHERE project_id = $1 AND customer_is_new"
            " AND kind = 'redeemed'",
            self.project,
        )
        orders = await self.pool.fetch(
            """
            SELECT order_id, status, amount_minor, refunded_minor, paid_at, customer_id,
                counted_minor
            FROM orders WHERE project_id = $1
            """,
            self.project,
        )
        customers = await self.pool.fetch(
            """
            SELECT customer_id, paid_orders, spent_minor, first_paid_at, last_paid_at
            FROM customers WHERE project_id = $1 AND paid_orders > 0
            """,
            self.project,
        )
        return {
            "used": dict(map(tuple, used)),
            "won": {row[0] for row in won},
            "orders": {row[0]: tuple(row)[1:] for row in orders},
            "customers": {row[0]: tuple(row)[1:] for row in customers},
        }

    async def everything(self) -> list[Any]:
        """Return whatever a validation must not touch."""
        return [
            await self.pool.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")
            for table in ("campaign_locks", "counters", "customers", "orders", "vouchers")
        ] + [
            await self.pool.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("ledger", "requests", "outbox")
        ]

    def teardown(self) -> None:
        self.runner.run(audit(self.pool))
        self.runner.run(self.forget())
        open("/tmp/count", "a").write(f"{self.versions}\n")  # DEBUG

    async def forget(self) -> None:
        """Keep the audit of the next example short."""
        for table in TABLES:
            await self.pool.execute(f"DELETE FROM {table}")


async def _all(forecasts: Forecasts, asked: Sequence[Any]) -> Sequence[Any]:
    return await asyncio.gather(*map(forecasts.of, asked))


def assert_as_foretold(forecast: Any, response: Response) -> None:
    """Compare a validation, word for word, with the redemption at that instant."""
    body = orjson.loads(response.body)
    assert forecast["valid"] == (response.status == OK)
    if forecast["valid"]:
        assert forecast["order"] == body["order"]
        return
    told = ("code", "key", "message", "details", "order_amount", "would_pass", "error")
    refused = [each["result"]["error"] for each in forecast["inapplicable_redeemables"]]
    skipped = [each["result"]["details"]["key"] for each in forecast["skipped_redeemables"]]
    same = [[each.get(name) for name in told] for each in refused]
    assert [body.get(name) for name in told] in same or body["key"] in skipped


@pytest.fixture
def checkout(redemption_db: str) -> Iterator[type[Checkout]]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        pool = runner.run(stack.enter_async_context(service_pool(redemption_db)))
        decider = runner.run(stack.enter_async_context(deciding(redemption_db)))
        yield type("Checkout", (Checkout,), {"runner": runner, "pool": pool, "decider": decider})
        runner.run(stack.aclose())


@pytest.mark.timeout(0)
def test_decisions_follow_the_model_whatever_happens(checkout: type[Checkout]) -> None:
    run_state_machine_as_test(
        checkout,
        settings=settings(
            max_examples=settings().max_examples // 2,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **({"phases": [__import__("hypothesis").Phase.generate]} if __import__("os").environ.get("QUICK") else {}),
        ),
    )


def test_the_oracle_shares_no_code_with_the_product() -> None:
    modules = [ast.parse(path.read_text()) for path in ORACLE.glob("*.py")]
    nodes = [node for module in modules for node in ast.walk(module)]
    imported = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert modules
    assert {name.split(".")[0] for name in imported if not name.startswith("kit.oracle")} == {
        "collections",
        "dataclasses",
        "datetime",
        "fractions",
        "math",
        "typing",
    }
