from datetime import UTC, datetime

from counterfoil.demo.dataset import Dataset

EXPECTED_PER_CAMPAIGN = {
    1: 1, 2: 5, 3: 2, 4: 11, 5: 13, 6: 1, 7: 7, 8: 372, 9: 43, 10: 15, 11: 8, 12: 26, 13: 629,
    14: 34, 15: 2, 16: 43, 17: 45, 18: 653, 19: 29, 20: 22, 21: 3, 22: 43, 23: 8, 24: 0, 25: 1,
    26: 22, 27: 64,
}  # fmt: skip


def test_the_year_has_the_sizes_that_its_publisher_names(dataset: Dataset) -> None:
    assert len(dataset.campaigns) == 27
    assert len(dataset.mailings) == 6_589
    assert len(set(dataset.redemptions)) == 2_102
    assert len(dataset.covers) == 981


def test_every_campaign_has_the_redemptions_of_the_data_sets_own_table(dataset: Dataset) -> None:
    redeemed = {campaign.number: campaign.redeemed for campaign in dataset.campaigns}

    assert redeemed == EXPECTED_PER_CAMPAIGN


def test_a_coupon_in_two_campaigns_is_two_codes(dataset: Dataset) -> None:
    assert sum(len(campaign.coupons) for campaign in dataset.campaigns) == 1_197


def test_every_redeemed_coupon_belongs_to_its_campaign(dataset: Dataset) -> None:
    coupons = {campaign.number: set(campaign.coupons) for campaign in dataset.campaigns}

    assert all(r.coupon in coupons[r.campaign] for r in dataset.redemptions)


def test_only_mailed_households_redeem(dataset: Dataset) -> None:
    mailed = {(mailing.campaign, mailing.household) for mailing in dataset.mailings}

    assert all((r.campaign, r.household) in mailed for r in dataset.redemptions)


def test_the_last_day_of_a_campaign_counts_and_its_end_is_the_next_midnight(
    dataset: Dataset,
) -> None:
    campaign = dataset.campaigns[7]  # number 8, redeemed seven times on its last day

    assert campaign.starts_at.astimezone(UTC) == datetime(2017, 5, 8, 4, tzinfo=UTC)
    assert campaign.ends_at.astimezone(UTC) == datetime(2017, 6, 26, 4, tzinfo=UTC)
