"""Gives codes to customers. The caller opened the transaction.

A code is given once: who gives it holds its row, and writes it only if it is nobody's. Locks are
called in one order (the client's id of the publication, the customer, the campaign's sharing, the
campaign, codes), and codes that nobody named are passed over where a rival holds them. Campaigns
come before their codes everywhere: whoever changes the rules of a code holds both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from campaigns import days, snapshots
from campaigns.actors import Actor
from campaigns.campaigns import verbs as campaigns
from campaigns.history import store as history
from campaigns.history.differences import between
from campaigns.history.store import Entry
from campaigns.issuing import verbs as issue
from campaigns.model import Campaign, CodeTemplate, Publication, Voucher
from campaigns.publications import store
from campaigns.publications.wishes import Wish, digest_of, digest_of_source
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.vouchers import entries as voucher_entries
from campaigns.vouchers import verbs as vouchers
from campaigns.vouchers.store import get_many
from contracts import ids
from contracts.instants import to_rfc3339
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

ID_PREFIX, ID_LENGTH = "pub_", 32
MOST_CODES: Final = 50  # of one publication


@dataclass(frozen=True, slots=True)
class Published:
    """A publication with its codes as they now are, and their campaign."""

    publication: Publication
    vouchers: Sequence[Voucher]
    campaign: Campaign


async def publish(
    conn: Connection,
    project_id: str,
    actor: Actor,
    wish: Wish,
    *,
    key: bytes,
    spelt: Callable[[CodeTemplate], CodeTemplate],
) -> Published:
    """Give a customer what is asked for; the same wish by the same source id is answered again.

    `key` keys what is kept of a person; `spelt` is how the project draws codes.
    """
    source, asked = None, digest_of(wish, key, project_id)
    if wish.source_id is not None:
        source = digest_of_source(wish.source_id, key, project_id)
        await store.lock_source(conn, source)
        answered = await store.of_source(conn, project_id, source)
        if answered is not None:
            before, wished = answered
            _check_same(before, wished, asked)
            return await shown(conn, project_id, before)
    campaign, voucher_id = await _meant(conn, project_id, wish)
    campaigns.check_not_in_bin(campaign)
    await store.lock_customer(conn, campaign.id, wish.customer_id)
    await store.keep_allotments_away(conn, campaign.id)
    named = None if voucher_id is None else await vouchers.hold(conn, project_id, voucher_id)
    if wish.join_once or campaign.definition.details.join_once:
        held = await _held_already(conn, project_id, wish, campaign, named)
        if held is not None:
            if source is not None:
                await store.add_answered(conn, project_id, source, held.id, asked)
            return await shown(conn, project_id, held)
    at = _now()
    _check_not_over(campaign, at)
    if named is None:
        codes = await _of_campaign(conn, project_id, actor, campaign, count=wish.count, spelt=spelt)
    else:
        _check_free(named)
        codes = [named]
    made = Publication(
        id=ids.new(ID_PREFIX, ID_LENGTH),
        campaign_id=campaign.id,
        customer_id=wish.customer_id,
        voucher_ids=tuple(each.id for each in codes),
        codes=tuple(each.code for each in codes),
        channel=wish.channel,
        metadata=wish.metadata,
        source_id=wish.source_id,
        created_at=_now(),  # behind all locks
        wish=asked,
    )
    await store.add(conn, project_id, made, source)
    given = await _give(conn, project_id, actor, made, campaign)
    return Published(made, given, campaign)


async def shown(conn: Connection, project_id: str, publication: Publication) -> Published:
    """Return a publication that was made before, with its codes as they are by now."""
    campaign = await campaigns.get(conn, project_id, publication.campaign_id)
    found = {each.id: each for each in await get_many(conn, project_id, publication.voucher_ids)}
    left = [found[each] for each in publication.voucher_ids if each in found]
    return Published(publication, left, campaign)


async def _meant(conn: Connection, project_id: str, wish: Wish) -> tuple[Campaign, str | None]:
    """Return whose codes are asked for, and the id of the code that is named."""
    if wish.voucher is None:
        return await campaigns.get(conn, project_id, wish.campaign or ""), None
    named = await vouchers.get(conn, project_id, wish.voucher)
    return await vouchers.campaign_of(conn, project_id, named), named.id


async def _held_already(
    conn: Connection, project_id: str, wish: Wish, campaign: Campaign, named: Voucher | None
) -> Publication | None:
    """Return what gave the customer what he is to be given once, or None where nothing did."""
    if named is not None and named.holder_id == wish.customer_id and named.publication_id:
        before = await store.find(conn, project_id, named.publication_id)
    else:
        before = await store.latest_that_holds(conn, project_id, campaign.id, wish.customer_id)
        if before is not None and named is not None:
            raise _joined(campaign)
    if before is not None and not wish.join_once:
        raise _joined(campaign)
    return before


async def _of_campaign(
    conn: Connection,
    project_id: str,
    actor: Actor,
    campaign: Campaign,
    *,
    count: int,
    spelt: Callable[[CodeTemplate], CodeTemplate],
) -> list[Voucher]:
    """Return codes that are nobody's, held or new ones: new ones where the campaign may grow."""
    attempt = conn.transaction()
    await attempt.start()
    codes = await store.take_free(conn, project_id, campaign.id, count)
    if len(codes) == count:
        await attempt.commit()
        return codes
    await attempt.rollback()  # and so hold none of them
    if campaign.definition.details.type != "AUTO_UPDATE":
        raise InvalidError(
            "No voucher is suitable for publication",
            f"{len(codes)} of its codes are active, unused, nobody's and without rules of their"
            f" own; {count} are wanted",
            "no_voucher_suitable_for_publication",
        )
    growing = await issue.lock_campaign(conn, project_id, campaign.id)
    codes = await store.take_free(conn, project_id, campaign.id, count)
    for _ in range(count - len(codes)):
        fresh = await issue.generate_code(
            conn, project_id, growing, spelt(growing.code_template), metadata={}
        )
        await voucher_entries.record(
            conn, project_id, actor, "created", before=None, after=(fresh, growing)
        )
        codes.append(fresh)
    return codes


