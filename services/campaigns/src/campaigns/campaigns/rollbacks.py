"""What rolling a redemption back gives back, as clients write it."""

from campaigns.api.body import Body
from contracts.terms import Rollback


class RollbackBody(Body):
    """What comes back when a redemption is rolled back: its use, once it is whole, and budgets.

    `on_cancelled_order` also rolls back what was redeemed with an order that is cancelled or
    refunded. Sent whole: what it does not say is as by default.
    """

    use: bool = True
    budget: bool = True
    on_cancelled_order: bool = False

    def to_domain(self) -> Rollback:
        """Read it."""
        return Rollback(
            use=self.use, budget=self.budget, on_cancelled_order=self.on_cancelled_order
        )


def rollback_body(policy: Rollback) -> RollbackBody:
    """Write a policy."""
    return RollbackBody(
        use=policy.use, budget=policy.budget, on_cancelled_order=policy.on_cancelled_order
    )
