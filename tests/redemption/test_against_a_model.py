"""Hypothesis plays checkout and marketing; an oracle that shares no code says what is right."""

import ast
import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

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
from kit import oracle_answers, oracle_strategies, oracle_terms
from kit.oracle.orders import TooMuchRefundedError, figures
from kit.oracle.returns import Given
from kit.oracle.shop import Shop
from kit.oracle.terms import Campaign, Code, Discount, Segment, Stacking, Wish, Word
from kit.oracle_engine import Engine
from kit.oracle_strategies import CODES, CUSTOMERS, SEGMENTS, ends, most, switches
from kit.redemption_books import audit
from kit.redemption_deciders import deciding, service_pool
from kit.redemption_rollbacks import ids_in, key_of, parent_in

from redemption.outcomes import Response
from redemption.returns import Asked
from redemption.rollbacks.asking_back import WishedLine

ORACLE = Path(__file__).parents[1] / "kit" / "oracle"
OK = 200
THOROUGH = 1_000  # examples and more: whoever has a night
CAMPAIGNS = {
    "one": Campaign("one", Discount("amount", 2), follows_orders=True),
    "two": Campaign("two", Discount("percent", 50), follows_orders=True),
    "three": Campaign("three", Discount("amount", 3)),
}
HIERARCHY = {None: 0, "deals": 2, "members": 1}

wishes = st.lists(oracle_strategies.wishes(), min_size=1, max_size=4)
terms = oracle_strategies.campaign_terms
units = st.just(dict[str, int]()) | oracle_strategies.units


class Back(NamedTuple):
    """A rollback that is asked for, of what was given, by an amount or by units if of a part."""

    asked: Asked
    given: list[Given]
    amount: int | None
    units: dict[str, int]


class Start(Protocol):
    """Makes an engine with a project of its own."""

    def __call__(self) -> Engine: ...


