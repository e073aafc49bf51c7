from collections import Counter
from hypothesis import settings, HealthCheck, given, Phase
import tests.aggregates.test_revenue_laws as L
from tests.aggregates.subscription_oracle import movements, records_of
kinds=Counter(); sizes=Counter()
def deep(f, n):
    f._hypothesis_internal_use_settings = settings(max_examples=n, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck)); return f
for name in dir(L):
    if name.startswith("test_"):
        globals()[name]=deep(getattr(L,name), 400)
@settings(max_examples=300)
@given(L.stories(extras=False))
def test_stats(lines):
    sizes[len(lines)]+=1
    for a in L.ACCOUNTS:
        for m in movements(records_of(lines,a)): kinds[m.kind]+=1
def test_show(): print(kinds, sorted(sizes.items()))
