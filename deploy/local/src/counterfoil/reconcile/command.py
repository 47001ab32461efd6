"""`counterfoil reconcile`: whether ledger, Kafka and ClickHouse tell the same story."""

from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from counterfoil.commands import Data, Json
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.reconcile import reconciling
from counterfoil.reconcile.reconciling import Addresses, Reconciliation
from counterfoil.showing import print_json


async def reconcile(
    *,
    project: Annotated[str | None, Parameter(help="A project's id; every project if none")] = None,
    wait: Annotated[float, Parameter(help="Seconds to give what is under way")] = 30,
    json: Json = False,
    data: Data = None,
) -> int:
    """Compare ledger, Kafka and ClickHouse; exit status 1 if they differ.

    Everything decided before now is compared, what is decided meanwhile is left out: first counts,
    amounts, commissions and a checksum over identities and facts, per partner and day; then, where
    they differ, decision by decision.
    """
    platform = Platform.at(data)
    addresses = Addresses(platform.views["redemption"], platform.kafka, platform.views["analytics"])
    try:
        found = await reconciling.reconcile(addresses, project_id=project, wait_seconds=wait)
    except reconciling.FAULTS as error:
        raise PlatformError(f"cannot reconcile: {type(error).__name__}: {error}") from error
    if json:
        print_json({"differences": found.differences, "checked": found.checked})
    else:
        Console(highlight=False).print("\n".join(lines(found)), markup=False, soft_wrap=True)
    return 1 if found.differences else 0


def lines(found: Reconciliation) -> list[str]:
    """Say what was compared, and name every difference."""
    checked: dict[str, Any] = found.checked
    counted = ", ".join(f"{place} {count:,}" for place, count in checked["decisions"].items())
    told = [f"decisions   {counted}"]
    told.append(
        f"Kafka       {checked['kafka_records']:,} records, "
        f"{checked['kafka_duplicates']:,} of them repeats, "
        f"{checked['kafka_unreadable']:,} unreadable"
    )
    told += [
        ", ".join(f"{name} {value}" for name, value in difference.items())
        for difference in found.differences
    ]
    unlisted = checked["differences_not_listed"]
    if unlisted:
        told.append(f"… and {unlisted:,} more")
    count = len(found.differences) + unlisted
    told.append(
        f"✗ {count:,} difference{'s'[: count > 1]}"
        if count
        else f"✓ the same in the sums and checksums of {checked['partner_days']:,} partner-days"
    )
    return told
