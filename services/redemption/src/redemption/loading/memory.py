"""What a process may remember between batches: nothing that anybody can change unnoticed.

A code never moves to another campaign, a customer who redeemed has redeemed, and a campaign or a
segment in one version is what it is. Which version is in force, switches and uses are read behind
the lock, or compared with it by their revision. What is full is emptied: it fills again by itself.
Another server may have lost what was read from the one before: then all of it is forgotten.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from redemption.customers.segments import Segment, Zoned
from redemption.decide.facts import Facts
from redemption.model import Campaign, CampaignKey, CodeKey, CustomerKey, Place

MOST_CODES = 200_000
MOST_CUSTOMERS = 200_000
MOST_CAMPAIGNS = 5_000

# Most shops name an order for the first time when they redeem on it; where they tell of orders
# before, all are known. So orders are read for a while once one was known, and then not until the
# next, which fails the batch as a whole.
BATCHES_OF_KNOWN_ORDERS = 50

# What is said of a customer joins what is kept without a look at it, unless it comes late or is
# much: that fails the batch as a whole, and for a while they are looked at.
BATCHES_OF_LATE_WORDS = 50

# Customers are locked when they are read, or when what they did is written. Two batches of other
# campaigns that share several may so wait for each other: after one that did, all that a batch
# writes are read for a while, and so locked at once and in the order of the key.
BATCHES_OF_DEADLOCKS = 50
MOST_SEGMENTS = 5_000


class Memory:
    """Of one process; a class because it fills up."""

    def __init__(self) -> None:
        self._places: dict[CodeKey, Place] = {}
        self._campaigns: dict[CampaignKey, Campaign] = {}
        self._segments: dict[Zoned, Segment] = {}
        self._customers: set[CustomerKey] = set()
        self._left: Facts | None = None
        self._reading_orders = BATCHES_OF_KNOWN_ORDERS
        self._reading_words = 0
        self._locking_customers = 0

    def forget(self) -> None:
        """Forget all that was read: a replica that was promoted, or a copy, may not have it."""
        for remembered in (self._places, self._campaigns, self._segments, self._customers):
            remembered.clear()
        self._left = None

    def place_of(self, code: CodeKey) -> Place | None:
        """Return where a code stands, if it was seen before."""
        return self._places.get(code)

    def places_of(self, codes: Iterable[CodeKey]) -> dict[CodeKey, Place]:
        """Return where those of the codes stand that were seen before."""
        place_of = self._places.get
        return {code: place for code in codes if (place := place_of(code)) is not None}

    def unknown_codes(self, codes: Iterable[CodeKey]) -> set[CodeKey]:
        """Return those of the codes that were not seen yet."""
        known = self._places
        return {code for code in codes if code not in known}

    def remember_codes(self, found: Mapping[CodeKey, Place]) -> None:
        if len(self._places) + len(found) > MOST_CODES:
            self._places.clear()
        self._places.update(found)

    def campaign(self, key: CampaignKey, version: int) -> Campaign | None:
        """Return the campaign in that version, which was read behind its lock."""
        known = self._campaigns.get(key)
        return known if known is not None and known.version == version else None

    def campaigns_as_seen(self, keys: Iterable[CampaignKey]) -> dict[CampaignKey, Campaign]:
        """Return campaigns in the version that was read last: perhaps not that in force."""
        known = self._campaigns.get
        return {key: campaign for key in keys if (campaign := known(key)) is not None}

    def remember_campaigns(self, found: Mapping[CampaignKey, Campaign]) -> None:
        if len(self._campaigns) + len(found) > MOST_CAMPAIGNS:
            self._campaigns.clear()
        self._campaigns.update(found)

    def segment(self, name: Zoned, version: int) -> Segment | None:
        """Return the segment in that version."""
        known = self._segments.get(name)
        return known if known is not None and known.version == version else None

    def remember_segments(self, found: Mapping[Zoned, Segment]) -> None:
        if len(self._segments) + len(found) > MOST_SEGMENTS:
            self._segments.clear()
        self._segments.update(found)

    def unknown_customers(self, customers: Iterable[CustomerKey]) -> list[CustomerKey]:
        """Return those of the customers who may be new."""
        return [customer for customer in customers if customer not in self._customers]

    def remember_customers(self, known: Iterable[CustomerKey]) -> None:
        """Remember customers whose first redemption is committed, by whomever."""
        if len(self._customers) > MOST_CUSTOMERS:
            self._customers.clear()
        self._customers.update(known)

    @property
    def expects_known_orders(self) -> bool:
        """Tell whether an order that a request names is to be read, or taken for a new one."""
        return self._reading_orders > 0

    def meet_a_known_order(self) -> None:
        self._reading_orders = BATCHES_OF_KNOWN_ORDERS

    @property
    def expects_late_words(self) -> bool:
        """Tell whether what is kept of a customer is to be read before something joins it."""
        return self._reading_words > 0

    def meet_a_change(self) -> None:
        """Note that something was not as it was read, or could not be joined unread."""
        self._reading_words = BATCHES_OF_LATE_WORDS

    @property
    def expects_deadlocks(self) -> bool:
        """Tell whether all customers are to be locked at once whom a batch may write."""
        return self._locking_customers > 0

    def meet_a_deadlock(self) -> None:
        self._locking_customers = BATCHES_OF_DEADLOCKS

    def pass_a_batch(self) -> None:
        self._reading_orders = max(0, self._reading_orders - 1)
        self._reading_words = max(0, self._reading_words - 1)
        self._locking_customers = max(0, self._locking_customers - 1)

    def leave(self, facts: Facts | None) -> None:
        """Leave the facts as a batch has committed them to the next one."""
        self._left = facts

    def take(self, codes: AbstractSet[CodeKey]) -> Facts | None:
        """Return what the batch before left, if it was about the same codes.

        It is decided by as long as the revisions are the same, and is not here any more until then.
        """
        facts, self._left = self._left, None
        return facts if facts is not None and facts.offers.keys() == codes else None
