"""What must be true of redemption's database after anything at all, as the checks of an auditor."""

from collections import Counter, defaultdict
from typing import Any, cast
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from contracts import topics
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack
from contracts.terms import Limit, Terms
from kit import outboxes
from redemption.batches import recall
from redemption.claims import limits
from redemption.model import Request
from redemption.outcomes import Response
from servicekit.postgres.pool import Connection

Books = asyncpg.Pool | Connection
Row = asyncpg.Record
Outcome = RedemptionSucceeded | RedemptionFailed | RedemptionRolledBack
STACK_REFUSED = "stack_refused"
QUANTITY, AMOUNT, DISCOUNT, FREE = 2, 3, 4, 5  # of a line in the ledger


async def audit(books: Books, *, published: bool = False) -> int:
    """Prove ledger = responses = counters = customers = outbox; return how many were redeemed.

    `published` says that a relay may have emptied the outbox.
    """
    ledger = await books.fetch("SELECT * FROM ledger ORDER BY id")
    redeemed = [row for row in ledger if row["kind"] == "redeemed"]
    returned = [row for row in ledger if row["kind"] == "rolled_back"]
    await _every_request_has_its_response(books, ledger)
    _nothing_is_given_back_twice(redeemed, returned)
    await _uses_are_counted(books, redeemed, returned)
    await _limits_are_counted(books, redeemed, returned)
    off = "SELECT * FROM reconciliation_counters WHERE used <> recounted"
    assert await books.fetch(off) == []
    await _customers_are_known(books, redeemed)
    await _purchases_add_up(books)
    if not published:
        await _every_entry_has_its_event(books, ledger)
    return len(redeemed)


async def _every_request_has_its_response(books: Books, ledger: list[Row]) -> None:
    entries = defaultdict(list)
    for row in ledger:
        entries[row["request_key"]].append(row)
    responses = {row["key"]: row for row in await books.fetch("SELECT * FROM requests")}
    for key in responses.keys() - entries.keys():
        assert responses[key]["status"] >= 400
        assert orjson.loads(responses[key]["body"])["resource_type"] == "redemption_rollback"
        del responses[key]
    assert responses.keys() == entries.keys()
    returned = {key for key, rows in entries.items() if rows[0]["kind"] == "rolled_back"}
    bodies = await _bodies_by_the_ledger(
        books, {key: row for key, row in responses.items() if key not in returned}
    )
    for key, rows in entries.items():
        assert {row["project_id"] for row in rows} == {responses[key]["project_id"]}
        assert len(responses[key]["entries"]) == 16 * len(rows)
        if key in returned:
            _returned_together(rows, orjson.loads(responses[key]["body"]))
            continue
        assert responses[key]["body"] in {None, bodies[key]}
        body = orjson.loads(bodies[key])
        if responses[key]["status"] == 200:
            _redeemed_together(rows, body)
        else:
            _refused_together(rows, body)


async def _bodies_by_the_ledger(books: Books, responses: dict[bytes, Row]) -> dict[bytes, bytes]:
    """Return what each request is answered where no answer was kept."""
    bare = {key: Response(row["fingerprint"], row["status"], b"") for key, row in responses.items()}
    told = await recall.with_bodies(cast("Connection", books), bare, bare)
    return {key: response.body for key, response in told.items()}


def _redeemed_together(rows: list[Row], body: dict[str, Any]) -> None:
    told = body["redemptions"]
    together, rows = rows, [row for row in rows if row["kind"] == "redeemed"]
    _left_out([row for row in together if row not in rows], body)
    assert {row["id"].hex for row in rows} == {each["id"].removeprefix("r_") for each in told}
    assert {row["code"] for row in rows} == {each["voucher"]["code"] for each in told}
    assert (len(together) > 1) == ("parent_redemption" in body)
    if body["order"] is not None:
        counted = sum(row["order_minor"] for row in rows)
        [basket] = {row["basket_minor"] for row in rows}
        assert (counted if basket is None else basket) == body["order"]["amount"]
        assert basket is None or basket > counted
        discount = sum(row["discount_minor"] for row in rows)
        assert discount == body["order"]["total_discount_amount"]
    whole = all(row["basket_minor"] is None for row in rows)
    assert all(not whole or (row["order_minor"] or 0) >= row["discount_minor"] for row in rows)
    assert all(row["discount_minor"] >= 0 for row in rows)
    _lines_add_up(rows, body)


