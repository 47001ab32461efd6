"""Everything that anybody may do, from six sides and on three deciders at once.

The oracle plays one thing after the other and knows each answer; here only what must be true in the
end, whoever came first.
"""

from typing import Final

import asyncpg
import pytest
from kit.outboxes import messages
from kit.redemption_books import audit, outcome
from kit.redemption_storm import OF_ALL, OF_EACH, Storm

from contracts import topics
from contracts.redemptions import RedemptionFailed
from redemption.batches.decider import Decider

ACTORS: Final = 6
STEPS: Final = 100  # of each
# Of each customer: when and with which order they paid first, when they paid last.
WRONG_ENDS: Final = """
    SELECT c.customer_id FROM customers AS c
    CROSS JOIN LATERAL (
        SELECT min(paid_at) AS first, max(paid_at) AS last FROM orders
        WHERE customer_id = c.customer_id AND status IN ('PAID', 'FULFILLED')
    ) AS paid
    LEFT JOIN orders AS o ON o.order_id = c.first_order_id
    WHERE (c.first_paid_at, c.last_paid_at, o.paid_at) IS DISTINCT FROM (first, last, first)
"""
NOT_GIVEN_BACK: Final = """
    SELECT l.id FROM orders JOIN ledger AS l USING (project_id, order_id)
    WHERE status = 'CANCELED' AND kind = 'redeemed'
        AND NOT EXISTS (SELECT FROM ledger AS back WHERE parent_id = l.id AND back.is_whole)
"""
WON_TWICE: Final = """
    SELECT customer_id FROM ledger WHERE customer_is_new AND kind = 'redeemed'
    GROUP BY 1 HAVING count(*) > 1
"""


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
async def test_whatever_happens_at_once_the_books_agree(
    pool: asyncpg.Pool, three_deciders: list[Decider], seed: int
) -> None:
    storm = Storm(pool, three_deciders, seed)

    await storm.rage(ACTORS, STEPS)

    # What was erased is in events still, as they were sent.
    assert await audit(pool, published=True) > STEPS
    for wrong in (WRONG_ENDS, NOT_GIVEN_BACK, WON_TWICE):
        assert await pool.fetch(wrong) == []
    for responses in storm.answers.values():
        assert len({(each.status, each.fingerprint) for each in responses}) == 1
    most = "SELECT max(used) FROM counters WHERE campaign_id = 'three'"
    assert 0 < await pool.fetchval(most) <= OF_EACH
    assert 0 < max(await uses_in_turn(pool)) <= OF_ALL


async def uses_in_turn(pool: asyncpg.Pool) -> list[int]:
    """Return how often campaign three's only code was used, after each of its outcomes."""
    told = [outcome(m.value) for m in await messages(pool) if m.topic == topics.REDEMPTIONS.name]
    of_code = [
        each.data
        for each in told
        if each.data.code == "D" and not isinstance(each, RedemptionFailed)
    ]
    in_turn = sorted(of_code, key=lambda data: data.sequence)
    assert [data.sequence for data in in_turn] == [n + 1 for n in range(len(in_turn))]
    return [data.uses for data in in_turn]
