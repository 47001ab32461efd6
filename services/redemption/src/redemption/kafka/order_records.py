"""Kafka in: what shops tell of their orders, kept by the batch."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final, NamedTuple

import asyncpg
import structlog
from aiokafka import ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer
from pydantic import ValidationError

from contracts import ids, topics
from contracts.baskets import identity_of
from contracts.orders import OrderChanged
from redemption.batches.decider import Decider
from redemption.batches.work import OverloadedError
from redemption.kafka.projects import KnownProjects
from redemption.model import OrderKey
from redemption.orders import ordering, refunding
from redemption.orders.told import Told, told_by
from servicekit.kafka.consuming import at_least_once, commit
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.fetching import Tuning
from servicekit.kafka.letters import DeadLetter
from servicekit.kafka.reading import UnreadableError, by_type, sort_records
from servicekit.postgres import pool as postgres
from servicekit.repeated_names import RepeatedNameError, refuse_repeated_names

log = structlog.get_logger()

GROUP: Final = "redemption-orders"
TUNING: Final = Tuning(max_records=1000)


class Dependencies(NamedTuple):
    """What the handler works with, made by the composition root."""

    pool: asyncpg.Pool
    decider: Decider
    projects: KnownProjects
    dead_letters: DeadLetters
    customer_key: bytes


class Sent(NamedTuple):
    """What was told, and the record that it came in."""

    record: ConsumerRecord
    told: Told


Deps = Annotated[Dependencies, Context("of_orders")]


def _read(value: bytes) -> OrderChanged:
    try:
        refuse_repeated_names(value)
    except RepeatedNameError as error:
        raise UnreadableError(str(error)) from error
    except (ValueError, RecursionError):
        pass  # no JSON, which the contract says itself
    return OrderChanged.model_validate_json(value)


_event: Final = by_type({"coupons.order.changed.v1": _read})


def subscribe(subscriptions: KafkaRouter) -> None:
    """Add the subscription to those of the worker role."""
    at_least_once(
        subscriptions,
        topics.ORDERS.name,
        group=GROUP,
        is_outage=is_outage,
        tuning=TUNING,
    )(on_orders)


def is_outage(error: BaseException) -> bool:
    """Tell "not now" from "wrong": Postgres is away, or requests keep the decider busy."""
    return isinstance(error, OverloadedError) or postgres.is_outage(error)


async def on_orders(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, of_orders: Deps
) -> None:
    """Keep a batch, and only then commit it: a crash repeats it, which changes nothing."""
    records: Sequence[ConsumerRecord] = message.raw_message
    read = partial(_sent, customer_key=of_orders.customer_key)
    sent, letters = sort_records(records, read, (ValidationError,), OrderChanged)
    unknown = await of_orders.projects.unknown({each.told.key[0] for each in sent})
    letters += [_of_no_project(each) for each in sent if each.told.key[0] in unknown]
    known = [each for each in sent if each.told.key[0] not in unknown]
    currencies = of_orders.projects.currencies
    told = [each.told for each in known if _is_in(each, currencies)]
    letters += [_of_another_currency(each) for each in known if not _is_in(each, currencies)]
    if told:
        await ordering.keep(of_orders.pool, told)
        await _roll_back(of_orders, {each.key for each in told})
    await of_orders.dead_letters.send_to_dlq(letters)
    await commit(consumer, records)


async def _roll_back(of_orders: Dependencies, orders: Collection[OrderKey]) -> None:
    """Roll back what is due. What waits for a locked campaign is seen to when it is `overdue`.

    To wait for that lock would hold up the orders of all projects, for as long as a recount lasts.
    """
    try:
        await refunding.roll_back(of_orders.pool, of_orders.decider, orders)
    except asyncpg.LockNotAvailableError as error:
        log.warning("refunds_left_due", projects=sorted({key[0] for key in orders}), why=str(error))


def _sent(record: ConsumerRecord, customer_key: bytes) -> Sent | None:
    event = _event(record)
    if event is None:
        return None
    customer, customer_id = event.data.customer, None
    if customer is not None:
        customer_id = ids.customer(customer_key, event.projectid, identity_of(customer))
    return Sent(record, told_by(event, customer_id))


def _is_in(sent: Sent, currencies: Mapping[str, str]) -> bool:
    """Tell whether an order is in its project's currency, in which all of them add up."""
    return sent.told.currency in {None, currencies[sent.told.key[0]]}


def _of_another_currency(sent: Sent) -> DeadLetter:
    said = f"currency: {sent.told.currency} is not the project's, in which its orders add up"
    return DeadLetter(sent.record, "OtherCurrencyError", said)


def _of_no_project(sent: Sent) -> DeadLetter:
    return DeadLetter(
        sent.record, "UnknownProjectError", f"there is no project {sent.told.key[0]!r}"
    )
