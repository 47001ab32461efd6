import json
from typing import Any

from kit.campaigns_samples import NOON, a_campaign, a_project, a_voucher

from campaigns import snapshots
from contracts.campaigns import CampaignCategory, CampaignChanged, Named
from contracts.projects import ProjectChanged
from contracts.visits import Visit, Visited
from contracts.vouchers import Chunk, IssuedCode, VoucherChanged, VouchersIssued
from servicekit.postgres.outbox import Message


def told(message: Message) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(message.value)
    return event


def test_a_projects_keys_go_out_as_digests() -> None:
    message = snapshots.of_project(a_project())

    assert (message.topic, message.key) == ("coupons.projects.v1", b"proj_a")
    event = ProjectChanged.model_validate_json(message.value)
    assert event.data.keys[0].digest == "ab" * 32
    assert event.data.keys[0].scopes == ("campaigns", "reports")


def test_a_campaign_goes_out_with_the_names_that_reports_show() -> None:
    campaign = a_campaign(category=CampaignCategory(id="cat_1", name="Winter"))

    message = snapshots.of_campaign("proj_a", campaign)

    assert (message.topic, message.key) == ("coupons.campaigns.v1", b"camp_1")
    event = CampaignChanged.model_validate_json(message.value)
    assert event.projectid == "proj_a"
    assert event.data.version == 2
    assert event.data.partner == Named(id="part_1", name="Blog")
    assert event.data.category == CampaignCategory(id="cat_1", name="Winter")
    assert event.data.terms.validity.starts_at == NOON
    assert event.data.terms.limits.total == 100


def test_what_only_people_read_stays_here() -> None:
    assert "5 %" not in snapshots.of_campaign("proj_a", a_campaign()).value.decode()


def test_the_same_state_has_the_same_identity() -> None:
    first, again = (snapshots.of_voucher("proj_a", a_voucher()) for _ in range(2))

    assert first == again
    assert told(first)["id"] != told(snapshots.of_voucher("proj_a", a_voucher(version=2)))["id"]


def test_a_voucher_goes_out_with_its_version() -> None:
    event = VoucherChanged.model_validate_json(
        snapshots.of_voucher("proj_a", a_voucher(quantity=3, version=4)).value
    )

    assert (event.data.code, event.data.quantity, event.data.version) == ("WINTER", 3, 4)


def test_each_chunk_has_a_key_of_its_own_or_compaction_would_eat_it() -> None:
    chunk = Chunk(
        campaign_id="camp_1",
        number=7,
        quantity=1,
        active=False,
        vouchers=(IssuedCode(id="v_1", code="A"),),
    )

    message = snapshots.of_chunk("proj_a", chunk, NOON)

    assert (message.topic, message.key) == ("coupons.vouchers.v1", b"camp_1:7")
    assert VouchersIssued.model_validate_json(message.value).data == chunk


def test_a_visit_is_identified_by_its_own_id() -> None:
    visit = Visit(visit_id="visit", campaign_id="camp_1", partner_id="part_1", channel="news")

    message = snapshots.of_visit("proj_a", visit, NOON)

    assert (message.topic, message.key) == ("coupons.visits.v1", b"camp_1")
    assert Visited.model_validate_json(message.value).id == "visit"
