"""Time to value from the beginning of the contract: the third place where it may begin.

Formula: first ``first_value`` milestone - begin of the contract, which is the quarter of an hour
from which on the account has MRR for the first time, read by the later of the two: value seen
before that, as on trial, took no time. It adds to the measure
``time_to_value`` of ``progress``, and only under the policy ``value_start = "contract"``: under
others no change of a subscription needs a look at milestones. Unit: ms. Undefined: an account that
never had revenue is in no figure. Source: the field's start of contract (ClientSuccess and others).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import Occurrence, distributed
from aggregates.ledger.measure import Contributions
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Family, Scope
from aggregates.rows.kind import DerivedKind
from aggregates.rows.store import AccountRows
from aggregates.success.milestones import MILESTONES
from aggregates.success.progress import FIRST_VALUE, VALUE
from aggregates.time.tile import edge_ms

_CONTRACT_VALUE: Final = DerivedKind[AccountRows]("contract_value", (MILESTONES, SUBSCRIPTIONS))


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    account = rows[0]
    value_ms = account.of(MILESTONES).get("", {}).get(FIRST_VALUE)
    start_ms = _contract_ms(account, scope)
    if value_ms is None or start_ms is None:
        return
    at_ms = max(value_ms, start_ms)
    occurrence = Occurrence(at_ms, at_ms)
    yield from distributed(VALUE, scope.windows[VALUE], occurrence, at_ms - start_ms)


def _contract_ms(account: AccountRows, scope: Scope) -> int | None:
    subscriptions = account.of(SUBSCRIPTIONS).get("")
    if subscriptions is None:
        return None
    steps = subscriptions.steps(scope).steps
    return next((edge_ms(tile) for tile, state in steps if state.levels.mrr > 0), None)


FAMILY = Family(
    name="contract_value",
    reads=_CONTRACT_VALUE,
    measures=(),
    adds_to=(VALUE,),
    contributions=contributions,
    policies=("value_start",),
    in_force=lambda policy: policy.value_start == "contract",
)
