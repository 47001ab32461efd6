import pytest
from kit.campaigns_samples import Shop, outbox_of

from campaigns.campaigns import verbs
from campaigns.propagation import waiter
from contracts.campaigns import CampaignChanged


async def test_a_partner_is_kept_as_it_was_described(shop: Shop) -> None:
    body = {
        "name": "Blog",
        "contract_notes": "5 % until spring",
        "deal_url": "https://blog.example/deal",
        "landing_url": "https://shop.example/?from=blog",
        "contact": "jo@blog.example",
        "metadata": {"tier": 1},
    }
    made = await shop.made("/v1/partners", body)

    assert made.items() >= body.items()
    assert (await shop.call("GET", f"/v1/partners/{made['id']}")).json() == made
    listed = (await shop.call("GET", "/v1/partners")).json()
    assert (listed["data_ref"], listed["total"]) == ("partners", 1)
    assert listed["partners"] == [made]


async def test_put_changes_what_is_named_and_nothing_else(shop: Shop) -> None:
    made = await shop.made(
        "/v1/partners", {"name": "Blog", "contact": "jo", "metadata": {"a": 1, "b": 2}}
    )

    changed = await shop.call(
        "PUT",
        f"/v1/partners/{made['id']}",
        {"contact": None, "metadata": {"c": 3}, "unset_metadata_fields": ["a"]},
    )
    again = await shop.call("PUT", f"/v1/partners/{made['id']}", changed.json())

    assert changed.json()["name"] == "Blog"
    assert changed.json()["contact"] is None
    assert changed.json()["metadata"] == {"b": 2, "c": 3}
    assert again.json() == changed.json()  # nothing was changed, so it is no new version


async def newest_snapshots(dsn: str) -> dict[str, tuple[str, int]]:
    """Return which partner and version was published last of each campaign."""
    rows = [row for row in await outbox_of(dsn) if row["topic"] == "coupons.campaigns.v1"]
    told = [CampaignChanged.model_validate_json(row["value"]).data for row in rows]
    return {each.id: (each.partner.name, each.version) for each in told}


