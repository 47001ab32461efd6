"""What hypothesis may draw for the oracle and the product: small numbers, so that limits meet."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from kit import oracle_terms
from kit.oracle.terms import (
    Condition,
    Discount,
    Line,
    Quota,
    Rule,
    Segment,
    Stacking,
    Wish,
    Word,
)
from kit.redemption_samples import DAY, NOON

HOUR = timedelta(hours=1)
CODES = {"A": "one", "B": "one", "C": "two", "D": "three"}  # and their campaigns
CUSTOMERS = ["anna", "bert"]
PRODUCTS = ["shoe", "hat"]
SEGMENTS = ["seg_list", "seg_spent", "seg_new"]
WITH_VERSIONS, BY_TIME = "order-v", "order-t"
ORDERS = [WITH_VERSIONS, BY_TIME]
# In Berlin: one day, the next, one of the next week, one of the next month.
MOMENTS = [NOON, NOON + 10 * HOUR, NOON + 12 * HOUR, NOON + 8 * DAY]


def rarely(usual: Any, other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw mostly what restricts nothing, or no program gets far."""
    return st.sampled_from([False] * 4 + [True]).flatmap(lambda it: other if it else st.just(usual))


most = rarely(None, st.integers(0, 4))
switches = rarely(True, st.just(False))
ends = rarely(None, st.sampled_from([NOON + 11 * HOUR, NOON + 2 * DAY]))
units = st.dictionaries(st.sampled_from(PRODUCTS), st.integers(1, 3), min_size=1, max_size=2)

quotas = rarely(
    (),
    st.lists(
        st.builds(
            Quota,
            of=st.sampled_from(["campaign", "code", "customer", "customer_and_code"]),
            per=st.sampled_from([None, "day", "week", "month"]),
            what=st.sampled_from(["redemptions", "discount", "order"]),
            most=st.integers(0, 9),
        ).filter(lambda q: q.per or q.what != "redemptions" or q.of == "customer_and_code"),
        min_size=1,
        max_size=2,
        unique_by=lambda q: (q.of, q.per, q.what),
    ).map(tuple),
)

_only = st.sampled_from([None, None, *PRODUCTS])
_cap = st.none() | st.integers(0, 4)
discounts = st.one_of(
    st.builds(
        Discount,
        st.just("amount"),
        st.integers(0, 5),
        st.sampled_from(["order", "items", "by_quantity", "divided", "divided_by_quantity"]),
        only=_only,
        together=_cap,
        tiers=st.sampled_from([(), (), ((3, 4),), ((2, 1), (6, 3))]),
    ).map(lambda each: replace(each, together=None) if each.effect == "order" else each),
    st.builds(
        Discount,
        st.just("percent"),
        st.sampled_from([0, 1, 15, 33, 50, 100]),
        st.sampled_from(["order", "items"]),
        only=_only,
        cap=_cap,
        together=_cap,
    ).map(lambda each: replace(each, together=None) if each.effect == "order" else each),
    st.builds(
        Discount,
        st.just("fixed"),
        st.integers(0, 5),
        st.sampled_from(["order", "items"]),
        only=_only,
    ),
    st.builds(
        Discount,
        st.just("unit"),
        st.integers(1, 3),
        st.sampled_from(["missing", "new"]),
        unit=st.sampled_from(PRODUCTS),
    ),
)

conditions = st.one_of(
    st.builds(
        Condition,
        st.sampled_from(["order.amount", "order.total_amount"]),
        st.sampled_from(["$more_than_equal", "$more_than"]),
        st.integers(0, 6),
    ),
    st.builds(Condition, st.just("order.total_amount"), st.just("$less_than"), st.integers(1, 6)),
    st.builds(Condition, st.just("order.items.count"), st.just("$more_than"), st.integers(0, 2)),
    st.builds(
        Condition,
        st.sampled_from(["order.items.any", "order.items.none"]),
        st.just(""),
        st.none(),
        st.sampled_from(PRODUCTS),
    ),
    st.builds(Condition, st.just("customer.is_new"), st.just("$is"), st.booleans()),
    st.builds(
        Condition,
        st.just("customer.segment"),
        st.sampled_from(["$is", "$is_not"]),
        st.sampled_from(SEGMENTS),
    ),
    st.builds(
        Condition,
        st.sampled_from(["customer.metadata", "redemption.metadata"]),
        st.sampled_from(["$is", "$is_not"]),
        st.just("gold"),
        st.just("tier"),
    ),
)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Any, dict[str, Condition]]:
    asked = {
        f"c{n}": each for n, each in enumerate(draw(st.lists(conditions, min_size=1, max_size=3)))
    }
    parts: list[Any] = list(asked)
    while len(parts) > 1:
        one, other = parts.pop(0), parts.pop(0)
        parts.append((draw(st.sampled_from(["and", "or"])), draw(_maybe_not(one)), other))
    return draw(_maybe_not(parts[0])), asked


