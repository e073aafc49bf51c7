#!/usr/bin/env bash
# In Dask the latest event of an account is that of its first partition, and a mean by account has nobody as an account, where a sum has not.
#
# Versions: dask 2026.8.0, pandas 3.1.1 (PyPI), Python 3.11.
# A good guess: Dask answers as pandas does, in any number of partitions, or says that it has no such function; `idxmax` of a whole column is right, and
# rows without a key are left out of groups, as sum, count, size and distinct count do.
# What happens:
#   1. `idxmax` and `idxmin` of groups take each partition's and then the first of them: with two partitions the latest of x is an early one. With one
#      partition, as in a small test, it is right. Dask's authors know of it, and there is no warning.
#   2. `mean`, `std` and `var` of groups keep those without a key as a group; written as `agg({"s": "mean"})` they do not. `dropna=True` helps.
#   3. The quartiles of a column depend on its partitions, for six rows as well.
# Matters because: "the plan an account has now" is the row of its greatest time. It is an old one as soon as an account's rows lie in two files, and
# a mean per account has one account more, whose value goes into the mean of all. Sort by time and drop duplicates with `keep="last"`,
# say `dropna=True`, and count accounts of each figure.
#
# Output seen (2026-11-30):
#   1 partition: latest plans x=gold y=free, means x=10 y=5 nobody=1, as agg x=10 y=5, sums x=10 y=10, quartiles 2 4 6
#   2 partitions: latest plans x=free y=trial, means x=10 y=5 nobody=1, as agg x=10 y=5, sums x=10 y=10, quartiles 1 4 6
#   3 partitions: latest plans x=trial y=trial, means x=10 y=5 nobody=1, as agg x=10 y=5, sums x=10 y=10, quartiles 2 4 5
#   pandas: latest plans x=gold y=free, means x=10 y=5, as agg x=10 y=5, sums x=10 y=10, quartiles 2 4 6
#   Dask, duplicates dropped: x=gold y=free
#   Dask, means with dropna=True: x=10 y=5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "dask[dataframe]==2026.8.0" pandas==3.1.1
cat > "$folder/accounts.py" <<'PY'
import dask.dataframe as dd
import pandas as pd

days = pd.to_datetime(["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"])
plans = pd.DataFrame({"account": ["x", "y", "x", "y", "x", "y"], "plan": ["trial", "trial", "free", "gold", "gold", "free"], "day": days})
answers = pd.DataFrame({"account": ["x", "x", "y", None, "y", None], "s": [10, None, 4, 0, 6, 2]})


def plain(series):
    return " ".join(f"{'nobody' if pd.isna(key) else key}={value if isinstance(value, str) else f'{value:g}'}" for key, value in series.sort_index().items())


def tell(name, plans_of, answers_of, done):
    latest = done(plans_of.groupby("account").day.idxmax())
    latest = latest.map(plans.plan)
    groups = answers_of.groupby("account")
    quartiles = " ".join(f"{value:g}" for value in done(answers_of.s.quantile([0.25, 0.5, 0.75])))
    print(f"{name}: latest plans {plain(latest)}, means {plain(done(groups.s.mean()))}, as agg {plain(done(groups.agg({'s': 'mean'})).s)}, "
          f"sums {plain(done(groups.s.sum()))}, quartiles {quartiles}")


for partitions in (1, 2, 3):
    name = f"{partitions} partition{'s' if partitions > 1 else ''}"
    tell(name, dd.from_pandas(plans, npartitions=partitions), dd.from_pandas(answers, npartitions=partitions), lambda made: made.compute())
tell("pandas", plans, answers, lambda made: made)
kept = dd.from_pandas(plans, npartitions=3).drop_duplicates("account", keep="last").compute()
print(f"Dask, duplicates dropped: {plain(kept.set_index('account').plan)}")
means = dd.from_pandas(answers, npartitions=3).groupby("account", dropna=True).s.mean().compute()
print(f"Dask, means with dropna=True: {plain(means)}")
PY
"$folder/venv/bin/python" -W ignore "$folder/accounts.py" | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
