"""What outcomes tell of a code: how often it was used. Fast, because every outcome passes here."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec
from aiokafka import ConsumerRecord

from campaigns.vouchers.counts import UseCount
from contracts.redemptions import RedemptionSucceeded
from contracts.rollbacks import RedemptionRolledBack
from servicekit.kafka.reading import Read, by_type
from servicekit.structs import decoder

Followed = RedemptionSucceeded | RedemptionRolledBack

SUCCEEDED = "coupons.redemption.succeeded.v1"
ROLLED_BACK = "coupons.redemption.rolled_back.v1"
FAILED = "coupons.redemption.failed.v1"

# As our encoders write it; no text inside a value can look so, its quotes are escaped.
FAILED_MARK = f'"type":"{FAILED}"'.encode()
ROLLED_BACK_MARK = f'"type":"{ROLLED_BACK}"'.encode()

_decode = decoder(RedemptionSucceeded, required=("type",))
_decode_rolled_back = decoder(RedemptionRolledBack, required=("type",))
_readers: Mapping[str, Callable[[bytes], Followed]] = {
    SUCCEEDED: RedemptionSucceeded.model_validate_json,
    ROLLED_BACK: RedemptionRolledBack.model_validate_json,
}
_read_by_contract: Read[Followed] = by_type(_readers, (FAILED,))


def read(record: ConsumerRecord) -> Followed | None:
    """Return what was redeemed or given back; None for a refusal, which uses nothing.

    What the fast decoder refuses is judged by the contract: its word is that of the dead letter.
    """
    value = record.value
    if value is not None:
        if FAILED_MARK in value:
            return None
        try:
            if ROLLED_BACK_MARK in value:
                return _decode_rolled_back(value)
            return _decode(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
    return _read_by_contract(record)


def latest_callers(accepted: Iterable[Followed]) -> dict[tuple[str, str], datetime]:
    """Return who asked for which project, and when last: keys, users and topics."""
    latest: dict[tuple[str, str], datetime] = {}
    for event in accepted:
        if event.data.caller is None:
            continue
        caller = (event.projectid, event.data.caller)
        if caller not in latest or latest[caller] < event.data.decided_at:
            latest[caller] = event.data.decided_at
    return latest


def latest_uses(accepted: Iterable[Followed]) -> list[UseCount]:
    """Return of each code what its latest outcome says: others are history already."""
    latest: dict[tuple[str, str], Followed] = {}
    for event in accepted:
        key = (event.projectid, event.data.voucher_id)
        known = latest.get(key)
        if known is None or known.data.sequence < event.data.sequence:
            latest[key] = event
    return [
        UseCount(project_id, voucher_id, uses=event.data.uses, sequence=event.data.sequence)
        for (project_id, voucher_id), event in latest.items()
    ]