async def _give(
    conn: Connection, project_id: str, actor: Actor, made: Publication, campaign: Campaign
) -> list[Voucher]:
    lasts = campaign.definition.details.active_after_publishing_seconds
    given = await store.give(
        conn,
        project_id,
        made.voucher_ids,
        publication_id=made.id,
        customer_id=made.customer_id,
        at=made.created_at,
        ends_at=None if lasts is None else days.later(made.created_at, lasts, campaign.time_zone),
    )
    codes = [given[each] for each in made.voucher_ids]
    await outbox.write(conn, [snapshots.of_voucher(project_id, each) for each in codes])
    happened = [Entry("published", each.target, between(None, _told(each))) for each in codes]
    await history.add(conn, project_id, actor, happened)
    return codes


def _told(voucher: Voucher) -> dict[str, str | None]:
    """Return what history tells: a pseudonym, and nothing that says who it is."""
    return {
        "publication_id": voucher.publication_id,
        "holder_id": voucher.holder_id,
        "expiration_date": None if voucher.ends_at is None else to_rfc3339(voucher.ends_at),
    }


def _now() -> datetime:
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _check_same(before: Publication, wished: bytes, asked: bytes) -> None:
    if wished != asked:
        raise InvalidError(
            "This source_id belongs to another publication",
            f"{before.id} was asked for with another customer, code, channel or metadata",
            "duplicate_source_id",
        )


def _check_not_over(campaign: Campaign, at: datetime) -> None:
    ends_at = campaign.definition.terms.validity.ends_at
    if ends_at is not None and at >= ends_at:
        raise _unsuitable(f"{campaign.definition.name} has ended: its codes redeem no more")


def _check_free(voucher: Voucher) -> None:
    """Raise where a code that is held cannot be given to anybody."""
    vouchers.check_not_in_bin(voucher)
    if voucher.publication_id is not None:
        raise InvalidError(
            "Voucher is already published",
            f"{voucher.code} is a customer's own since {voucher.publication_id}",
            "voucher_already_published",
        )
    if not voucher.active:
        raise _unsuitable(f"{voucher.code} is switched off")
    if voucher.quantity is not None and voucher.redeemed_quantity >= voucher.quantity:
        raise _unsuitable(f"{voucher.code} is used up")


def _unsuitable(details: str) -> InvalidError:
    return InvalidError(
        "No voucher is suitable for publication", details, "no_voucher_suitable_for_publication"
    )


def _joined(campaign: Campaign) -> InvalidError:
    return InvalidError(
        "Customer already joined program",
        f"the customer has a code of {campaign.definition.name}: join_once asks for that one",
        "voucher_cannot_be_published",
    )


async def get(conn: Connection, project_id: str, publication_id: str) -> Publication:
    found = await store.find(conn, project_id, publication_id)
    if found is None:
        raise NotFoundError("publication", publication_id)
    return found