async def test_a_renamed_partner_is_renamed_in_its_campaigns_snapshots(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    campaign = await deaf_shop.campaign(partner_id=partner["id"])

    await deaf_shop.call("PUT", f"/v1/partners/{partner['id']}", {"name": "Blog 2"})

    told = (await deaf_shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()
    assert (told["partner"], told["version"]) == ("Blog 2", 2)
    assert await newest_snapshots(campaigns_db) == {campaign["id"]: ("Blog 2", 2)}


async def test_campaigns_are_told_again_of_a_new_name_or_rank_and_of_nothing_else(
    shop: Shop,
) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    category = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 2})
    campaign = await shop.campaign(partner_id=partner["id"], category="Winter")

    await shop.call("PUT", f"/v1/partners/{partner['id']}", {"contact": "ann@blog.example"})
    path = f"/v1/categories/{category['id']}"
    await shop.call("PUT", path, {"name": "Winter", "hierarchy": 2})

    told = (await shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()
    assert told["version"] == campaign["version"]

    await shop.call("PUT", path, {"name": "Winter", "hierarchy": 1})

    told = (await shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()
    assert told["version"] == campaign["version"] + 1


async def test_a_partner_of_many_campaigns_is_renamed_in_all_of_them(
    deaf_shop: Shop, campaigns_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "PUBLISHED_AT_ONCE", 2)
    monkeypatch.setattr(waiter, "MOST_AWAITED", 1)
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    made = [await deaf_shop.campaign(name=name, partner_id=partner["id"]) for name in "ABC"]

    await deaf_shop.call("PUT", f"/v1/partners/{partner['id']}", {"name": "Blog 2"})

    renamed = {each["id"]: ("Blog 2", 2) for each in made}
    assert await newest_snapshots(campaigns_db) == renamed


async def test_names_of_partners_are_unique_in_a_project(shop: Shop, rival: Shop) -> None:
    await shop.made("/v1/partners", {"name": "Blog"})
    await rival.made("/v1/partners", {"name": "Blog"})

    answer = await shop.call("POST", "/v1/partners", {"name": "Blog"})

    assert (answer.status_code, answer.json()["key"]) == (409, "duplicate_found")


async def test_partners_are_found_by_a_part_of_their_name_or_contact_and_by_status(
    shop: Shop,
) -> None:
    blog = await shop.made("/v1/partners", {"name": "Ann's Blog"})
    site = await shop.made("/v1/partners", {"name": "Deal site", "contact": "ANN@deals.example"})
    await shop.made("/v1/partners", {"name": "100%"})
    await shop.made(f"/v1/partners/{site['id']}/disable")

    async def found(query: str) -> tuple[list[str], int]:
        listed = (await shop.call("GET", f"/v1/partners?{query}")).json()
        return [each["name"] for each in listed["partners"]], listed["total"]

    assert await found("text=ann&order=name") == (["Ann's Blog", "Deal site"], 2)
    assert await found("text=ann&status=disabled") == (["Deal site"], 1)
    assert await found("order=-name&limit=2") == (
        ["Deal site", "Ann's Blog"],
        3,
    )
    assert await found("text=0%25") == (["100%"], 1)
    assert await found("text=_") == ([], 0)
    assert (await shop.call("GET", "/v1/partners?status=asleep")).status_code == 400
    assert (await shop.call("GET", f"/v1/partners/{blog['id']}")).json()["status"] == "live"


async def actives(dsn: str) -> dict[str, bool]:
    """Return what redemption was told last of each campaign's switch."""
    rows = [row for row in await outbox_of(dsn) if row["topic"] == "coupons.campaigns.v1"]
    told = [CampaignChanged.model_validate_json(row["value"]).data for row in rows]
    return {each.id: each.active for each in told}


async def test_a_partners_switch_covers_all_its_campaigns_and_leaves_their_own(
    deaf_shop: Shop, campaigns_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "PUBLISHED_AT_ONCE", 2)
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    made = [await deaf_shop.campaign(name=name, partner_id=partner["id"]) for name in "ABC"]
    off = await deaf_shop.campaign(name="D", partner_id=partner["id"], active=False)
    other = await deaf_shop.campaign(name="E")
    path = f"/v1/partners/{partner['id']}"

    late = await deaf_shop.call("POST", f"{path}/disable")
    told = await actives(campaigns_db)
    waiting = (await deaf_shop.call("GET", path)).json()
    enabled = await deaf_shop.call("POST", f"{path}/enable")

    assert (late.status_code, late.json()["key"]) == (503, "not_enforced_yet")
    theirs = [each["id"] for each in [*made, off]]
    assert told == dict.fromkeys(theirs, False) | {other["id"]: True}
    assert (waiting["active"], waiting["status"]) == (False, "not_enforced")
    assert (enabled.json()["active"], enabled.json()["campaigns"]) == (True, 4)
    again = await actives(campaigns_db)
    assert again == {each["id"]: True for each in [*made, other]} | {off["id"]: False}
    own = (await deaf_shop.call("GET", f"/v1/campaigns/{off['id']}")).json()
    assert own["active"] is False


async def test_a_partners_switch_answers_once_all_its_campaigns_obey(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    made = [await shop.campaign(name=name, partner_id=partner["id"]) for name in "ABC"]
    path = f"/v1/partners/{partner['id']}"

    first = (await shop.call("POST", f"{path}/disable")).json()
    again = (await shop.call("POST", f"{path}/disable")).json()

    assert (first["status"], first["campaigns"]) == ("disabled", 3)
    assert first["enforced_at"] == again["enforced_at"]
    assert again["undo"] is None
    assert again["version"] == first["version"]  # it stood so already
    seen = (await shop.call("GET", f"/v1/campaigns/{made[0]['id']}")).json()
    assert (seen["active"], seen["version"]) == (True, 2)


async def test_a_campaign_made_of_a_disabled_partner_redeems_nothing(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    await deaf_shop.call("POST", f"/v1/partners/{partner['id']}/disable")

    made = await deaf_shop.campaign(partner_id=partner["id"])

    assert made["active"] is True
    rows = [row for row in await outbox_of(campaigns_db) if row["key"] == made["id"].encode()]
    assert [CampaignChanged.model_validate_json(row["value"]).data.active for row in rows] == [
        False
    ]


async def test_what_is_enabled_under_a_disabled_partner_is_said_to_be_off(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    await shop.campaign(name="A", partner_id=partner["id"])
    await shop.made("/v1/campaigns/A/vouchers/CODE")
    await shop.call("POST", f"/v1/partners/{partner['id']}/disable")
    await shop.call("POST", "/v1/campaigns/A/disable")

    enabled = await shop.made("/v1/campaigns/A/enable")
    code = await shop.made("/v1/vouchers/CODE/enable")
    changed = (await shop.call("PUT", "/v1/campaigns/A", {"active": True})).json()
    other = await shop.campaign(name="B", partner_id=partner["id"])
    await shop.call("DELETE", "/v1/campaigns/B")
    restored = await shop.made("/v1/campaigns/B/restore")
    await shop.made(f"/v1/partners/{partner['id']}/enable")
    then = await shop.made("/v1/campaigns/A/enable")

    assert (enabled["status"], enabled["status_reason"]) == ("disabled", "partner")
    assert enabled["enforced_at"] is not None
    of_others = [(each["status"], each["status_reason"]) for each in (changed, other, restored)]
    assert of_others == [("disabled", "partner")] * 3
    assert (code["status"], code["status_reason"]) == ("disabled", "partner")
    assert (then["status"], then["status_reason"]) == ("live", None)


async def test_that_it_is_off_with_its_partner_is_not_claimed_before_it_is_known(
    deaf_shop: Shop,
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    await deaf_shop.campaign(name="A", partner_id=partner["id"])
    await deaf_shop.call("POST", f"/v1/partners/{partner['id']}/disable")

    enabled = await deaf_shop.made("/v1/campaigns/A/enable")

    assert (enabled["status"], enabled["status_reason"]) == ("not_enforced", "partner")
    assert enabled["enforced_at"] is None


async def test_put_leaves_the_switch_to_its_own_paths(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    path = f"/v1/partners/{partner['id']}"

    same = await shop.call("PUT", path, partner)
    other = await shop.call("PUT", path, {"active": False})

    assert same.status_code == 200
    assert (other.status_code, "disable" in other.json()["details"]) == (400, True)


async def test_a_partners_switch_is_undone_unless_somebody_changed_it_since(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    campaign = await shop.campaign(partner_id=partner["id"])
    path = f"/v1/partners/{partner['id']}"

    stale = await shop.call("POST", f"{path}/disable", {"version": partner["version"] + 1})
    switched = await shop.made(f"{path}/disable", {"version": partner["version"]})
    undo = switched["undo"]
    await shop.call("PUT", path, {"contact": "ann"})
    late = await shop.call(undo["method"], undo["path"], undo["body"])
    again = await shop.made(f"{path}/enable")

    assert (stale.status_code, stale.json()["key"]) == (409, "version_conflict")
    assert undo["path"] == f"{path}/enable"
    assert (late.status_code, late.json()["current"]["contact"]) == (409, "ann")
    assert again["active"] is True
    assert again["enforced_at"] is not None
    assert (await shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()["version"] == 3
