#!/usr/bin/env bash
# FireDucks in place of pandas counts nobody as a user, and an answer that was not given as a "no"; a left join has its rows in another order.
#
# Versions: fireducks 1.4.4, pandas 2.3.3 (the one that it asks for), pyarrow 21.0.0, numpy 2.4.6; Python 3.11 on Linux x86-64.
# A good guess: with `import fireducks.pandas as pd` in place of pandas, or with its import hook, a program says what it said, faster, or
# ends with an error where something is not there yet; its own tests are those of pandas.
# What happens:
#   1. `nunique()` of a column counts null as a value; the same by group does not. A null is no promoter: a comparison with
#      null is False and not null, so that a share has those in it who did not answer.
#   2. Null meets null in pandas's joins, and not here. A left join has the rows of the left in their order, until the left has a column of booleans,
#      which is no part of the join: then those that found no partner are at its end, with a new index.
#   3. A plan without a sale is not in sums by plan, whatever `observed` says. A sum of nothing is 0, and NaN where `nunique` is asked
#      for in the same `agg`.
# Matters because: a job is made faster by one line, and the figures of a customer board move a little: one active user more, NPS nearer to 0, revenue
# that is put beside the wrong account where a column of the join is taken by its place (`.values`). Drop nulls before counting and before
# comparing, give the join a key to sort by, and run both on a day with nulls in it.
#
# Output seen:
#   users: pandas 2, fireducks 3
#   users by account: pandas a 1, b 1, fireducks a 1, b 1
#   share of 9 and 10 in scores 9, 10, none, 6: pandas 0.667, fireducks 0.500
#   left join of 1 a, 2 none, 3 b: pandas 1 10, 2 5, 3 20, fireducks 1 10, 2 nan, 3 20
#   left join of 1 a, 2 c, 3 b: pandas 1 10, 2 nan, 3 20, fireducks 1 10, 2 nan, 3 20
#   left join of 1 a, 2 c, 3 b, beside booleans: pandas 1 10, 2 nan, 3 20, fireducks 1 10, 3 20, 2 nan
#   sums by plan, of three plans: pandas p 10, q 20, r 0, fireducks p 10, q 20
#   sum of an account without an amount: pandas 0.0, beside nunique 0.0, fireducks 0.0, beside nunique nan
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet fireducks==1.4.4 pandas==2.3.3 pyarrow==21.0.0 numpy==2.4.6

cat > "$folder/figures.py" <<'PY'
import fireducks.pandas
import pandas


def pairs(series):
    return ", ".join(f"{key} {value:g}" for key, value in series.items())


def joined(pd, accounts, **beside):
    left = pd.DataFrame({"use": [1, 2, 3], "account": accounts, **beside})
    right = pd.DataFrame({"account": ["a", "b", None], "price": [10, 20, 5]})
    rows = left.merge(right, on="account", how="left")
    return ", ".join(f"{use} {price:g}" for use, price in zip(rows["use"].tolist(), rows["price"].tolist()))


def by_plan(pd):
    plans = pd.Categorical(["p", "q"], categories=["p", "q", "r"])
    return pairs(pd.DataFrame({"plan": plans, "cents": [10, 20]}).groupby("plan", observed=False)["cents"].sum())


def of_nothing(pd):
    grouped = pd.DataFrame({"account": ["a"], "user": ["u"], "amount": [float("nan")]}).groupby("account")
    alone = grouped.agg(total=("amount", "sum"))
    beside = grouped.agg(total=("amount", "sum"), users=("user", "nunique"))
    return f"{alone['total'].tolist()[0]}, beside nunique {beside['total'].tolist()[0]}"


def uses(pd):
    return pd.DataFrame({"account": ["a", "a", "b", "b"], "user": ["u", "u", "v", None]})


def promoters(pd):
    return format(float((pd.Series([9, 10, None, 6], dtype="Int64") >= 9).mean()), ".3f")


FIGURES = {
    "users": lambda pd: int(uses(pd)["user"].nunique()),
    "users by account": lambda pd: pairs(uses(pd).groupby("account")["user"].nunique()),
    "share of 9 and 10 in scores 9, 10, none, 6": promoters,
    "left join of 1 a, 2 none, 3 b": lambda pd: joined(pd, ["a", None, "b"]),
    "left join of 1 a, 2 c, 3 b": lambda pd: joined(pd, ["a", "c", "b"]),
    "left join of 1 a, 2 c, 3 b, beside booleans": lambda pd: joined(pd, ["a", "c", "b"], paid=[True, False, True]),
    "sums by plan, of three plans": by_plan,
    "sum of an account without an amount": of_nothing,
}
for name, figure in FIGURES.items():
    print(f"{name}: pandas {figure(pandas)}, fireducks {figure(fireducks.pandas)}")
PY

"$folder/venv/bin/python" "$folder/figures.py" 2>/dev/null | tee "$folder/seen"
sed -n '/^# Output seen/,/^set /p' "$0" | grep '^#   ' | sed 's/^#   //' | diff - "$folder/seen" && echo "as stated"
