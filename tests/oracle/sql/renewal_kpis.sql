-- Renewal and trial conversion as numerator and denominator, over all accounts but internal ones.

CREATE TABLE renewal_shares AS
SELECT *
FROM (VALUES
    ('renewal_ratio', 'basis=accounts', 'renewed_accounts', 'renewal_due_accounts', 1),
    ('renewal_ratio', 'basis=subscriptions', 'renewals', 'renewals_due', 1),
    ('renewal_ratio', 'basis=value', 'renewed_mrr', 'renewal_due_mrr', 1e6),
    ('trial_conversion_ratio', NULL, 'trials_converted', 'trials_matured', 1)
) AS share (kpi, label, above, below, unit);

INSERT INTO quotients
SELECT
    edge_ms,
    kpi,
    if(label IS NULL, [], [label]) || ['window=' || windows.name],
    coalesce(sum(figure) FILTER (measure = above), 0) / unit,
    coalesce(sum(figure) FILTER (measure = below), 0) / unit
FROM windows
CROSS JOIN renewal_shares
LEFT JOIN (
    SELECT edge_ms, "window", measure, figure
    FROM figures
    WHERE account NOT IN (FROM internal_accounts)
) AS counted USING (edge_ms)
WHERE windows.name IN (if(kpi = 'renewal_ratio', 'month', '90d'), '90d')
    AND coalesce(counted."window", windows.name) = windows.name
GROUP BY edge_ms, kpi, label, windows.name, unit;

-- The settings: the margin with the instant from which on each holds, and the months that a customer
-- is taken to stay at most.
CREATE TABLE IF NOT EXISTS lifetime_policy AS
SELECT [{'since_ms': 0, 'share': 0.8::DOUBLE}] AS margins, 60 AS cap_months;

-- "ARPA x gross margin / C4, as trailing 3-month mean, cap 60 months": the mean is weighted by who
-- paid at the start of each of three windows of 30 days.
CREATE TABLE lifetimes AS
WITH churn AS (
    SELECT
        edge_ms,
        number,
        count(*) FILTER (paid > 0) AS payers,
        count(*) FILTER (paid > 0 AND left_ms IS NOT NULL) AS leavers
    FROM (
        SELECT
            edges.edge_ms,
            number,
            entries.account,
            coalesce(sum(amount) FILTER (entries.name = 'mrr' AND at_ms < begin_ms), 0) AS paid,
            -- a churn that was classified anew within its group is taken back
            if(
                coalesce(
                    sum(amount) FILTER (
                        entries.name = 'churns'
                        AND at_ms >= begin_ms
                        AND at_ms < begin_ms + 2_592_000_000
                    ),
                    0
                ) > 0,
                1,
                NULL
            ) AS left_ms
        FROM (
            SELECT edge_ms, number, edge_ms - (number + 1) * 2_592_000_000 AS begin_ms
            FROM edges, unnest([0, 1, 2]::BIGINT[]) AS month (number)
        ) AS edges
        JOIN entries ON at_ms < begin_ms + 2_592_000_000
        WHERE entries.account NOT IN (FROM internal_accounts)
        GROUP BY ALL
    )
    GROUP BY ALL
)
SELECT edge_ms, margin / greatest(sum(leavers) / sum(payers), 1 / any_value(cap_months)) AS months
FROM lifetime_policy, churn
JOIN (
    SELECT edge_ms, arg_max(each.share, each.since_ms) AS margin
    FROM edges
    JOIN (SELECT unnest(margins) AS each FROM lifetime_policy) ON each.since_ms < edge_ms
    GROUP BY edge_ms
) AS margins_now USING (edge_ms)
GROUP BY edge_ms, margin
HAVING sum(payers) > 0;

CREATE TABLE lifetime_values AS
SELECT lifetimes.edge_ms, mrr / 1e6 / payers * months AS ltv
FROM lifetimes
JOIN (
    SELECT
        edge_ms,
        sum(figure) FILTER (measure = 'mrr') AS mrr,
        count(*) FILTER (measure = 'paying_accounts') AS payers
    FROM figures
    WHERE measure IN ('mrr', 'paying_accounts') AND account NOT IN (FROM internal_accounts)
    GROUP BY edge_ms
) USING (edge_ms)
WHERE payers > 0;
