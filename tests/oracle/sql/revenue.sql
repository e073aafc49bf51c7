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
    coalesce(sum(amount) FILTER (name = 'paying'), 0) > 0 AS is_paying,
    coalesce(sum(amount) FILTER (name = 'new_accounts'), 0)::HUGEINT AS news,
    coalesce(sum(amount) FILTER (starts_with(name, 'churned_mrr')), 0)::HUGEINT AS churned,
    coalesce(sum(amount) FILTER (starts_with(name, 'contraction_mrr')), 0)::HUGEINT AS contracted,
    coalesce(sum(amount) FILTER (starts_with(name, 'expansion_mrr')), 0)::HUGEINT AS expanded,
    coalesce(sum(amount) FILTER (name = 'churns'), 0)::HUGEINT AS churns,
    coalesce(sum(amount) FILTER (name = 'upsells'), 0)::HUGEINT AS upsells,
    coalesce(sum(amount) FILTER (name = 'downgrades'), 0)::HUGEINT AS downgrades
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
SELECT
    edge_ms,
    split_part(entries.name, ' ', 1),
    windows.name,
    string_split(entries.name, ' ')[2:],
    account,
    sum(amount)
FROM windows
JOIN entries ON at_ms >= start_ms AND at_ms < edge_ms
WHERE entries.name NOT IN (
    'mrr', 'billed_mrr', 'committed_mrr', 'past_due_mrr', 'churns', 'paying'
)
GROUP BY ALL;

-- Each account at a window's start and now.
CREATE TABLE spans AS
SELECT
    edge_ms,
    name AS "window",
    now.account,
    coalesce(start.mrr, 0) AS paid,
    now.mrr AS pays,
    coalesce(start.is_paying, false) AS was_paying,
    now.is_paying,
    now.news > coalesce(start.news, 0) AS is_new,
    now.churned - coalesce(start.churned, 0) AS churned,
    now.contracted - coalesce(start.contracted, 0) AS contracted,
    now.expanded - coalesce(start.expanded, 0) AS expanded,
    now.churns > coalesce(start.churns, 0) AS has_churned,
    now.upsells > coalesce(start.upsells, 0) AS has_upsold,
    now.downgrades > coalesce(start.downgrades, 0) AS has_downgraded
FROM windows
JOIN balances AS now ON now.moment_ms = edge_ms
LEFT JOIN balances AS start ON start.moment_ms = start_ms AND start.account = now.account;

-- The cohort is "accounts paying at start": "sum MRR(end)", "sum min(MRR end, MRR start)", their
-- churn, contraction and expansion inside the window
INSERT INTO figures
SELECT
    edge_ms,
    unnest([
        'retained_mrr', 'capped_mrr', 'cohort_churned_mrr', 'cohort_contraction_mrr',
        'cohort_expansion_mrr'
    ]),
    "window",
    [],
    account,
    unnest([pays, least(pays, paid), churned, contracted, expanded])
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
    unnest(['churned_accounts', 'upsold_accounts', 'downgraded_accounts']),
    "window",
    [],
    account,
    unnest([
        -- "new and churned in same month: count both", or ignore them
        (has_churned AND NOT (is_new AND same_period_new_churn = 'ignore'))::HUGEINT,
        has_upsold::HUGEINT,
        has_downgraded::HUGEINT
    ])
FROM spans, revenue_policy
WHERE "window" IN ('month', '30d');
