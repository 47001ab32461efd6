"""The refusals on the OpenAPI page are such as are answered."""

import msgspec
import pytest

from contracts.redemptions import Reason
from contracts.refusals import WouldPass
from contracts.rollbacks import NotRolledBack
from redemption.api.refusal_examples import HELP, example_of, example_of_rollback
from redemption.render.bodies import RefusalBody
from redemption.render.rollback import NotRolledBackBody


@pytest.mark.parametrize("reason", list(Reason))
def test_a_refusal_is_shown_as_it_is_answered(reason: Reason) -> None:
    shown = example_of(reason)

    msgspec.convert(shown, RefusalBody)
    # Every name is the contract's, and nothing is said of what says it all by itself.
    assert WouldPass.model_validate(shown.get("would_pass", {})).model_fields_set == (
        HELP[reason][1].keys() if reason in HELP else set()
    )


@pytest.mark.parametrize("reason", list(NotRolledBack))
def test_a_rollback_that_is_refused_is_shown_as_it_is_answered(reason: NotRolledBack) -> None:
    shown = example_of_rollback(reason)

    assert msgspec.to_builtins(msgspec.convert(shown, NotRolledBackBody)) == shown
