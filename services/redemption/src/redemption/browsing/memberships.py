"""Which segments a customer is in now: by what a decision at this moment would go by."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from redemption.customers.known import KnownCustomer
from redemption.customers.segments import compile_filter
from redemption.model import CustomerFacts
from redemption.store import customers, projects, segments
from servicekit.postgres.pool import Lender, transaction


class Membership(NamedTuple):
    """A segment, by its id and its name."""

    id: str
    name: str


async def of_customer(
    lender: Lender, project_id: str, customer_id: str, at: datetime
) -> Sequence[Membership]:
    """Return the segments of a customer, by name; one never seen is judged as one who is new."""
    async with transaction(lender) as conn:
        time_zone = await projects.time_zone(conn, project_id)
        defined = await segments.of_project(conn, project_id)
        on_lists = [(project_id, id_, customer_id) for id_, each in defined if each.filter is None]
        listed = await segments.listed(conn, on_lists)
        known = await customers.read(conn, [(project_id, customer_id)])
    facts = facts_of(known[project_id, customer_id], at)
    return [
        Membership(id_, each.name)
        for id_, each in defined
        if (
            (project_id, id_, customer_id) in listed
            if each.filter is None
            else compile_filter(each.filter, time_zone)(facts, at)
        )
    ]


def facts_of(known: KnownCustomer, at: datetime) -> CustomerFacts:
    """Return what is known of a customer who orders nothing at the moment."""
    return CustomerFacts(
        known.paid_orders,
        known.spent_minor,
        known.first_paid_at,
        known.last_paid_at,
        known.created_at,
        known.metadata,
        is_new=not known.has_redeemed
        and (known.first_paid_at is None or known.first_paid_at >= at),
    )
