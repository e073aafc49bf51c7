-- Trials: "trials of a start cohort with first MRR > 0 within N days / cohort; immature cohort members
-- excluded; one trial per account".

-- The settings: the days to convert in, who is asked, and which window somebody belongs to.
CREATE TABLE IF NOT EXISTS trial_policy AS
SELECT 30 AS trial_conversion_days, 'trials' AS trial_base, 'mature' AS trial_cohort;

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
WHERE status = 'trialing'
    AND NOT is_retention
    AND (end_ms IS NULL OR begin_ms < end_ms)
    AND (SELECT trial_base FROM trial_policy) = 'trials'
UNION ALL
-- "or free signups"
SELECT key, effective_ms, effective_ms
FROM events
WHERE type = 'account.signed_up' AND (SELECT trial_base FROM trial_policy) = 'signups';

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
    begun_ms
        + (SELECT trial_conversion_days FROM trial_policy) * 86_400_000::BIGINT AS mature_ms,
    any_value(paid_ms) AS first_paid_ms,
    -- who begins a trial and pays at one instant is no lead; who signs up and pays is one, and won
    coalesce(first_paid_ms = begun_ms, false)
        AND (SELECT trial_base FROM trial_policy) = 'trials' AS pays_as_it_begins
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
    AND NOT coalesce(first_paid_ms < begun_ms, false)
    AND NOT pays_as_it_begins
    AND (SELECT trial_cohort FROM trial_policy) = 'mature';

-- "Same-period": those that began in the window, and those that paid in it, within their days
INSERT INTO figures
SELECT edge_ms, 'trials_matured', name, [], account, 1
FROM mature_trials
JOIN windows USING (edge_ms)
WHERE name = '90d'
    AND begun_ms >= windows.start_ms
    AND begun_ms < edge_ms
    AND NOT coalesce(first_paid_ms < begun_ms, false)
    AND NOT pays_as_it_begins
    AND (SELECT trial_cohort FROM trial_policy) = 'same_period'
UNION ALL
SELECT edge_ms, 'trials_converted', name, [], account, 1
FROM mature_trials
JOIN windows USING (edge_ms)
WHERE name = '90d'
    AND first_paid_ms >= windows.start_ms
    AND first_paid_ms < edge_ms
    AND first_paid_ms BETWEEN begun_ms AND mature_ms
    AND NOT pays_as_it_begins
    AND (SELECT trial_cohort FROM trial_policy) = 'same_period';
