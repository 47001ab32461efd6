"""The api's doors: whom the paths below a prefix let in, and how large their bodies may be.

Routes import no file: the largest bodies are lists of ids, or the longest texts and metadata.
"""

import re
from typing import Final

from campaigns.api.access import PORTAL_SCOPE, READ_SCOPE, SCOPE, SETTINGS_SCOPE
from campaigns.api.unserved import OPEN as UNSERVED
from campaigns.keys.callers import Caller
from campaigns.keys.uses import KeyUses
from servicekit.http.doors import Admit, Door, open_to
from servicekit.http.keys import KeyTable

LARGEST_BODY: Final = 100_000
LARGEST_SHORT_BODY: Final = 10_000  # names, passwords, scopes
LARGEST_PERSONAL_BODY: Final = 100_000  # preferences name columns
LARGEST_LIST: Final = 2_000_000  # 20,000 customers, by ids of a hundred characters
LARGEST_COLLECTION: Final = 500_000  # 2,000 products and SKUs
LARGEST_CAMPAIGN: Final = 600_000  # 10,000 products and SKUs that it is for
LARGEST_STACKING: Final = 100_000  # 1,000 categories, several times
# Where nobody is asked for a key: a password, or the token of an invitation, is in what is sent.
SIGNING_IN: Final = (("POST", re.compile("/v1/sessions")),)
BY_INVITATION: Final = (
    ("GET", re.compile("/v1/invitations/[^/]+")),
    ("POST", re.compile("/v1/invitations/[^/]+/accept")),
)


def doors(
    callers: KeyTable[Caller], uses: KeyUses, *, feed: Admit, person: Admit, operator: Admit
) -> list[Door]:
    """Return the doors; the first whose prefix fits is asked."""
    settings = uses.noting(callers.admits(SETTINGS_SCOPE))
    project = uses.noting(callers.admits(SETTINGS_SCOPE, read=(SCOPE, READ_SCOPE)))
    all_else = open_to(UNSERVED, uses.noting(callers.admits(SCOPE, read=(READ_SCOPE,))))
    return [
        Door("/v1/feed", feed, 0),
        Door("/v1/portal", callers.admits(PORTAL_SCOPE), LARGEST_SHORT_BODY),
        Door("/v1/sessions", open_to(SIGNING_IN, person), LARGEST_SHORT_BODY),
        Door("/v1/oidc", None, LARGEST_SHORT_BODY),
        Door("/v1/account", person, LARGEST_PERSONAL_BODY),
        Door("/v1/invitations", open_to(BY_INVITATION, settings), LARGEST_SHORT_BODY),
        Door("/v1/audit", settings, 0),
        Door("/v1/users", settings, LARGEST_SHORT_BODY),
        Door("/v1/keys", settings, LARGEST_SHORT_BODY),
        Door("/v1/project/stacking-rules", project, LARGEST_STACKING),
        Door("/v1/project", project, LARGEST_SHORT_BODY),
        Door("/v1/segments", all_else, LARGEST_LIST),
        Door("/v1/product-collections", all_else, LARGEST_COLLECTION),
        Door("/v1/campaigns", all_else, LARGEST_CAMPAIGN),
        Door("/v1/vouchers", all_else, LARGEST_CAMPAIGN),
        Door("/v1/", all_else, LARGEST_BODY),
        Door("/management/", operator, LARGEST_STACKING),
    ]
