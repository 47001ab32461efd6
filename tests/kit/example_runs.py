"""Does what a worked example says, on a running platform, and holds what comes back against it."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts import topics
from kit.commands import counterfoil
from kit.patience import NotYetError, until
from kit.records import partitions, reader
from kit.shops import Shop
from kit.worked_examples import Example, Exchange, Said, difference, filled

# A change waits so long for redemption; an answer that came sooner says: it is in force.
PATIENCE_SECONDS = 0.95
READS = ("GET", "HEAD")
SPENDS_NOTHING = ("/v1/validations", "/client/v1/validations")
OF_REDEMPTION = ("/v1/redemptions", "/v1/orders", "/v1/customers", "/client/")


@dataclass
class Run:
    """One example at work: what its names stand for by now, and what has been read of Kafka."""

    shop: Shop
    producer: AIOKafkaProducer
    names: dict[str, str]
    consumer: AIOKafkaConsumer | None = None
    unread: list[tuple[str, Any]] = field(default_factory=list)

    async def exchange(self, exchange: Exchange) -> None:
        if exchange.kind == "kafka":
            await self._append(exchange)
            return
        method, path = filled(exchange.sent.first, self.names).split(" ", 1)
        if method in READS or path in SPENDS_NOTHING:
            asked = exchange.sent.first
            await until(lambda: self._agrees(method, path, exchange), 60, what=asked)
            return
        began = time.monotonic()
        answer = await self._ask(method, path, exchange.sent)
        took = time.monotonic() - began
        self._check(exchange, answer)
        if not path.startswith(OF_REDEMPTION) and answer.is_success and took > PATIENCE_SECONDS:
            await self._in_force(method, path, exchange.sent, answer)

    async def _agrees(self, method: str, path: str, exchange: Exchange) -> bool:
        try:
            self._check(exchange, await self._ask(method, path, exchange.sent))
        except AssertionError as error:
            raise NotYetError(str(error)) from error
        return True

    async def _ask(self, method: str, path: str, sent: Said) -> httpx.Response:
        headers = {name: filled(value, self.names) for name, value in sent.headers.items()}
        body = filled(sent.body, self.names)
        return await self.shop.http.request(
            method, path, json=body, headers=self._keys(path, headers) | headers
        )

    def _keys(self, path: str, headers: Mapping[str, str]) -> dict[str, str]:
        """Return what the page leaves out: the project's keys, or the operator's."""
        if path.startswith("/management/"):
            platform = self.shop.platform
            return {
                "X-Management-Id": platform.management_id,
                "X-Management-Token": platform.management_token,
            }
        return {} if "X-Client-Token" in headers else self.shop.keys

    def _check(self, exchange: Exchange, answer: httpx.Response) -> None:
        [back] = exchange.back
        said = f"{exchange.sent.first}: {answer.status_code} {answer.text}"
        assert str(answer.status_code) == back.first, said
        for name, value in back.headers.items():
            assert value in {"…", answer.headers.get(name)}, f"{name}: {answer.headers.get(name)}"
        if back.body is not None:
            differs = difference(back.body, answer.json(), self.names)
            assert differs is None, f"{differs}\n{said}"

    async def _in_force(self, method: str, path: str, sent: Said, answer: httpx.Response) -> None:
        """Wait until redemption goes by a change: whoever asks for the same again waits again."""
        if method == "PUT":
            again = partial(self._ask, method, path, sent)
        elif (made := answer.json()).get("object") in {"campaign", "voucher"}:
            again = partial(self.shop.call, "PUT", f"/v1/{made['object']}s/{made['id']}", {})
        else:
            return

        async def at_once() -> bool:
            began = time.monotonic()
            return (await again()).is_success and time.monotonic() - began < PATIENCE_SECONDS

        await until(at_once, what=f"{path} in force")

    async def _append(self, exchange: Exchange) -> None:
        topic, record = exchange.sent.first, filled(exchange.sent.body, self.names)
        headers = [(name, value.encode()) for name, value in exchange.sent.headers.items()]
        key = str(record.get("subject") or record["id"]).encode()
        await self.producer.send_and_wait(topic, json.dumps(record).encode(), key, headers=headers)
        for back in exchange.back:
            await until(partial(self._read, back), what=f"{back.first} {back.body}")

    async def _read(self, wanted: Said) -> bool:
        """Find the record among those that came, and take it away."""
        assert self.consumer is not None
        for batch in (await self.consumer.getmany(timeout_ms=50)).values():
            self.unread += [(each.topic, json.loads(each.value)) for each in batch]
        topic = filled(wanted.first, self.names)
        said = []
        for n, (came_by, record) in enumerate(self.unread):
            names = dict(self.names)
            if came_by == topic and record.get("projectid") == self.shop.project_id:
                differs = difference(wanted.body, record, names)
                if differs is None:
                    self.names.update(names)
                    del self.unread[n]
                    return True
                said.append(differs)
        raise NotYetError("; ".join(said) or "nothing came")


async def run(example: Example, shop: Shop, producer: AIOKafkaProducer) -> None:
    """Do all of it, in a project of its own."""
    names = {"project": shop.project_id}
    read = {filled(b.first, names) for e in example.exchanges if e.kind == "kafka" for b in e.back}
    if topics.answers_for(shop.project_id) in read:
        arguments = ("topics", "--project", shop.project_id)
        made = counterfoil(*arguments, "--data", str(shop.platform.folder.path))
        assert made.returncode == 0, made.stdout + made.stderr
    async with _reading(shop, read) as consumer:
        at_work = Run(shop, producer, names, consumer)
        for exchange in example.exchanges:
            await at_work.exchange(exchange)


@asynccontextmanager
async def _reading(shop: Shop, names: set[str]) -> AsyncIterator[AIOKafkaConsumer | None]:
    """Read these topics from now on."""
    if not names:
        yield None
        return
    async with reader(shop.platform.kafka) as consumer:
        parts = [part for name in names for part in await partitions(consumer, name)]
        consumer.assign(parts)
        for part, end in (await consumer.end_offsets(parts)).items():
            consumer.seek(part, end)
        yield consumer
