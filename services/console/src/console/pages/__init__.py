"""All pages: a folder each, with the same file names. To register one is a line here."""

from typing import Final

from console.pages.account import routes as account
from console.pages.bulk import routes as bulk
from console.pages.campaign import routes as campaign
from console.pages.campaign_form import routes as campaign_form
from console.pages.campaigns import routes as campaigns
from console.pages.code import routes as code
from console.pages.code_form import routes as code_form
from console.pages.codes import routes as codes
from console.pages.collection import routes as collection
from console.pages.collection_form import routes as collection_form
from console.pages.collections import routes as collections
from console.pages.columns import routes as columns
from console.pages.customer import routes as customer
from console.pages.customers import routes as customers
from console.pages.dashboard import routes as dashboard
from console.pages.design import routes as design
from console.pages.failures import routes as failures
from console.pages.home import routes as home
from console.pages.invite import routes as invite
from console.pages.job import routes as job
from console.pages.jobs import routes as jobs
from console.pages.order import routes as order
from console.pages.orders import routes as orders
from console.pages.partner import routes as partner
from console.pages.partner_form import routes as partner_form
from console.pages.partner_key import routes as partner_key
from console.pages.partner_shares import routes as partner_shares
from console.pages.partners import routes as partners
from console.pages.portal.account import routes as portal_account
from console.pages.portal.codes import routes as portal_codes
from console.pages.portal.earnings import routes as portal_earnings
from console.pages.portal.links import routes as portal_links
from console.pages.portal.overview import routes as portal_overview
from console.pages.product import routes as product
from console.pages.product_form import routes as product_form
from console.pages.products import routes as products
from console.pages.publications import routes as publications
from console.pages.redemption import routes as redemption
from console.pages.redemptions import routes as redemptions
from console.pages.rollback import routes as rollback
from console.pages.rule import routes as rule
from console.pages.rule_form import routes as rule_form
from console.pages.rules import routes as rules
from console.pages.search import routes as search
from console.pages.segment import routes as segment
from console.pages.segment_form import routes as segment_form
from console.pages.segments import routes as segments
from console.pages.settings.audit import routes as audit
from console.pages.settings.categories import routes as settings_categories
from console.pages.settings.keys import routes as keys
from console.pages.settings.project import routes as project
from console.pages.settings.stacking import routes as stacking
from console.pages.settings.users import routes as users
from console.pages.signin import routes as signin
from console.pages.sku_form import routes as sku_form
from console.pages.try_code import routes as try_code
from console.web.pages import Page

PAGES: Final[tuple[Page, ...]] = (
    *home.PAGES,
    *signin.PAGES,
    *invite.PAGES,
    *account.PAGES,
    *campaigns.PAGES,
    *campaign_form.PAGES,
    *campaign.PAGES,
    *codes.PAGES,
    *code_form.PAGES,
    *code.PAGES,
    *bulk.PAGES,
    *columns.PAGES,
    *search.PAGES,
    *try_code.PAGES,
    *redemptions.PAGES,
    *redemption.PAGES,
    *rollback.PAGES,
    *orders.PAGES,
    *publications.PAGES,
    *order.PAGES,
    *customers.PAGES,
    *customer.PAGES,
    *failures.PAGES,
    *partners.PAGES,
    *partner_form.PAGES,  # before one partner: /partners/new is no partner's
    *partner_key.PAGES,
    *partner_shares.PAGES,
    *partner.PAGES,
    *rules.PAGES,
    *rule_form.PAGES,
    *rule.PAGES,
    *segments.PAGES,
    *segment_form.PAGES,  # before one segment, as of partners
    *segment.PAGES,
    *products.PAGES,
    *product_form.PAGES,  # before one product
    *sku_form.PAGES,
    *product.PAGES,
    *collections.PAGES,
    *collection_form.PAGES,  # before one collection
    *collection.PAGES,
    *jobs.PAGES,
    *job.PAGES,
    *project.PAGES,
    *stacking.PAGES,
    *settings_categories.PAGES,
    *keys.PAGES,
    *users.PAGES,
    *audit.PAGES,
    *dashboard.PAGES,
    *portal_overview.PAGES,
    *portal_codes.PAGES,
    *portal_links.PAGES,
    *portal_earnings.PAGES,
    *portal_account.PAGES,
    *design.PAGES,
)
