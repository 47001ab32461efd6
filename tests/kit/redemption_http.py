"""The api role as it is composed, and the keys that its tests present."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

from contracts.projects import ApiKey, Scope
from kit import tokens
from kit.lifespans import started
from kit.redemption_samples import CODE, CUSTOMER_KEY, PROJECT, project_changed
from redemption import app
from redemption.applying.snapshots import Snapshot
from redemption.settings import ApiSettings


def a_key(id_: str, *scopes: Scope) -> ApiKey:
    digest = hashlib.sha256(proof(id_)["X-App-Token"].encode()).hexdigest()
    return ApiKey(id=id_, digest=digest, scopes=scopes)


def proof(id_: str) -> dict[str, str]:
    """Prove a key: what goes into the headers."""
    return {"X-App-Id": id_, "X-App-Token": f"secret of {id_}"}


def two_projects() -> list[Snapshot]:
    """Give proj_a the key `key_a`, and `reader` that may not redeem; proj_b the key `key_b`."""
    ours = (a_key("key_a", "redemptions"), a_key("reader", "reports", "campaigns"))
    return [
        project_changed(PROJECT, 1, *ours),
        project_changed("proj_b", 1, a_key("key_b", "redemptions")),
    ]


@contextlib.asynccontextmanager
async def serving(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the api role in this process, to a checkout of proj_a."""
    role = app.api(
        ApiSettings.model_validate(
            {
                "port": 0,
                "postgres_dsn": dsn,
                "CUSTOMER_ID_KEY": CUSTOMER_KEY.decode(),
                **tokens.environment(),
            }
        )
    )
    async with (
        started(role),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(role),
            base_url="http://redemption",
            headers=proof("key_a"),
        ) as client,
    ):
        yield client


def a_body(*codes: str, amount: int | None = 4999, **more: Any) -> dict[str, Any]:
    """Ask as Voucherify's clients do: for one code, or for several together."""
    order = {} if amount is None else {"order": {"amount": amount}}
    redeemables = [{"object": "voucher", "id": code} for code in codes or (CODE,)]
    return {"redeemables": redeemables} | order | more