def _left_out(rows: list[Row], body: dict[str, Any]) -> None:
    """Compare codes that did not apply beside others that did: they took nothing."""
    told = body["inapplicable_redeemables"] + body["skipped_redeemables"]
    assert {row["code"] for row in rows} == {each["id"] for each in told}
    assert {row["reason"] for row in rows} == {each["result"]["details"]["key"] for each in told}
    taken = {(row["order_minor"] or 0, row["discount_minor"], row["claims"]) for row in rows}
    assert taken <= {(0, 0, None)}


def _lines_add_up(rows: list[Row], body: dict[str, Any]) -> None:
    """Compare lines with the order and the discounts that they are of; added ones cost nothing."""
    taken = []
    for row in rows:
        lines = row["lines"]
        if lines is not None:
            sent = [line for line in lines if line[QUANTITY] or not line[FREE:] or not line[FREE]]
            added = [line for line in lines if line not in sent]
            assert not sent or sum(line[AMOUNT] for line in sent) == body["order"]["amount"]
            assert sum(line[DISCOUNT] for line in sent) == row["discount_minor"]
            assert not any(line[AMOUNT] or line[DISCOUNT] for line in added)
            taken.append([line[DISCOUNT] for line in sent])
    if taken:
        items = [each for each in body["order"]["items"] if each.get("initial_quantity") != 0]
        told = [item["total_discount_amount"] for item in items]
        assert [sum(each) for each in zip(*taken, strict=True)] == told


def _refused_together(rows: list[Row], body: dict[str, Any]) -> None:
    assert {row["kind"] for row in rows} == {"refused"}
    [refused] = [row for row in rows if f"rf_{row['id'].hex}" == body["resource_id"]]
    assert refused["reason"] == body["key"] != STACK_REFUSED
    assert refused["order_minor"] == body["order_amount"]
    assert not any(row["order_minor"] for row in rows if row is not refused)
    nothing = [(row["discount_minor"], row["claims"], row["lines"]) for row in rows]
    assert set(nothing) == {(0, None, None)}


def _returned_together(rows: list[Row], body: dict[str, Any]) -> None:
    told = body["rollbacks"]
    assert {row["kind"] for row in rows} == {"rolled_back"}
    assert {row["id"].hex for row in rows} == {each["id"].removeprefix("rr_") for each in told}
    assert sum(row["discount_minor"] for row in rows) == -sum(e["discount_amount"] for e in told)
    assert sum(row["order_minor"] or 0 for row in rows) == -sum(e["amount"] or 0 for e in told)


def _nothing_is_given_back_twice(redeemed: list[Row], returned: list[Row]) -> None:
    of: dict[Any, list[Row]] = defaultdict(list)
    for row in returned:
        of[row["parent_id"]].append(row)
    originals = {row["id"]: row for row in redeemed}
    for parent_id, rows in of.items():
        original = originals[parent_id]
        for row in rows:
            for name in ("project_id", "campaign_id", "campaign_version", "code", "customer_id"):
                assert row[name] == original[name]
            assert row["redeemed_at"] == original["at"]
            assert max(row["order_minor"] or 0, row["discount_minor"]) <= 0
            assert row["is_whole"] or not row["gives_use"]
        order = (original["order_minor"] or 0) + sum(row["order_minor"] or 0 for row in rows)
        discount = original["discount_minor"] + sum(row["discount_minor"] for row in rows)
        assert min(order, discount) >= 0
        whole = sum(row["is_whole"] for row in rows)
        assert whole <= 1
        assert not whole or (order, discount) == (0, 0)


async def _uses_are_counted(books: Books, redeemed: list[Row], returned: list[Row]) -> None:
    """Compare what entries claim with the counters that are kept from the first day on."""
    by_campaign = Counter((row["project_id"], row["campaign_id"]) for row in redeemed)
    by_code = Counter((row["project_id"], row["code"]) for row in redeemed)
    sequences = by_code + Counter((row["project_id"], row["code"]) for row in returned)
    claimed: Counter[tuple[str, str, str]] = Counter()
    for row in redeemed:
        claims = {kind: (subject, amount) for kind, subject, amount in row["claims"]}
        assert len(claims) == len(row["claims"])
        assert claims[limits.CAMPAIGN] == ("", 1)
        assert claims[limits.CODE] == (row["code"], 1)
        for kind in (limits.CAMPAIGN, limits.CODE):
            what = row["campaign_id"] if kind == limits.CAMPAIGN else row["code"]
            claimed[row["project_id"], kind, what] += claims[kind][1]
    for row in returned:
        if row["gives_use"]:
            gave = {kind: (subject, amount) for kind, subject, amount in row["claims"]}
            assert (gave[limits.CAMPAIGN], gave[limits.CODE]) == (("", -1), (row["code"], -1))
            by_campaign[row["project_id"], row["campaign_id"]] -= 1
            by_code[row["project_id"], row["code"]] -= 1
            claimed[row["project_id"], limits.CAMPAIGN, row["campaign_id"]] -= 1
            claimed[row["project_id"], limits.CODE, row["code"]] -= 1
    locks = await books.fetch("SELECT project_id, campaign_id, used FROM campaign_locks")
    codes = await books.fetch("SELECT project_id, code, uses, sequence FROM vouchers")

    assert {(p, c): used for p, c, used in locks if used} == +by_campaign
    assert {(p, c): uses for p, c, uses, _ in codes if uses} == +by_code
    assert claimed == {
        **{(p, limits.CAMPAIGN, c): n for (p, c), n in by_campaign.items()},
        **{(p, limits.CODE, c): n for (p, c), n in by_code.items()},
    }
    assert {(p, c): sequence for p, c, _, sequence in codes if sequence} == sequences


