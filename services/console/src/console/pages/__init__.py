"""All pages: a folder each, with the same file names. To register one is a line here."""

from typing import Final

from console.pages.account import routes as account
from console.pages.home import routes as home
from console.pages.partners import routes as partners
from console.pages.signin import routes as signin
from console.web.pages import Page

PAGES: Final[tuple[Page, ...]] = (
    *home.PAGES,
    *signin.PAGES,
    *account.PAGES,
    *partners.PAGES,
)
