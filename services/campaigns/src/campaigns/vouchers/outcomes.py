"""What outcomes tell of a code: how often it was used. Fast, because every outcome passes here."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from aiokafka import ConsumerRecord

from campaigns.vouchers.counts import UseCount
from contracts.redemptions import RedemptionSucceeded
from servicekit.kafka.reading import by_type
from servicekit.structs import decoder

SUCCEEDED = "coupons.redemption.succeeded.v1"
FAILED = "coupons.redemption.failed.v1"

# As our encoders write it; no text inside a value can look so, its quotes are escaped.
FAILED_MARK = f'"type":"{FAILED}"'.encode()

_decode = decoder(RedemptionSucceeded, required=("type",))
_read_by_contract = by_type({SUCCEEDED: RedemptionSucceeded.model_validate_json}, (FAILED,))


def read(record: ConsumerRecord) -> RedemptionSucceeded | None:
    """Return an accepted redemption; None for a refusal, which uses nothing.

    What the fast decoder refuses is judged by the contract: its word is that of the dead letter.
    """
    value = record.value
    if value is not None:
        if FAILED_MARK in value:
            return None
        try:
            return _decode(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
    return _read_by_contract(record)


def latest_callers(accepted: Iterable[RedemptionSucceeded]) -> dict[tuple[str, str], datetime]:
    """Return who redeemed for which project, and when last: keys, users and topics."""
    latest: dict[tuple[str, str], datetime] = {}
    for event in accepted:
        if event.data.caller is None:
            continue
        caller = (event.projectid, event.data.caller)
        if caller not in latest or latest[caller] < event.data.decided_at:
            latest[caller] = event.data.decided_at
    return latest


def latest_uses(accepted: Iterable[RedemptionSucceeded]) -> list[UseCount]:
    """Return of each code what its latest outcome says: others are history already."""
    latest: dict[tuple[str, str], RedemptionSucceeded] = {}
    for event in accepted:
        key = (event.projectid, event.data.voucher_id)
        known = latest.get(key)
        if known is None or known.data.sequence < event.data.sequence:
            latest[key] = event
    return [
        UseCount(project_id, voucher_id, uses=event.data.uses, sequence=event.data.sequence)
        for (project_id, voucher_id), event in latest.items()
    ]
