"""What nobody can read is set aside as it came, on every topic, and the batch around it goes on."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.structs import RecordMetadata
from kit.patience import until
from kit.records import ends, since
from kit.shops import Shop, ask, requested
from kit.watching import assert_reconciled, restarts

from contracts import topics
from counterfoil.bench.odd_batches import a_batch, a_bomb, a_record, append
from counterfoil.platform import Platform

TYPES = {
    topics.PROJECTS.name: "coupons.project.changed",
    topics.CAMPAIGNS.name: "coupons.campaign.changed",
    topics.VOUCHERS.name: "coupons.voucher.changed",
    topics.SEGMENTS.name: "coupons.segment.changed",
    topics.APPLIED.name: "coupons.snapshot.applied",
    topics.REDEMPTION_REQUESTS.name: "coupons.redemption.requested",
    topics.REDEMPTION_REQUESTS_HISTORY.name: "coupons.redemption.requested",
    topics.ORDERS.name: "coupons.order.changed",
    topics.REDEMPTIONS.name: "coupons.redemption.succeeded",
    topics.VISITS.name: "coupons.visit.recorded",
    topics.GUESSES.name: "coupons.guesses.refused",
}
READ = [topic for topic in topics.TOPICS if topic.readers]
REQUESTS = (topics.REDEMPTION_REQUESTS, topics.REDEMPTION_REQUESTS_HISTORY)
LETTERS = {topics.dead_letters(t.name, name): t.name for t in READ for name in t.readers}
HEADERS = [("vendor", b"Dealhunt"), ("bytes", b"\xff\x00"), ("none", None)]
A_BATCH_MILLISECONDS = 30_000  # the producer is told the time of its batch
LARGEST = 1_048_000  # with a reason in its headers it is more than the broker takes


@dataclass(frozen=True)
class Sent:
    """A record that nobody can read, and where it is."""

    key: bytes
    value: bytes | None
    at: RecordMetadata


def envelope(type_: str, **overrides: Any) -> bytes:
    event = {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "/tests/stranger",
        "type": type_,
        "subject": "nothing",
        "time": "2026-11-23T12:00:00.000Z",
        "projectid": "proj_nobody",
        "data": {"what": "ever"},
    }
    return json.dumps(event | overrides).encode()


def unreadable(topic: str) -> dict[str, bytes | None]:
    own = TYPES[topic]
    return {
        "not-json": b'{"specversion": "1.0", ',
        "not-text": b"\xff\xfe\x00",
        "no-envelope": b'{"id": 1}',
        "no-object": b"[1, 2]",
        "unknown-type": envelope("coupons.weather.changed.v1"),
        "newer-major": envelope(f"{own}.v9"),
        "other-data": envelope(f"{own}.v1"),
        "nul-project": envelope(f"{own}.v1", projectid="a\0b"),
        "tombstone": None,
        "empty": b"",
    }


async def test_every_reader_sets_aside_what_it_cannot_read_and_goes_on(
    platform: Platform, other_shop: Shop, operators_producer: AIOKafkaProducer
) -> None:
    before = await ends(platform.kafka, LETTERS)
    code = await works(other_shop, operators_producer)
    # The same request every time: it is decided once, wherever it stands.
    good = requested(other_shop.project_id, code).encode()

    sent = {topic.name: await poisoned(operators_producer, topic, good) for topic in READ}
    await works(other_shop, operators_producer)

    found = await since(platform.kafka, before, sum(len(sent[each]) for each in LETTERS.values()))
    by_place = {(letter.topic, letter.key): letter for letter in found}
    assert len(found) == len(by_place)  # nobody died, so nothing is set aside twice
    for aside, origin in LETTERS.items():
        for each in sent[origin]:
            as_it_came(by_place.pop((aside, each.key)), each, group=aside.rpartition(".")[2])
    assert not by_place


async def poisoned(producer: AIOKafkaProducer, topic: topics.Topic, good: bytes) -> list[Sent]:
    """Put every kind of unreadable record on every partition of a topic, good ones in between."""
    sent = []
    for partition in range(topic.partitions):
        for kind, value in unreadable(topic.name).items():
            key = f"{kind}-{uuid4().hex}".encode()
            place = {"partition": partition, "headers": HEADERS}
            sent.append((key, value, await producer.send(topic.name, value, key, **place)))
            if topic in REQUESTS:
                await producer.send(topic.name, good, b"good", partition=partition)
    return [Sent(key, value, await at) for key, value, at in sent]


def as_it_came(letter: ConsumerRecord, sent: Sent, group: str) -> None:
    assert (letter.value, list(letter.headers[: len(HEADERS)])) == (sent.value, HEADERS)
    told = {name: value.decode() for name, value in letter.headers[len(HEADERS) :]}
    assert told["original-topic"] == sent.at.topic
    assert told["original-partition"] == str(sent.at.partition)
    assert told["original-offset"] == str(sent.at.offset)
    assert abs(int(told["original-timestamp"]) - sent.at.timestamp) < A_BATCH_MILLISECONDS
    assert told["group"] == group
    assert told["error-class"]
    assert told["error-text"]
    assert datetime.fromisoformat(told["failed-at"]).tzinfo is not None


async def works(shop: Shop, producer: AIOKafkaProducer) -> str:
    """Make something go over every topic: definitions, a switch, requests, outcomes, a visit."""
    campaign = await shop.campaign()
    code = await shop.code(campaign)
    await shop.made(f"/v1/campaigns/{campaign['id']}/disable")  # success means that it was applied
    await shop.made(f"/v1/campaigns/{campaign['id']}/enable")
    await until(lambda: is_accepted(shop, code), what="a redemption by HTTP")
    await shop.http.get(f"/go/{campaign['id']}")
    for topic in REQUESTS:
        # Headers that are no text are no reason to refuse what the record says.
        await ask(producer, requested(shop.project_id, code), topic.name, headers=HEADERS)

    async def reported() -> bool:
        path = f"/v1/reports/partners?partner_id={campaign['partner_id']}"
        lines = await shop.listed(path)
        return [(line["redemptions"], line["visits"]) for line in lines] == [(3, 1)]

    async def followed() -> bool:
        voucher = (await shop.call("GET", f"/v1/vouchers/{code}")).json()
        return bool(voucher["redemption"]["redeemed_quantity"] == 3)

    await until(reported, what="three redemptions and a visit in the report")
    await until(followed, what="three uses known to campaigns")
    return code


async def is_accepted(shop: Shop, code: str) -> bool:
    return (await shop.redeem(code)).status_code == 200


async def test_what_no_client_parses_stops_no_reader(
    platform: Platform, other_shop: Shop, operators_producer: AIOKafkaProducer
) -> None:
    """A header name that is no text, and a kilobyte that unpacks to a hundred megabytes."""
    before, alive = await ends(platform.kafka, LETTERS), restarts(platform)
    odd = a_batch(a_record(0, b"its value", [(b"\xff", b"")], key=b"odd"))

    for topic in READ:
        await append(platform.kafka, topic.name, odd, a_bomb(100, "zstd"))
    await works(other_shop, operators_producer)

    found = await since(platform.kafka, before, 2 * len(LETTERS))
    for aside in LETTERS:
        odd_one, bomb = (letter for letter in found if letter.topic == aside)
        assert (odd_one.key, odd_one.value) == (b"odd", b"its value")
        assert dict(odd_one.headers)["error-class"] == b"HeaderNameError"
        assert dict(bomb.headers)["error-class"] == b"UnpackedTooLargeError"
    assert restarts(platform) == alive
    await assert_reconciled(other_shop)


async def test_a_record_that_leaves_no_room_for_a_reason_stops_nobody(platform: Platform) -> None:
    """Its dead letter may have no value; where the original is, it says."""
    before = await ends(platform.kafka, LETTERS)
    value, places = os.urandom(LARGEST), {}  # no compression makes room

    large = AIOKafkaProducer(**platform.kafka.options(), max_request_size=2 * LARGEST)
    async with large:
        for topic in READ:
            at = await large.send_and_wait(topic.name, value, b"large", partition=0)
            places[topic.name] = str(at.offset).encode()

    found = await since(platform.kafka, before, len(LETTERS))
    assert {letter.topic for letter in found} == set(LETTERS)
    for letter in found:
        assert letter.value in (None, value)
        assert dict(letter.headers)["original-offset"] == places[LETTERS[letter.topic]]