def _maybe_not(part: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([part, part, part, ("not", part)])


def _can_be_met(rule: Rule) -> bool:
    try:
        oracle_terms.rule(rule)
    except ValueError:  # the contract refuses what nothing can meet
        return False
    return True


def _rule(rule_id: str) -> st.SearchStrategy[Rule]:
    return st.builds(
        lambda drawn, message: Rule(rule_id, drawn[0], drawn[1], message),
        trees(),
        st.sampled_from([None, "Not today"]),
    ).filter(_can_be_met)


some_codes = st.frozensets(st.sampled_from([*CODES]), min_size=1, max_size=2)
rules = rarely((), _rule("val_1").map(lambda rule: (rule,)))
own_rules = rarely(
    (),
    st.one_of(
        st.tuples(st.tuples(_rule("val_2"), some_codes)),
        st.tuples(st.tuples(_rule("val_3"), some_codes), st.tuples(_rule("val_2"), some_codes)),
    ),
)

stackings = st.builds(
    Stacking,
    partial=st.sampled_from([True, True, False]),
    by_hierarchy=st.booleans(),
    most=st.sampled_from([30, 30, 2, 1]),
    most_of_category=st.sampled_from([30, 30, 1]),
    most_exclusive=st.sampled_from([30, 30, 1]),
    exclusive=st.sampled_from(
        [frozenset[str](), frozenset(["deals"]), frozenset(["deals", "members"])]
    ),
    joint=st.sampled_from([frozenset[str](), frozenset(["members"])]),
    skips_no_effect=st.booleans(),
)
listed = st.frozensets(st.sampled_from(CUSTOMERS)).map(lambda members: Segment(members=members))
spent = st.integers(1, 12).map(lambda most: Segment(spent=most))
news = st.booleans().map(lambda is_new: Segment(is_new=is_new))
segments = st.one_of(
    listed.map(lambda each: ("seg_list", each)),
    spent.map(lambda each: ("seg_spent", each)),
    news.map(lambda each: ("seg_new", each)),
)

tiers: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {}, {"tier": "gold"}, {"tier": 1}])


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    lines = draw(
        st.just(())
        | st.lists(
            st.builds(Line, st.sampled_from(PRODUCTS), st.integers(0, 5), st.integers(0, 3)),
            min_size=1,
            max_size=3,
        ).map(tuple)
    )
    amount = draw(rarely(7, st.sampled_from([*range(10), None])))
    if lines:
        amount = sum(line.amount for line in lines)
    customer = draw(rarely("anna", st.sampled_from([None, "bert"])))
    return Wish(
        codes=tuple(
            draw(
                st.lists(
                    st.sampled_from([*CODES, *CODES, *CODES, "unknown"]),
                    min_size=1,
                    max_size=4,
                    unique=True,
                )
            )
        ),
        customer=customer,
        amount=amount,
        at=draw(st.sampled_from(MOMENTS)),
        order_id=None
        if amount is None
        else draw(rarely(BY_TIME, st.sampled_from([None, WITH_VERSIONS]))),
        lines=lines,
        currency=None if amount is None else draw(rarely(None, st.sampled_from(["EUR", "USD"]))),
        metadata=draw(tiers),
        of_customer={} if customer is None else draw(tiers),
    )


@st.composite
def words(draw: st.DrawFn, *, by_http: bool = False) -> Word:
    """Say something of an order; by HTTP perhaps only a part of it."""
    order_id = draw(st.sampled_from([BY_TIME, *ORDERS]))
    status = draw(st.sampled_from(["CREATED", "PAID", "PAID", "PAID", "FULFILLED", "CANCELED"]))
    amount = draw(st.integers(0, 9))
    refunded = draw(st.sampled_from([0, amount // 2, *range(amount + 1)]))
    version = draw(st.integers(1, 6)) if order_id == WITH_VERSIONS else None
    customer = draw(st.none() | st.sampled_from(CUSTOMERS))
    at = draw(st.sampled_from([NOON - DAY, *MOMENTS])) + timedelta(minutes=1)
    word = Word(order_id, at, status, amount, refunded, customer, version)
    if not by_http:
        return word
    return Word(
        order_id,
        at,
        draw(st.sampled_from([status, status, None])),
        draw(st.sampled_from([amount, amount, None])),
        draw(st.sampled_from([refunded, refunded, None])),
        customer,
        version,
        by_http=True,
    )


several_words = st.lists(words(), min_size=1, max_size=4)
campaign_terms = st.fixed_dictionaries(
    {
        "total": most,
        "per_customer": most,
        "quotas": quotas,
        "rules": rules,
        "own_rules": own_rules,
        "gives_use": switches,
        "gives_budget": switches,
        "active": rarely(True, switches),
        "starts_at": rarely(None, st.just(NOON + HOUR)),
        "ends_at": rarely(None, st.just(NOON + DAY)),
        "category": st.sampled_from([None, "deals", "members"]),
        "hours_ahead": rarely(1, st.sampled_from([-11, 14])),
    },
    optional={"discount": discounts},
)
