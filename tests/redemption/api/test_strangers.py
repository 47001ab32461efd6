"""Pages ask with a key that everybody can read: they are told nothing that guessing could use."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from kit import outboxes
from kit.chance import without_chance
from kit.redemption_books import audit
from kit.redemption_http import a_body, a_key, proof, serving
from kit.redemption_samples import (
    CUSTOMER_KEY,
    PROJECT,
    campaign_changed,
    project_changed,
    segment_changed,
    voucher_changed,
)
from kit.rules import a_rule

from contracts import ids, topics
from contracts.discounts import PercentOff
from contracts.guesses import GuessLimits
from contracts.targets import ApplicableTo, Targets
from contracts.terms import Limit
from redemption.api.strangers import STEP_SECONDS
from redemption.applying import snapshots
from redemption.applying.snapshots import Snapshot
from redemption.batches.validate import Forecasts

SHOP = "https://shop.example"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PATHS = ("/client/v1/redemptions", "/client/v1/validations")

# Codes that would be refused whatever is sent with them, each of another reason.
DEAD: Mapping[str, Mapping[str, Any]] = {
    "OFF": {"active": False},
    "OVER": {"ends_at": NOW - DAY},
    "SOON": {"starts_at": NOW + DAY},
    "FULL": {"total_limit": 0},
    "EACH": {"per_customer_limit": 0},
}


def page(key: str = "page", origin: str | None = SHOP) -> dict[str, str]:
    secret = proof(key)["X-App-Token"]
    headers = {"X-Client-Application-Id": key, "X-Client-Token": secret}
    return headers | ({} if origin is None else {"Origin": origin})


def its_snapshots(limits: GuessLimits) -> list[Snapshot]:
    both = a_key("page", "client_validations", "client_redemptions")
    looks = a_key("looks", "client_validations")
    keys = [each.model_copy(update={"origins": (SHOP,)}) for each in (both, looks)]
    told: list[Snapshot] = [
        project_changed(PROJECT, 1, a_key("key_a", "redemptions"), *keys, guess_limits=limits),
        project_changed("proj_b", 1),
        campaign_changed(),
        voucher_changed("GOOD"),
        voucher_changed("DISABLED", active=False),
        voucher_changed("USED", quantity=0),
        campaign_changed("camp_b", project="proj_b"),
        voucher_changed("NEXTDOOR", "camp_b", project="proj_b"),
    ]
    for code, terms in DEAD.items():
        told += [campaign_changed(f"camp_{code}", **terms), voucher_changed(code, f"camp_{code}")]
    return told


@pytest.fixture
async def shop(redemption_db: str, pool: asyncpg.Pool) -> AsyncIterator[httpx.AsyncClient]:
    """A shop whose pages have a key, with codes of every sort."""
    limits = GuessLimits(per_customer=3, per_address=None, per_key=None)
    await snapshots.apply(pool, its_snapshots(limits))
    async with serving(redemption_db) as client:
        yield client


def asked(code: str, **more: Any) -> dict[str, Any]:
    return a_body(code, customer={"source_id": "anna"}, **more)


async def test_a_page_redeems_and_may_read_the_answer(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    redeemed, looked = [await shop.post(path, json=asked("GOOD"), headers=page()) for path in PATHS]

    for answer in (redeemed, looked):
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "x-request-id" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "origin"
    assert looked.json()["valid"] is True
    assert await audit(pool) == 1
    assert await pool.fetchval("SELECT caller FROM ledger") == "page"


async def test_a_trace_goes_from_a_page_to_the_outcome(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await shop.post(PATHS[0], json=asked("GOOD"), headers=page() | {"traceparent": TRACE})

    told = [each for each in await outboxes.taken(pool) if each.topic == topics.REDEMPTIONS.name]
    assert [json.loads(each.value)["traceparent"] for each in told] == [TRACE]


@pytest.mark.parametrize("path", PATHS)
async def test_a_browser_that_asks_first_is_told_that_it_may(
    shop: httpx.AsyncClient, path: str
) -> None:
    wanted = "content-type,x-client-application-id,x-client-token"
    headers = {"Origin": "https://any.example", "Access-Control-Request-Headers": wanted}

    answer = await shop.options(path, headers=headers)
    elsewhere = await shop.options(path.removeprefix("/client"), headers=headers)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://any.example"
    assert answer.headers["access-control-allow-headers"] == wanted
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert "access-control-allow-origin" not in elsewhere.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (page(origin="https://evil.example"), 403),
        (page(origin=f"{SHOP}.evil.example"), 403),
        (page(origin=None), 403),
        (page("key_a"), 403),  # the shop's own, which no page should have
        (page() | {"X-Client-Token": "wrong"}, 401),
        (page("nobody"), 401),
        (proof("key_a") | {"Origin": SHOP}, 401),
        ({}, 401),
    ],
)
async def test_who_may_not_is_refused_where_pages_ask(
    shop: httpx.AsyncClient, headers: dict[str, str], status: int, pool: asyncpg.Pool
) -> None:
    shop.headers = httpx.Headers()
    for path in PATHS:
        answer = await shop.post(path, json=asked("GOOD"), headers=headers)

        assert answer.status_code == status, path
        assert answer.headers.get("access-control-allow-origin") == headers.get("Origin")
        if status == 401:  # with the names of what pages send, which a server's are not
            asked_for = "send a valid X-Client-Application-Id and X-Client-Token"
            assert answer.json()["details"] == asked_for
    assert await pool.fetchval("SELECT count(*) FROM ledger") == 0


async def test_a_key_of_pages_opens_nothing_else(shop: httpx.AsyncClient) -> None:
    shop.headers = httpx.Headers(proof("page"))
    answers = [
        await shop.post("/v1/redemptions", json=asked("GOOD")),
        await shop.post("/v1/validations", json=asked("GOOD")),
        await shop.get("/v1/redemptions"),
        await shop.get("/v1/vouchers/GOOD/redemption"),
    ]
    looks = await shop.post(PATHS[0], json=asked("GOOD"), headers=page("looks"))
    sees = await shop.post(PATHS[1], json=asked("GOOD"), headers=page("looks"))

    assert {each.status_code for each in answers} == {403}
    assert (looks.status_code, sees.status_code) == (403, 200)


def without_its_code(answer: httpx.Response, code: str) -> Any:
    """Return what is told but for the code, which is what was sent, and a draw."""
    told = json.loads(answer.text.replace(code, "…"))
    told.pop("id", None)
    return answer.status_code, told


@pytest.mark.parametrize("path", PATHS)
async def test_a_code_that_cannot_be_used_reads_like_one_that_nobody_issued(
    shop: httpx.AsyncClient, path: str
) -> None:
    read = {}
    for code in ("NOBODYS", "NEXTDOOR", "DISABLED", "USED", *DEAD):
        began = time.monotonic()
        answer = await shop.post(path, json=asked(code), headers=page())
        assert time.monotonic() - began >= STEP_SECONDS * 0.95, code
        read[code] = without_its_code(answer, code)

    assert all(each == read["NOBODYS"] for each in read.values()), read
    if "redemptions" in path:
        assert read["NOBODYS"][0] == 404
        assert read["NOBODYS"][1]["key"] == "not_found"
    else:
        assert read["NOBODYS"][1]["valid"] is False


VIP = {"name": "customer.segment", "$is": ["seg_1"]}
LARGE = {"name": "order.amount", "$more_than_equal": [500_000]}
TEN_PERCENT = PercentOff(basis_points=1000)
SPENT = Limit(of="campaign", what="discount", most=0)
FULL_OF_ORDERS = Limit(of="campaign", what="order", most=0)
KNOWN = {"name": "customer.is_new", "$is": [False]}
BY_A_PERSON = {"name": "redemption.channel", "$is": ["USER"]}
AT_A_TILL = {"name": "redemption.metadata", "property": "till", "$has_value": []}

# Codes that would be refused however a stranger went on, and what he leaves out or sends.
NOT_THEIRS: Mapping[str, tuple[Mapping[str, Any], dict[str, Any]]] = {
    "no customer": ({"rules": (a_rule(a=VIP),)}, a_body()),
    "no order": ({"rules": (a_rule(a=VIP),), "discount": TEN_PERCENT}, a_body(amount=None)),
    "a small order": ({"rules": (a_rule(a=LARGE, b=VIP),)}, asked("")),
    "no lines": (
        {
            "rules": (a_rule(a=VIP),),
            "applicable_to": ApplicableTo(included=Targets(products=("tee",))),
        },
        asked(""),
    ),
    "another currency": (
        {"rules": (a_rule(a=VIP),)},
        asked("", order={"amount": 4999, "currency": "USD"}),
    ),
    "no order of a second rule's": (
        {"rules": (a_rule(a=LARGE), a_rule(rule_id="val_2", a=KNOWN))},
        a_body(amount=None),
    ),
    "a small order of a second rule's": (
        {"rules": (a_rule(a=LARGE), a_rule(rule_id="val_2", a=VIP))},
        asked(""),
    ),
    "a small order of a person's": (
        {"rules": (a_rule(a=LARGE), a_rule(rule_id="val_2", a=BY_A_PERSON))},
        asked(""),
    ),
    "a small order of a third rule's": (
        {
            "rules": (
                a_rule(a=LARGE),
                a_rule("not a", "val_2", a=LARGE),
                a_rule(rule_id="val_3", a=AT_A_TILL),
            )
        },
        asked(""),
    ),
    "no order of a branch": (
        {"rules": (a_rule("(a or c) and b", a=LARGE, b=KNOWN, c=VIP),)},
        a_body(amount=None),
    ),
    "no order of a budget of orders": (
        {"discount": TEN_PERCENT, "limits": (FULL_OF_ORDERS,)},
        a_body(amount=None),
    ),
    "no customer of a budget": (
        {"per_customer_limit": 1, "limits": (SPENT,)},
        a_body(),
    ),
}


@pytest.mark.parametrize(("terms", "body"), NOT_THEIRS.values(), ids=NOT_THEIRS)
@pytest.mark.parametrize("path", PATHS)
async def test_who_lacks_something_is_not_told_so_of_a_code_that_is_not_theirs(
    shop: httpx.AsyncClient,
    pool: asyncpg.Pool,
    path: str,
    terms: Mapping[str, Any],
    body: dict[str, Any],
) -> None:
    campaign = campaign_changed("camp_vip", **terms)
    await snapshots.apply(pool, [segment_changed(), campaign, voucher_changed("VIP", "camp_vip")])
    read = {}
    for code in ("NOBODYS", "VIP"):
        redeemables = [{"object": "voucher", "id": code}]
        answer = await shop.post(path, json=body | {"redeemables": redeemables}, headers=page())
        read[code] = without_its_code(answer, code)

    assert read["VIP"] == read["NOBODYS"]
    if "redemptions" in path:  # the shop itself is told
        assert await pool.fetchval("SELECT reason FROM ledger WHERE code = 'VIP'") != "not_found"


async def test_a_branch_that_the_order_may_meet_is_asked_for(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    rule = a_rule("a or b", a=LARGE, b=VIP)
    await snapshots.apply(pool, [segment_changed(), campaign_changed(version=2, rules=(rule,))])

    small = await shop.post(PATHS[0], json=asked("GOOD"), headers=page())

    assert (small.status_code, small.json()["key"]) == (400, "order_rules_violated")
    assert small.json()["would_pass"]["amount_short"] == 495_001


async def test_the_shop_itself_is_told_why(shop: httpx.AsyncClient) -> None:
    answers = [await shop.post("/v1/redemptions", json=asked(code)) for code in DEAD]

    assert len({each.json()["key"] for each in answers}) == len(DEAD)


async def test_what_a_request_lacks_is_told(shop: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(version=2, per_customer_limit=1)])

    redeemed = await shop.post(PATHS[0], json=a_body("GOOD"), headers=page())
    looked = await shop.post(PATHS[1], json=a_body("GOOD"), headers=page())

    assert redeemed.json()["key"] == "missing_customer"
    assert looked.json()["redeemables"][0]["result"]["error"]["key"] == "missing_customer"


@pytest.mark.parametrize("dead", ["NOBODYS", "OFF"])
@pytest.mark.parametrize("path", PATHS)
async def test_whatever_is_refused_is_a_guess_of_the_page_and_not_of_whom_it_names(
    redemption_db: str, pool: asyncpg.Pool, path: str, dead: str
) -> None:
    limits = GuessLimits(per_customer=1, per_address=None, per_key=3)
    await snapshots.apply(pool, its_snapshots(limits))
    async with serving(redemption_db) as shop:
        known = await shop.post("/v1/validations", json=asked("OFF"))  # to this process
        statuses = [
            (await shop.post(path, json=asked(dead), headers=page())).status_code for _ in range(5)
        ]
        good = await shop.post(path, json=asked("GOOD"), headers=page())
        own = await shop.post("/v1/redemptions", json=asked("GOOD"))

    assert known.status_code == 200
    assert statuses[3:] == [429, 429]
    assert 429 not in statuses[:3]
    assert good.status_code == 429  # or it would be known to be one
    assert own.status_code == 200  # of the same customer, by the shop


async def test_a_page_tries_one_code_now(shop: httpx.AsyncClient) -> None:
    several = [await shop.post(p, json=a_body("GOOD", "OFF"), headers=page()) for p in PATHS]
    then = asked("GOOD", at="2028-01-01T00:00:00Z")
    another_day = await shop.post(PATHS[1], json=then, headers=page())

    for answer in (*several, another_day):
        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")


async def test_a_pages_repeat_is_no_guess(redemption_db: str, pool: asyncpg.Pool) -> None:
    limits = GuessLimits(per_customer=None, per_address=None, per_key=2)
    await snapshots.apply(pool, its_snapshots(limits))
    key = page() | {"Idempotency-Key": "order-1"}
    async with serving(redemption_db) as shop:
        answers = [await shop.post(PATHS[0], json=asked("NOBODYS"), headers=key) for _ in range(4)]
        good = await shop.post(PATHS[0], json=asked("GOOD"), headers=page())

    assert [each.status_code for each in answers] == [404] * 4
    assert len({each.content for each in answers}) == 1
    assert good.status_code == 200
    assert await pool.fetchval("SELECT count(*) FROM ledger") == 2


async def test_a_pages_refused_repeat_is_told_how_things_stand(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    key = page() | {"Idempotency-Key": "order-1"}
    asking = [campaign_changed(version=2, rules=(a_rule(a=LARGE),)), campaign_changed(version=3)]
    reasons = []
    for change in asking:
        await snapshots.apply(pool, [change])
        told = await shop.post(PATHS[0], json=asked("GOOD"), headers=key)
        reasons.append(told.json()["key"])

    assert reasons == ["order_rules_violated", "not_found"]
    assert await audit(pool) == 0  # a repeat redeems nothing


async def test_what_was_refused_is_a_guess_where_nobody_could_say_why(
    redemption_db: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise asyncpg.QueryCanceledError

    limits = GuessLimits(per_customer=None, per_address=None, per_key=1)
    await snapshots.apply(pool, its_snapshots(limits))
    async with serving(redemption_db) as shop:
        with monkeypatch.context() as patch:
            patch.setattr(Forecasts, "of", fail)
            failed = await shop.post(PATHS[0], json=asked("NOBODYS"), headers=page())
        good = await shop.post(PATHS[0], json=asked("GOOD"), headers=page())

    assert failed.status_code == 503
    assert good.status_code == 429


ASKS_WHO_IT_IS: Mapping[str, Mapping[str, Any]] = {
    "new": {"rules": (a_rule(a={"name": "customer.is_new", "$is": [True]}),)},
    "known": {"rules": (a_rule(a={"name": "customer.is_new", "$is": [False]}),)},
    "gold": {"rules": (a_rule(a={"name": "customer.metadata", "property": "tier", "$is": ["g"]}),)},
    "listed": {"rules": (a_rule(a={"name": "customer.segment", "$is": ["seg_1"]}),)},
    "not listed": {"rules": (a_rule(a={"name": "customer.segment", "$is_not": ["seg_1"]}),)},
    "once each": {"per_customer_limit": 1},
}


@pytest.mark.parametrize("terms", ASKS_WHO_IT_IS.values(), ids=ASKS_WHO_IT_IS)
async def test_a_page_cannot_find_out_who_buys_here(
    shop: httpx.AsyncClient, pool: asyncpg.Pool, terms: Mapping[str, Any]
) -> None:
    anna = ids.customer(CUSTOMER_KEY, PROJECT, "anna")
    await snapshots.apply(pool, [segment_changed(members=(anna,))])
    await shop.post("/v1/customers", json={"source_id": "anna", "metadata": {"tier": "g"}})
    redeemed = await shop.post("/v1/redemptions", json=asked("GOOD"))
    await snapshots.apply(pool, [campaign_changed(version=2, **terms)])

    answers = [
        await shop.post(PATHS[1], json=a_body("GOOD", customer=who), headers=page())
        for who in ({"source_id": "anna"}, {"source_id": "bert"}, {"email": "c@example.org"})
    ]

    assert redeemed.status_code == 200
    assert len({without_chance(answer.text) for answer in answers}) == 1, answers[0].text
    assert {answer.status_code for answer in answers} == {200}


ASKS_FOR_MORE: Mapping[str, tuple[Mapping[str, Any], dict[str, Any]]] = {
    "once each, no order": ({"per_customer_limit": 1, "discount": TEN_PERCENT}, {"amount": None}),
    "once each, a small order": ({"per_customer_limit": 1, "rules": (a_rule(a=LARGE),)}, {}),
    "new, a small order": (
        {"rules": (a_rule(b={"name": "customer.is_new", "$is": [True]}, a=LARGE),)},
        {},
    ),
    "known, a small order": (
        {"rules": (a_rule(a={"name": "customer.is_new", "$is": [False]}, b=LARGE),)},
        {},
    ),
}


@pytest.mark.parametrize(("terms", "sent"), ASKS_FOR_MORE.values(), ids=ASKS_FOR_MORE)
async def test_a_refused_redemption_tells_nothing_of_who_buys_here(
    shop: httpx.AsyncClient,
    pool: asyncpg.Pool,
    terms: Mapping[str, Any],
    sent: dict[str, Any],
) -> None:
    bought = await shop.post("/v1/redemptions", json=asked("GOOD"))
    await snapshots.apply(pool, [campaign_changed(version=2, **terms)])

    answers = [
        await shop.post(
            PATHS[0],
            json=a_body("GOOD", customer=who, **sent),
            headers=page() | {"Idempotency-Key": who["source_id"]},
        )
        for who in ({"source_id": "anna"}, {"source_id": "bert"}, {"source_id": "anna"})
    ]

    assert bought.status_code == 200
    assert len({without_chance(answer.text) for answer in answers}) == 1, answers[0].text
    assert answers[0].content == answers[2].content
    assert answers[0].status_code == answers[1].status_code >= 400


async def test_a_pages_idempotency_key_is_not_the_shops(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    key = {"Idempotency-Key": "order-1"}
    mine = await shop.post("/v1/redemptions", json=asked("GOOD"), headers=key)
    first, again = [
        await shop.post(PATHS[0], json=asked("GOOD"), headers=page() | key) for _ in range(2)
    ]

    assert (mine.status_code, first.status_code) == (200, 200)
    assert first.content == again.content != mine.content
    assert await audit(pool) == 2


async def test_what_a_page_says_of_others_changes_nothing(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    anna = {"source_id": "anna", "name": "Anna", "email": "anna@example.org"}
    order = {"source_id": "order-1", "amount": 4999, "status": "CREATED", "customer": anna}
    await shop.post("/v1/customers", json=anna | {"metadata": {"tier": "tin"}})
    await shop.post("/v1/orders", json=order)
    said = {
        "customer": anna | {"name": "X", "email": "x@example.org", "metadata": {"tier": "gold"}},
        "order": {"source_id": "order-1", "amount": 100_000},
    }

    answer = await shop.post(PATHS[0], json=a_body("GOOD") | said, headers=page())
    known = (await shop.get("/v1/customers/anna")).json()
    untouched = (await shop.get("/v1/orders/order-1")).json()

    assert answer.status_code == 200, answer.text
    assert (known["name"], known["email"]) == ("Anna", "anna@example.org")
    assert known["metadata"] == {"tier": "tin"}
    assert known["summary"]["redemptions"]["total_redeemed"] == 1
    assert (untouched["status"], untouched["amount"]) == ("CREATED", 4999)
    assert await pool.fetchval("SELECT order_minor FROM ledger") == 100_000
    assert await audit(pool) == 1


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_not_whoever_it_says_by_its_metadata(
    shop: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    gold = a_rule(gold={"name": "customer.metadata", "property": "tier", "$is": ["gold"]})
    await snapshots.apply(pool, [campaign_changed(version=2, rules=(gold,))])
    said = {"customer": {"source_id": "anna", "metadata": {"tier": "gold"}}}

    page_says = await shop.post(path, json=a_body("GOOD") | said, headers=page())
    shop_says = await shop.post(path.removeprefix("/client"), json=a_body("GOOD") | said)

    assert "not_found" in page_says.text
    assert shop_says.status_code == 200
    assert "not_found" not in shop_says.text
