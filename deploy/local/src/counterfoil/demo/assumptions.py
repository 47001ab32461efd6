"""What the data set does not tell, decided here and named in the demo's output."""

from contracts.campaigns import CommissionPlan
from counterfoil.demo.dataset import Kind
from counterfoil.demo.scenario import PartnerPlan

PROJECT = "The Complete Journey"
CURRENCY = "USD"
TIME_ZONE = "America/New_York"
MARGIN_BASIS_POINTS = 2800

PARTNERS: dict[Kind, PartnerPlan] = {
    "Type A": PartnerPlan(
        name="Personal Picks",
        prefix="PICK",
        channel="personal mail",
        contract_notes="Sixteen coupons chosen for each household. 5 % of the net order.",
        deal_link="https://personal-picks.example/deals/grocer",
        landing_page="https://grocer.example/offers/personal",
        commission=CommissionPlan(share_basis_points=500),
    ),
    "Type B": PartnerPlan(
        name="Sunday Mailer",
        prefix="MAIL",
        channel="mail",
        contract_notes="The same coupons for everybody mailed. 0.40 per redemption.",
        deal_link="https://sunday-mailer.example/grocer",
        landing_page="https://grocer.example/offers/mailer",
        commission=CommissionPlan(flat_minor=40),
    ),
    "Type C": PartnerPlan(
        name="Season Book",
        prefix="BOOK",
        channel="booklet",
        contract_notes="A booklet that runs for months. 3 % of the net, 2.00 per new customer.",
        deal_link="https://season-book.example/partners/grocer",
        landing_page="https://grocer.example/offers/season",
        commission=CommissionPlan(share_basis_points=300, new_customer_bonus_minor=200),
    ),
}

CATEGORIES = {"GROCERY": "Grocery", "DRUG GM": "Drug and general merchandise"}

STATED = (
    "Three kinds of campaign (Type A, B, C) are three partners; names, links and plans are ours.",
    f"The margin is {MARGIN_BASIS_POINTS / 100:g} % of gross on every order.",
    "The issuer pays for the coupons: what they took off counts as the issuer's cost.",
    "Every mailing is a visit, at the start of its campaign.",
    "Times are shown as stored, in UTC; days are the shops' days, in US Eastern time.",
)
