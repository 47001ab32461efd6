"""Throws the switch of a campaign of its own, again and again, and tries its code at the answer.

It knows nothing but the public API, which it asks as a client does. What is measured is what an
operator meets at that moment, under whatever load there is; what is tried is the promise itself.
"""

import asyncio
import time
from typing import Any, Final, Literal

import httpx
import structlog

from campaigns.metrics import Metrics
from servicekit.health import Heartbeat

log = structlog.get_logger()

NAME: Final = "Counterfoil switch probe"  # of the project, its campaign and its key
CODE: Final = "PROBE"
CURRENCY: Final = "EUR"  # no amount is ever counted in it
SCOPES: Final = ("campaigns", "redemptions")
OK: Final = 200
UNAUTHORIZED: Final = 401
CONFLICT: Final = 409
LIVE_SECONDS: Final = 10.0
LIVE_POLL_SECONDS: Final = 0.1
INACTIVE: Final = "campaign_inactive"

# What may go wrong with a switch: it answers no success, nobody answers, it lets its code redeem
# after the answer, or the campaign is never seen to be on again.
Failure = Literal["refused", "unanswered", "redeemed_afterwards", "not_live"]


class FailedError(Exception):
    """A round that has not shown what it was to show."""

    def __init__(self, failure: Failure, said: str) -> None:
        super().__init__(said)
        self.failure = failure


class Probe:
    """Of one process; a class because it keeps its key, and when it last went well."""

    def __init__(
        self,
        gateway: httpx.AsyncClient,
        management: dict[str, str],
        metrics: Metrics,
        every_seconds: float,
    ) -> None:
        self._gateway = gateway
        self._management = management
        self._metrics = metrics
        self._every_seconds = every_seconds
        self._project: str | None = None
        self._keys: dict[str, str] | None = None
        self.heartbeat = Heartbeat("switch probe")
        self.missing: str | None = "no round yet"

    async def run(self) -> None:
        """Go round for ever."""
        while True:
            try:
                await self.go_round()
            except FailedError as failed:
                self.missing = str(failed)
                self._metrics.probe_failures.labels(failed.failure).inc()
                log.warning("switch_probe_failed", failure=failed.failure, error=str(failed))
            else:
                self.missing = None
            self.heartbeat.beat()
            await asyncio.sleep(self._every_seconds)

    async def go_round(self) -> float:
        """Switch on, off, and try; return the seconds until the answer that it is off.

        It is switched off however the rest ends, so between rounds it is off, if it answers at all.
        """
        try:
            if self._keys is None:
                self._keys = await self._open()
            try:
                await self._call("POST", f"/v1/campaigns/{NAME}/enable")
                await self._see_it_live()
            finally:
                began = time.perf_counter()
                await self._call("POST", f"/v1/campaigns/{NAME}/disable")
                seconds = time.perf_counter() - began
            await self._try_it()
        except httpx.HTTPError as error:
            raise FailedError("unanswered", repr(error)) from error
        self._metrics.probe_seconds.observe(seconds)
        self._metrics.probe_succeeded.set_to_current_time()
        return seconds

    async def _open(self) -> dict[str, str]:
        """Find the probe's project, or open it, and its campaign; return a fresh key.

        The secret of an old one is nowhere: those of the probe's name are revoked.
        """
        if self._project is None:
            self._project = await self._find()
        first = None
        if self._project is None:
            body = {"name": NAME, "currency": CURRENCY}
            opened = await self._manage("POST", "/management/v1/projects", body)
            self._project, first = opened["id"], opened["app_id"]
        keys = f"/management/v1/projects/{self._project}/keys"
        made = await self._manage("POST", keys, {"name": NAME, "scopes": SCOPES})
        for each in (await self._manage("GET", keys))["keys"]:
            is_old = _is_own(each) and each["app_id"] != made["app_id"]
            if each["revoked_at"] is None and (is_old or each["app_id"] == first):
                await self._manage("DELETE", f"{keys}/{each['app_id']}")
        fresh = {"X-App-Id": made["app_id"], "X-App-Token": made["app_token"]}
        discount = {"type": "AMOUNT", "amount_off": 0}
        voucher = {"type": "DISCOUNT_VOUCHER", "discount": discount}
        new = {"name": NAME, "voucher": voucher, "active": False}
        code = f"/v1/campaigns/{NAME}/vouchers/{CODE}"
        _read(await self._ask("POST", "/v1/campaigns", new, fresh), CONFLICT)
        _read(await self._ask("POST", code, None, fresh), CONFLICT)
        return fresh

    async def _find(self) -> str | None:
        """Return the oldest project that has the probe's name and no other's key in force.

        Anybody may call a project so: one with other keys is somebody's.
        """
        projects = await self._manage("GET", "/management/v1/projects")
        for project in projects["projects"]:
            if project["name"] != NAME:
                continue
            found = await self._manage("GET", f"/management/v1/projects/{project['id']}/keys")
            in_force = [each for each in found["keys"] if each["revoked_at"] is None]
            if any(map(_is_own, found["keys"])) and all(map(_is_own, in_force)):
                return str(project["id"])
        return None

    async def _see_it_live(self) -> None:
        gives_up = time.monotonic() + LIVE_SECONDS
        while not (await self._call("POST", "/v1/validations", _asked()))["valid"]:
            if time.monotonic() > gives_up:
                raise FailedError("not_live", f"{CODE} does not validate, and its campaign is on")
            await asyncio.sleep(LIVE_POLL_SECONDS)

    async def _try_it(self) -> None:
        answer = await self._ask("POST", "/v1/redemptions", _asked(), self._keys)
        if answer.status_code == OK:
            raise FailedError("redeemed_afterwards", f"{CODE} was redeemed after it was off")
        if (key := _key_of(answer)) != INACTIVE:
            raise FailedError("refused", f"{CODE} was refused otherwise: {key}")

    async def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return _read(await self._ask(method, path, body, self._keys))

    async def _manage(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return _read(await self._ask(method, path, body, self._management))

    async def _ask(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None
    ) -> httpx.Response:
        answer = await self._gateway.request(method, path, json=body, headers=headers)
        if answer.status_code == UNAUTHORIZED:
            self._keys = None  # it was revoked: the next round takes another
        return answer


def _is_own(key: dict[str, Any]) -> bool:
    return bool(key["name"] == NAME and key["created_by"]["kind"] == "operator")


def _asked() -> dict[str, Any]:
    return {"redeemables": [{"object": "voucher", "id": CODE}]}


def _read(answer: httpx.Response, or_: int = OK) -> dict[str, Any]:
    if not answer.is_success and answer.status_code != or_:
        said = f"{answer.request.method} {answer.request.url.path} was answered"
        raise FailedError("refused", f"{said} {answer.status_code} {_key_of(answer)}")
    read: dict[str, Any] = answer.json() if answer.content else {}
    return read


def _key_of(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["key"])
    except (ValueError, KeyError, TypeError):
        return "without a key"
