-- Revenue and customers: balances at T, movements in a window, and what became of those who paid at
-- its start.

-- Everything that is known of an account at an instant, "evaluated at T": the sums of what came
-- before it.
CREATE TABLE balances AS
WITH moments AS (
    SELECT edge_ms AS moment_ms FROM edges
    UNION
    SELECT start_ms FROM windows
),
sums AS (
    SELECT moment_ms, account, name, sum(amount)::HUGEINT AS amount
    FROM moments
    JOIN entries ON at_ms < moment_ms
    GROUP BY ALL
)
SELECT
    moment_ms,
    account,
    coalesce(sum(amount) FILTER (name = 'mrr'), 0)::HUGEINT AS mrr,
    coalesce(sum(amount) FILTER (name = 'paying'), 0) > 0 AS is_paying
FROM sums
GROUP BY ALL;

-- "Balances at period end": MRR and its parts; "accounts with MRR > 0"
INSERT INTO figures
SELECT edge_ms, name, '', [], account, sum(amount)
FROM edges
JOIN entries ON at_ms < edge_ms
WHERE name IN ('mrr', 'billed_mrr', 'committed_mrr', 'past_due_mrr')
GROUP BY ALL;

INSERT INTO figures
SELECT moment_ms, 'paying_accounts', '', [], account, 1
FROM balances
JOIN edges ON edge_ms = moment_ms
WHERE is_paying;

-- "Movements inside the period"
INSERT INTO figures
SELECT edge_ms, split_part(kind, ' ', 1), name, string_split(kind, ' ')[2:], account, sum(amount)
FROM window_moves
WHERE kind NOT IN ('churns', 'returns') AND amount <> 0
GROUP BY ALL
UNION ALL
SELECT edge_ms, 'cancellations', windows.name, [], account, count(*)
FROM windows
JOIN entries ON at_ms >= start_ms AND at_ms < edge_ms
WHERE entries.name = 'cancellations'
GROUP BY ALL;

-- Each account at a window's start and now.
CREATE TABLE spans AS
WITH moves AS (
    SELECT
        edge_ms,
        name,
        account,
        coalesce(sum(amount) FILTER (starts_with(kind, 'churned_mrr')), 0)::HUGEINT AS churned,
        coalesce(sum(amount) FILTER (starts_with(kind, 'contraction_mrr')), 0)::HUGEINT
            AS contracted,
        coalesce(sum(amount) FILTER (starts_with(kind, 'expansion_mrr')), 0)::HUGEINT AS expanded,
        coalesce(sum(amount) FILTER (kind = 'new_accounts'), 0) > 0 AS is_new,
        coalesce(sum(amount) FILTER (kind = 'returns'), 0) > 0 AS has_returned,
        coalesce(sum(amount) FILTER (kind = 'churns'), 0) > 0 AS has_churned,
        coalesce(sum(amount) FILTER (kind = 'upsells'), 0) > 0 AS has_upsold,
        coalesce(sum(amount) FILTER (kind = 'downgrades'), 0) > 0 AS has_downgraded
    FROM window_moves
    GROUP BY ALL
)
SELECT
    windows.edge_ms,
    windows.name AS "window",
    now.account,
    coalesce(start.mrr, 0) AS paid,
    now.mrr AS pays,
    coalesce(start.is_paying, false) AS was_paying,
    now.is_paying,
    coalesce(is_new, false) AS is_new,
    coalesce(has_returned, false) AS has_returned,
    coalesce(churned, 0) AS churned,
    coalesce(contracted, 0) AS contracted,
    coalesce(expanded, 0) AS expanded,
    coalesce(has_churned, false) AS has_churned,
    coalesce(has_upsold, false) AS has_upsold,
    coalesce(has_downgraded, false) AS has_downgraded
FROM windows
JOIN balances AS now ON now.moment_ms = windows.edge_ms
LEFT JOIN balances AS start ON start.moment_ms = start_ms AND start.account = now.account
LEFT JOIN moves
    ON moves.edge_ms = windows.edge_ms AND moves.name = windows.name
    AND moves.account = now.account;

-- The cohort is "accounts paying at start": "sum MRR(end)", "sum min(MRR end, MRR start)", their
-- churn, contraction and expansion inside the window; a share of MRR at start is "at most 100 %", so
-- what is lost beyond what was paid then is apart
INSERT INTO figures
SELECT
    edge_ms,
    unnest([
        'retained_mrr', 'capped_mrr', 'cohort_churned_mrr', 'cohort_contraction_mrr',
        'cohort_expansion_mrr', 'cohort_churned_gains_mrr', 'cohort_lost_gains_mrr'
    ]),
    "window",
    [],
    account,
    unnest([
        pays, least(pays, paid), churned, contracted, expanded,
        greatest(churned - paid, 0), greatest(churned + contracted - paid, 0)
    ])
FROM spans
WHERE paid > 0 AND "window" IN ('month', '30d', '365d');

INSERT INTO figures
SELECT
    edge_ms,
    unnest(['retained_accounts', 'cohort_churned_accounts']),
    "window",
    [],
    account,
    unnest([is_paying::HUGEINT, has_churned::HUGEINT])
FROM spans
WHERE was_paying AND "window" IN ('month', '30d', '90d', '365d');

-- "distinct accounts" with a movement
INSERT INTO figures
SELECT
    edge_ms,
    unnest(['churned_accounts', 'upsold_accounts', 'downgraded_accounts', 'joined_accounts']),
    "window",
    [],
    account,
    unnest([
        -- "new and churned in same month: count both", or ignore them
        (has_churned AND NOT (is_new AND same_period_new_churn = 'ignore'))::HUGEINT,
        has_upsold::HUGEINT,
        has_downgraded::HUGEINT,
        (NOT was_paying AND (is_paying OR has_churned OR is_new OR has_returned))::HUGEINT
    ])
FROM spans, revenue_policy
WHERE "window" IN ('month', '30d');
