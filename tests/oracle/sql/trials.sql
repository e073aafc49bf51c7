-- Trials: "trials of a start cohort with first MRR > 0 within N days / cohort; immature cohort members
-- excluded; one trial per account".

-- What became known of the start of an account's trials, and when.
CREATE TABLE trial_starts AS
SELECT account, begin_ms AS known_ms, start_ms
FROM (
    SELECT
        *,
        first_value(
            coalesce(instant(data ->> 'trial_start'), begin_ms)
        ) OVER (
            PARTITION BY account, sub, life, statement
            ORDER BY kind = 'cancellation_requested', place
        ) AS start_ms
    FROM (SELECT * EXCLUDE (start_ms) FROM subscription_facts)
)
WHERE status = 'trialing' AND (end_ms IS NULL OR begin_ms < end_ms);

CREATE TABLE first_payments AS
SELECT account, min(at_ms) AS paid_ms
FROM changes
WHERE mrr > 0
GROUP BY account;

-- "N = 30 d after trial start"; of an account that paid before, no trial is one of a lead.
CREATE TABLE mature_trials AS
SELECT
    edge_ms,
    account,
    min(trial_starts.start_ms) AS begun_ms,
    begun_ms + 30 * 86_400_000::BIGINT AS mature_ms,
    any_value(paid_ms) AS first_paid_ms
FROM edges
JOIN trial_starts ON known_ms < edge_ms
LEFT JOIN first_payments USING (account)
GROUP BY edge_ms, account;

INSERT INTO figures
SELECT
    edge_ms,
    unnest(['trials_matured', 'trials_converted']),
    name,
    [],
    account,
    unnest([1, coalesce(first_paid_ms <= mature_ms, false)::HUGEINT])
FROM mature_trials
JOIN windows USING (edge_ms)
WHERE name = '90d'
    AND mature_ms >= windows.start_ms
    AND mature_ms < edge_ms
    AND NOT coalesce(first_paid_ms < begun_ms, false);