async def _limits_are_counted(books: Books, redeemed: list[Row], returned: list[Row]) -> None:
    """Compare what is limited now with all that was redeemed, also before it was limited."""
    campaigns = await books.fetch("SELECT project_id, campaign_id, terms, time_zone FROM campaigns")
    kept: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for row in await books.fetch("SELECT * FROM counters"):
        if not row["used"]:
            continue  # all of it was given back
        kept[row["project_id"], row["campaign_id"], row["kind"]][row["subject"]] = row["used"]
    entries = defaultdict(list)
    for row in [*redeemed, *returned]:
        entries[row["project_id"], row["campaign_id"]].append(row)
    for row in campaigns:
        campaign = (row["project_id"], row["campaign_id"])
        for limit in _limits_of(Terms.model_validate(row["terms"])):
            kind = _kind_of(limit, row["time_zone"])
            counted: Counter[str] = Counter()
            for entry in entries[campaign]:
                if "customer" not in limit.of or entry["customer_id"]:
                    amount = _taken(limit, entry)
                    counted[_subject_of(limit, entry, row["time_zone"])] += amount
            assert kept[*campaign, kind] == +counted, (campaign, kind)


def _taken(limit: Limit, entry: Row) -> int:
    """Return what an entry adds to what a limit counts: what gives back, a negative number."""
    given_back = entry["kind"] == "rolled_back"
    column = {"discount": "discount_minor", "order": "order_minor"}.get(limit.what)
    if column is None:
        return -int(entry["gives_use"]) if given_back else 1
    return 0 if given_back and not entry["gives_budget"] else entry[column] or 0


def _limits_of(terms: Terms) -> list[Limit]:
    usual = terms.limits.per_customer
    return [*([] if usual is None else [Limit(of="customer", most=usual)]), *terms.limits.others]


def _kind_of(limit: Limit, zone: str) -> str:
    if limit == Limit(of="customer", most=limit.most):
        return "customer"
    return f"{limit.what} of {limit.of}" + (f" per {limit.per} in {zone}" if limit.per else "")


def _subject_of(limit: Limit, entry: Row, zone: str) -> str:
    written = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
    local = (entry["redeemed_at"] or entry["at"]).astimezone(ZoneInfo(zone))
    parts = [
        *([local.strftime(written[limit.per])] if limit.per else []),
        *([entry["customer_id"]] if "customer" in limit.of else []),
        *([entry["code"]] if "code" in limit.of else []),
    ]
    return " ".join(parts)


async def _customers_are_known(books: Books, redeemed: list[Row]) -> None:
    met = await books.fetch(
        """
        SELECT project_id, customer_id, first_redemption_id FROM customers
        WHERE first_redemption_id IS NOT NULL
        """
    )
    customers = {(row["project_id"], row["customer_id"]) for row in redeemed if row["customer_id"]}
    assert {(row[0], row[1]) for row in met} == customers
    whose = {row["id"]: (row["project_id"], row["customer_id"]) for row in redeemed}
    assert all(whose[first] == (project, customer) for project, customer, first in met)


