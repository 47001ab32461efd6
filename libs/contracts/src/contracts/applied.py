"""What redemption enforces by now: the answer that a kill switch waits for."""

from typing import Literal

from contracts.event import Event, Identifier, Model
from contracts.money import Count


class Applied(Model):
    """From here on no decision uses an older version of this campaign, voucher, segment or project.

    For a chunk of codes `id` is "<campaign id>:<chunk number>" and the version is 1.
    """

    kind: Literal["campaign", "voucher", "chunk", "project", "segment"]
    id: Identifier
    version: Count


class SnapshotApplied(Event):
    """Written in the transaction that applied the snapshot."""

    type: Literal["coupons.snapshot.applied.v1"] = "coupons.snapshot.applied.v1"
    data: Applied