class Checkout(RuleBasedStateMachine):
    """Three campaigns with four codes. Shoppers come at every step, or programs would be idle."""

    start: ClassVar[Start]

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.engine = self.start()
        self.shop = Shop()
        self.versions: Counter[str] = Counter()
        self.redeemed: dict[str, list[Given]] = {}  # by the ids under which it can be given back
        self.answers: dict[bytes, Response] = {}
        self.wishes: list[Wish] = []
        self.won: set[str] = set()

    # Marketing.

    @initialize(
        stacking=oracle_strategies.stackings,
        campaigns=st.tuples(terms, terms, terms),
        follows=st.booleans(),
    )
    def launch(
        self, stacking: Stacking, campaigns: Sequence[dict[str, Any]], *, follows: bool
    ) -> None:
        self.put_stacking(stacking)
        first = Segment(members=frozenset(["anna"])), Segment(spent=5), Segment(is_new=True)
        for name, segment in zip(SEGMENTS, first, strict=True):
            self.put_segment(name, segment)
        self.shop.campaigns = dict(CAMPAIGNS)
        self.shop.campaigns["three"] = replace(CAMPAIGNS["three"], follows_orders=follows)
        for name, said in zip(CAMPAIGNS, campaigns, strict=True):
            self.put_campaign(name, said)
        for code in CODES:
            self.put_code(Code(CODES[code]), code)

    @rule(target=requests, name=st.sampled_from([*CAMPAIGNS]), said=terms, then=wishes)
    def change_a_campaign(self, name: str, said: dict[str, Any], then: list[Wish]) -> Any:
        self.put_campaign(name, said)
        return self.redeem(then)

    @rule(
        target=requests,
        code=st.sampled_from([*CODES]),
        now=st.fixed_dictionaries({"quantity": most, "active": switches, "ends_at": ends}),
        then=wishes,
    )
    def change_a_code(self, code: str, now: dict[str, Any], then: list[Wish]) -> Any:
        self.put_code(Code(CODES[code], **now), code)
        return self.redeem(then)

    @rule(
        target=requests,
        stacking=oracle_strategies.stackings,
        segment=oracle_strategies.segments,
        then=wishes,
    )
    def change_the_rest(
        self, stacking: Stacking, segment: tuple[str, Segment], then: list[Wish]
    ) -> Any:
        self.put_stacking(stacking)
        self.put_segment(*segment)
        return self.redeem(then)

    @rule(target=requests, code=st.sampled_from([*CODES]), late=st.integers(1, 4), then=wishes)
    def repeat_old_snapshots(self, code: str, late: int, then: list[Wish]) -> Any:
        name, project = CODES[code], self.engine.project
        off = replace(self.shop.campaigns[name], active=False, total=0)
        self.engine.apply(
            oracle_terms.campaign(off, max(self.versions[name] - late, 0), project),
            oracle_terms.voucher(code, Code(name, 0), max(self.versions[code] - late, 0), project),
            oracle_terms.stacking(
                Stacking(most=1), max(self.versions["project"] - late, 0), project
            ),
        )
        return self.redeem(then)

    def put_campaign(self, name: str, said: dict[str, Any]) -> None:
        campaign = replace(self.shop.campaigns[name], **said, hierarchy=HIERARCHY[said["category"]])
        self.shop.campaigns[name] = campaign
        self.engine.apply(oracle_terms.campaign(campaign, self.next(name), self.engine.project))

    def put_code(self, now: Code, code: str) -> None:
        self.shop.codes[code] = now
        self.engine.apply(oracle_terms.voucher(code, now, self.next(code), self.engine.project))

    def put_stacking(self, stacking: Stacking) -> None:
        self.shop.stacking = stacking
        version = self.next("project")
        self.engine.apply(oracle_terms.stacking(stacking, version, self.engine.project))

    def put_segment(self, name: str, segment: Segment) -> None:
        self.shop.segments[name] = segment
        version = self.next(name)
        self.engine.apply(oracle_terms.segment(name, segment, version, self.engine.project))

    def next(self, name: str) -> int:
        self.versions[name] += 1
        return self.versions[name]

    # Checkouts.

    @rule(target=requests, wishes=wishes, then=wishes)
    def validate(self, wishes: list[Wish], then: list[Wish]) -> Any:
        before = self.engine.everything()

        self.foretell(wishes)

        assert self.engine.everything() == before
        return self.redeem(then)

    def foretell(self, wishes: Sequence[Wish]) -> list[Any]:
        """Compare what validations say with the oracle; return their answers."""
        partial = self.shop.stacking.partial
        expected = [
            oracle_answers.forecast(wish, self.shop.foretell(wish), partial=partial)
            for wish in wishes
        ]

        bodies = self.engine.foretell([self.request(wish) for wish in wishes])

        assert [oracle_answers.foretold(body) for body in bodies] == expected
        return bodies

    @rule(target=requests, batches=st.sampled_from([0, 3]))
    def redeem_the_like_again(self, batches: int) -> Any:
        self.engine.decider._rivalled = batches  # so many lock before they look
        return self.redeem(self.wishes)  # by what the batch before left, if it was that

    def redeem(self, wishes: list[Wish]) -> Any:
        return self.at_once(wishes)

    def at_once(
        self, wishes: list[Wish], backs: Sequence["Back"] = (), then: Sequence[Wish] = ()
    ) -> Any:
        """Decide in one batch: redeem, roll back, and redeem what that may have made room for."""
        self.wishes = wishes
        foretold = self.foretell(wishes[:1])
        partial = self.shop.stacking.partial
        before = [(wish, *self.shop.redeem(wish)) for wish in wishes]
        returned = [self.shop.roll_back(back.given, back.amount, back.units) for back in backs]
        decided = before + [(wish, *self.shop.redeem(wish)) for wish in then]
        asked: list[Asked] = [self.request(wish) for wish, *_ in decided]
        asked[len(wishes) : len(wishes)] = [back.asked for back in backs]

        responses = self.engine.decide(*asked)

        self.answers |= {each.key: given for each, given in zip(asked, responses, strict=True)}
        end = len(wishes) + len(backs)
        assert [key_of(response) for response in responses[len(wishes) : end]] == returned
        redeemed = responses[: len(wishes)] + responses[end:]
        for forecast, response in zip(foretold, redeemed, strict=False):
            assert_as_foretold(forecast, response)
        for response, (wish, became, is_new, given) in zip(redeemed, decided, strict=True):
            expected = oracle_answers.expected(wish, became, partial=partial)
            assert oracle_answers.answered(response) == expected
            if is_new and wish.customer is not None:
                self.won.add(oracle_terms.pseudonym(self.engine.project, wish.customer))
            if response.status == OK:
                self.remember(response, given)
        return multiple(*asked)

    def request(self, wish: Wish) -> Any:
        return oracle_terms.request(wish, self.engine.project)

    def remember(self, response: Response, given: list[Given]) -> None:
        """Note what was redeemed by its ids: each code's, and the one that all have in common."""
        for id_, each in zip(ids_in(response), given, strict=True):
            self.redeemed[id_] = [each]
        self.redeemed[parent_in(response)] = given

    @rule(
        target=requests,
        first=wishes,
        which=st.lists(st.integers(0, 9), min_size=1, max_size=3),
        amount=st.none() | st.integers(1, 9),
        units=units,
        then=wishes,
    )
    def roll_back(
        self,
        first: list[Wish],
        which: list[int],
        amount: int | None,
        units: dict[str, int],
        then: list[Wish],
    ) -> Any:
        self.redeem(first)
        newest = list(self.redeemed)[-10:]
        wanted = [newest[n % len(newest)] for n in which if newest]
        said: dict[str, Any] = {"amount_minor": amount}
        if units:
            said = {"items": tuple(WishedLine(n, product) for product, n in units.items())}
        backs = [
            Back(self.engine.a_rollback(id_, **said), self.redeemed[id_], amount, units)
            for id_ in wanted
        ]
        return self.at_once(then[:1], backs, then[1:])

    @rule(target=requests, first=wishes, words=oracle_strategies.several_words)
    def tell_orders_by_kafka(self, first: list[Wish], words: list[Word]) -> Any:
        redeemed = self.redeem(first)
        self.shop.tell(words)
        self.engine.send(words)
        return redeemed

    @rule(target=requests, first=wishes, word=oracle_strategies.words(by_http=True))
    def tell_an_order_by_http(self, first: list[Wish], word: Word) -> Any:
        redeemed = self.redeem(first)
        try:
            self.shop.tell([word])
        except TooMuchRefundedError:
            assert not self.engine.post(word)
        else:
            assert self.engine.post(word)
        return redeemed

    @rule(target=requests, first=wishes)
    def see_to_what_is_overdue(self, first: list[Wish]) -> Any:
        redeemed = self.redeem(first)
        self.shop.refund(self.shop.orders)
        self.engine.see_to_what_is_overdue()
        return redeemed

    @rule(request=requests)
    def replay(self, request: Asked) -> None:
        [again] = self.engine.decide(request)
        assert again == self.answers[request.key]._replace(replayed=True)

        [other] = self.engine.decide(request._replace(fingerprint=b"something else"))
        assert other.status == 422

    # Books.

    @invariant()
    def the_books_agree(self) -> None:
        used: Counter[str] = Counter()
        for use in self.shop.taken:
            used[use.campaign] += use.uses
            used[use.code] += use.uses
        whose = {each: oracle_terms.pseudonym(self.engine.project, each) for each in CUSTOMERS}
        bought = {whose[each]: figures(self.shop.orders, each) for each in CUSTOMERS}
        books = self.engine.books()
        for name, expected in {
            "used": {name: n for name, n in used.items() if n},
            "won": self.won,
            "orders": {
                order_id: (
                    order.status,
                    order.amount,
                    order.refunded,
                    order.paid_at,
                    order.customer and whose[order.customer],
                    self.shop.counted(order_id),
                )
                for order_id, order in self.shop.orders.items()
            },
            "customers": {each: tuple(own) for each, own in bought.items() if own.paid_orders},
        }.items():
            assert books[name] == expected

    def teardown(self) -> None:
        self.engine.run(audit(self.engine.pool))
        self.engine.run(self.engine.forget())


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
        yield type("Checkout", (Checkout,), {"start": partial(Engine, runner, pool, decider)})
        runner.run(stack.aclose())


@pytest.mark.timeout(0)
def test_decisions_follow_the_model_whatever_happens(checkout: type[Checkout]) -> None:
    many = settings().max_examples
    run_state_machine_as_test(
        checkout,
        settings=settings(
            max_examples=many if many > THOROUGH else many // 2,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
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