async def _every_entry_has_its_event(books: Books, ledger: list[Row]) -> None:
    told = [m for m in await outboxes.messages(books) if m.topic == topics.REDEMPTIONS.name]
    events = {str(event.id): event for event in (outcome(message.value) for message in told)}
    assert len(events) == len(told)
    assert events.keys() == {str(row["id"]) for row in ledger}
    assert {message.key.decode() for message in told} == {e.subject for e in events.values()}
    of_request = Counter(row["request_key"] for row in ledger)
    for row in ledger:
        event = events[str(row["id"])]
        agree(row, event)
        if isinstance(event, RedemptionRolledBack):
            continue
        alone = of_request[row["request_key"]] == 1
        parent = None if alone else f"r_{row['request_key'].hex()}"
        assert event.data.parent_redemption_id == parent
    new = {
        event.id
        for event in events.values()
        if isinstance(event, RedemptionSucceeded) and event.data.customer_is_new
    }
    assert new == {str(row["id"]) for row in ledger if row["customer_is_new"]}
    firsts = await books.fetch(
        """
        SELECT first_redemption_id::text AS id, EXISTS (
            SELECT FROM orders WHERE orders.project_id = customers.project_id
                AND orders.customer_id = customers.customer_id
        ) AS ordered
        FROM customers WHERE first_redemption_id IS NOT NULL
        """
    )
    assert new <= {row["id"] for row in firsts}
    assert {row["id"] for row in firsts if not row["ordered"]} <= new


async def _purchases_add_up(books: Books) -> None:
    """Compare what customers did with their orders, and what of orders counted with the ledger."""
    bought: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in await books.fetch("SELECT * FROM orders"):
        if row["status"] in {"PAID", "FULFILLED"} and row["customer_id"]:
            spent = max(0, row["amount_minor"] - row["refunded_minor"])
            bought[row["project_id"], row["customer_id"]].append(spent)
    kept = await books.fetch("SELECT * FROM customers")
    assert {
        (row["project_id"], row["customer_id"]): (row["paid_orders"], row["spent_minor"])
        for row in kept
        if row["paid_orders"] or row["spent_minor"]
    } == {customer: (len(spent), sum(spent)) for customer, spent in bought.items()}
    off = await books.fetch(
        """
        SELECT o.project_id, o.order_id FROM orders AS o WHERE o.counted_minor <> (
            SELECT coalesce(sum(l.order_minor), 0) FROM ledger AS l
            WHERE l.project_id = o.project_id AND l.order_id = o.order_id AND l.kind <> 'refused'
        )
        """
    )
    assert off == []


def outcome(value: bytes) -> Outcome:
    """Read an outcome as its readers do."""
    kinds = {
        "coupons.redemption.succeeded.v1": RedemptionSucceeded,
        "coupons.redemption.failed.v1": RedemptionFailed,
        "coupons.redemption.rolled_back.v1": RedemptionRolledBack,
    }
    kind: Any = kinds[orjson.loads(value)["type"]]
    event: Outcome = kind.model_validate_json(value)
    return event


def agree(row: Row, event: Outcome) -> None:
    """Compare an entry of the ledger with its event."""
    data = event.data
    assert (row["kind"] == "redeemed") == isinstance(event, RedemptionSucceeded)
    assert row["project_id"] == event.projectid
    assert row["at"].replace(microsecond=row["at"].microsecond // 1000 * 1000) == event.time
    assert (row["code"], row["campaign_id"]) == (data.code, data.campaign_id)
    assert (row["customer_id"], row["order_id"]) == (data.customer_id, data.order_id)
    sign = -1 if isinstance(event, RedemptionRolledBack) else 1
    amounts = (sign * (row["order_minor"] or 0), row["currency"])
    assert amounts == (data.order_minor, data.currency)
    assert row["campaign_version"] == data.campaign_version
    if not isinstance(event, RedemptionRolledBack):  # that tells its redemption's
        assert tuple(row["segment_ids"] or ()) == data.segment_ids
    if isinstance(event, RedemptionRolledBack):
        assert row["kind"] == "rolled_back"
        assert row["discount_minor"] == -event.data.discount_minor
        assert f"r_{row['parent_id'].hex}" == event.data.redemption_id
        ours = row["caller"] == "orders"  # what people wrote may say who it was
        assert event.data.reason == (row["rollback_reason"] if ours else None)
    elif isinstance(event, RedemptionSucceeded):
        assert row["discount_minor"] == event.data.discount_minor
    else:
        assert row["reason"] == event.data.reason


async def responses_kept(books: Books, request: Request) -> list[tuple[int, bytes]]:
    """Return the status and body of every response that is kept for this request."""
    rows = await books.fetch("SELECT status, body FROM requests WHERE key = $1", request.key)
    return [(row["status"], row["body"]) for row in rows]


async def somebody_waits(books: Books, many: int = 1) -> bool:
    """Tell whether so many connections to this database wait for others' locks."""
    waiting: int = await books.fetchval(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
    )
    return waiting >= many
