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
    assert again.json() == changed.json() | {"updated_at": again.json()["updated_at"]}


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


async def test_campaigns_are_told_again_only_of_a_new_name(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    category = await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 2})
    campaign = await shop.campaign(partner_id=partner["id"], category="Winter")

    await shop.call("PUT", f"/v1/partners/{partner['id']}", {"contact": "ann@blog.example"})
    path = f"/v1/categories/{category['id']}"
    await shop.call("PUT", path, {"name": "Winter", "hierarchy": 1})

    told = (await shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()
    assert told["version"] == campaign["version"]


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
