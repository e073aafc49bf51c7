-- Costs: what was spent from a window's start up to T.

-- The setting: "months between spending to acquire and winning the account: costs count that much
-- later".
CREATE TABLE IF NOT EXISTS cost_policy AS SELECT 0 AS cac_lag_months;

CREATE TABLE costs AS
WITH told AS (
    SELECT
        key,
        data ->> 'category' AS category,
        data ->> 'segment' AS segment,
        -- "micro-units": a cent is ten thousand of them; dollars only in the histories read here
        (data ->> 'amount')::HUGEINT * 10_000 AS micros,
        coalesce(instant(data ->> 'period_start'), effective_ms) AS told_begin_ms,
        coalesce(instant(data ->> 'period_end'), effective_ms) AS told_end_ms,
        if(data ->> 'category' = 'acquisition', cac_lag_months, 0) AS lag_months
    FROM events, cost_policy
    WHERE type = 'cost.recorded' AND data ->> 'category' IN ('acquisition', 'retention')
)
SELECT
    *,
    -- "by the calendar": the same day some months later, or that month's last
    epoch_ms(make_timestamp(told_begin_ms * 1000) + to_months(lag_months)) AS begin_ms,
    epoch_ms(make_timestamp(told_end_ms * 1000) + to_months(lag_months)) AS end_ms
FROM told;

-- "A cost belongs to the segment that it names, else to its account's": who names one is an account
-- of its own here, internal where the other is.
INSERT INTO accounts
SELECT DISTINCT
    costs.key || ' for ' || costs.segment,
    costs.segment,
    coalesce(is_internal, false)
FROM costs
LEFT JOIN accounts ON account = costs.key
WHERE costs.segment IS NOT NULL;

-- "Spread evenly over the period by local days, a day's part counting from the day's beginning": by
-- T the days up to the one of T's last instant have been spent, rounded down to a micro-unit.
CREATE TABLE spent AS
WITH moments AS (
    SELECT edge_ms AS moment_ms FROM edges
    UNION
    SELECT start_ms FROM windows
)
SELECT
    moment_ms,
    coalesce(key || ' for ' || segment, key) AS account,
    category || '_cost' AS measure,
    sum(
        CASE
            WHEN end_ms <= begin_ms THEN micros
            ELSE
                micros
                * (least(((moment_ms - 1) // 86_400_000 + 1) * 86_400_000, end_ms) - begin_ms)
                // (end_ms - begin_ms)
        END
    ) AS micros
FROM costs
JOIN moments ON begin_ms < moment_ms
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, measure, name, [], account, sum(if(moment_ms = edge_ms, micros, -micros))
FROM windows
JOIN spent ON moment_ms IN (edge_ms, start_ms)
GROUP BY ALL;
