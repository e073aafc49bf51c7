-- KPIs of the account topic as numerator and denominator, and the quantiles of its durations, over
-- all accounts but internal ones.

CREATE TABLE account_totals AS
SELECT edge_ms, measure, "window", 'window=' || "window" AS label, labels, sum(figure) AS total
FROM figures
WHERE account NOT IN (FROM internal_accounts)
GROUP BY ALL;

-- "Logged time by category, as a share of all logged time", or "completed tasks by category".
CREATE TABLE IF NOT EXISTS work_policy AS SELECT 'seconds' AS work_basis;

INSERT INTO quotients
SELECT
    edge_ms,
    'work_focus_ratio',
    ['category=' || labels[1], label],
    total / if(work_basis = 'seconds', 1e3, 1),
    sum(total) OVER (PARTITION BY edge_ms, "window") / if(work_basis = 'seconds', 1e3, 1)
FROM work_policy, account_totals
WHERE measure = if(work_basis = 'seconds', 'work_time', 'tasks_completed_by_category')
    AND "window" IN ('7d', '30d') AND total > 0;  -- time of 0 seconds makes no category

-- A figure by label divided by one without, or by the one of the same label.
CREATE TABLE account_shares AS
SELECT *
FROM (VALUES
    ('tasks_on_time_ratio', 'owner=', 'tasks_on_time', 'tasks_completed_due'),
    ('visitor_conversion_ratio', 'goal=', 'converted_visitors', 'visitors'),
    ('milestone_reached_ratio', 'milestone=', 'milestone_time', 'milestone_accounts'),
    ('program_engagement_ratio', NULL, 'program_accounts', 'paying_accounts')
) AS share (kpi, prefix, above, below);

INSERT INTO quotients
SELECT
    above.edge_ms,
    kpi,
    if(prefix IS NULL, [], [prefix || above.labels[1]]) || [above.label],
    above.total,
    coalesce(below.total, 0)
FROM account_shares
JOIN account_totals AS above
    ON above.measure = account_shares.above
    AND above.labels[2] IS DISTINCT FROM 'sum'
LEFT JOIN account_totals AS below
    ON below.measure = account_shares.below
    AND below.edge_ms = above.edge_ms
    AND below."window" IN ('', above."window")
    AND (below.labels = [] OR below.labels = above.labels);

-- "Accounts won by a recommendation", each once, "as a share of those that paid for the first time in
-- the window. At most all."
INSERT INTO quotients
SELECT
    edge_ms,
    'referral_share_ratio',
    [label],
    least(coalesce(won, 0), coalesce(news, 0)),
    coalesce(news, 0)
FROM (
    SELECT
        edge_ms,
        label,
        count(*) FILTER (measure = 'referred_accounts' AND total > 0) AS won,
        sum(total) FILTER (measure = 'new_accounts') AS news
    FROM account_totals
    WHERE measure IN ('referred_accounts', 'new_accounts')
        AND label IN ('window=month', 'window=30d')
    GROUP BY ALL
);

-- "Mean of completed - started", of the time to value, of the time to a milestone.
CREATE TABLE progress_lists AS
SELECT
    edge_ms,
    measure,
    'window=' || "window" AS label,
    if(labels = [], [], ['milestone=' || labels[1]]) AS own_labels,
    list_sort(list(duration_ms)) AS durations
FROM progress_durations
WHERE account NOT IN (FROM internal_accounts)
GROUP BY edge_ms, measure, "window", labels;

INSERT INTO quotients
SELECT
    edge_ms,
    if(measure = 'milestone_time', 'milestone', measure) || '_seconds',
    own_labels || ['stat=mean', label],
    list_sum(durations) / 1e3,
    len(durations)
FROM progress_lists;

INSERT INTO quantiles
SELECT
    edge_ms,
    if(measure = 'milestone_time', 'milestone', measure) || '_seconds',
    own_labels || ['stat=p' || percent, label],
    durations[(percent * len(durations) + 99) // 100] / 1e3
FROM progress_lists, unnest([50, 90, 99]) AS share (percent);
