from urllib.parse import parse_qs, urlsplit

from kit.campaigns_samples import CUSTOMER_KEY, Shop, outbox_of

from contracts import ids
from contracts.visits import Visited


async def test_a_link_counts_the_look_and_leads_to_the_deal(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    partner = await deaf_shop.made("/v1/partners", {"name": "Blog"})
    campaign = await deaf_shop.campaign(
        partner_id=partner["id"],
        channel="newsletter",
        landing_url="https://shop.example/winter?lang=de",
    )
    path = f"/v1/campaigns/{campaign['id']}/vouchers"
    await deaf_shop.made(path)
    await deaf_shop.made(f"{path}/WINTER")

    answer = await deaf_shop.http.get(f"/go/{campaign['id']}?customer=7")

    assert answer.status_code == 302
    landing = urlsplit(answer.headers["Location"])
    query = parse_qs(landing.query)
    assert (landing.netloc, query["lang"]) == ("shop.example", ["de"])
    assert query["coupon"] == ["WINTER"]
    assert query["utm_source"] == ["Blog"]
    assert query["utm_medium"] == ["newsletter"]
    assert query["utm_campaign"] == ["Winter deal"]
    row = (await outbox_of(campaigns_db))[-1]
    visit = Visited.model_validate_json(row["value"])
    assert row["topic"] == "coupons.visits.v1"
    assert visit.id == visit.data.visit_id == query["visit_id"][0]
    assert visit.data.campaign_id == campaign["id"]
    assert visit.data.customer_id == ids.customer(CUSTOMER_KEY.encode(), deaf_shop.project_id, "7")


async def test_a_unique_code_is_never_given_to_whoever_follows_a_link(shop: Shop) -> None:
    campaign = await shop.campaign(deal_url="https://blog.example")
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers")

    answer = await shop.http.get(f"/go/{campaign['id']}")

    assert "coupon=" not in answer.headers["Location"]


async def test_a_switched_off_campaign_shows_no_code(shop: Shop) -> None:
    campaign = await shop.campaign(landing_url="https://shop.example")
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER")
    await shop.made(f"/v1/campaigns/{campaign['id']}/disable")

    answer = await shop.http.get(f"/go/{campaign['id']}")

    assert answer.status_code == 302
    assert "coupon=" not in answer.headers["Location"]


async def test_a_link_to_nothing_is_not_found(shop: Shop) -> None:
    campaign = await shop.campaign()

    for path in (f"/go/{campaign['id']}", "/go/camp_unknown", "/go/%00"):
        assert (await shop.http.get(path)).status_code == 404
