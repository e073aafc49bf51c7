-- Accounts on their way: onboarding, first value, milestones, programmes.

-- The settings: the window that an onboarding belongs to, where the time to value begins, the
-- milestones that are asked for (any if none), and the age of who is asked.
CREATE TABLE IF NOT EXISTS progress_policy AS
SELECT
    'completed' AS onboarding_cohort,
    'left' AS onboarding_given_up,
    'account_created' AS value_start,
    []::VARCHAR[] AS asked,
    30 AS milestone_days;

-- The last start before each completion, with no other completion between: "restart replaces
-- start", "not completed is not 0".
CREATE TABLE onboarding_facts AS
SELECT
    key AS account,
    coalesce(data ->> 'onboarding_id', subject, '') AS onboarding,
    type <> 'onboarding.started' AS is_end,
    type = 'onboarding.completed' AS is_completed,
    effective_ms,
    place
FROM events
WHERE starts_with(type, 'onboarding.');

CREATE TABLE onboarding_turns AS
SELECT
    *,
    coalesce(lag(is_end) OVER steps, true) AS follows_end,
    lag(effective_ms) OVER steps AS before_ms
FROM onboarding_facts
WINDOW steps AS (PARTITION BY account, onboarding ORDER BY place);

CREATE TABLE progress_durations AS
SELECT
    edge_ms,
    'onboarding' AS measure,
    name AS "window",
    []::VARCHAR[] AS labels,
    account,
    effective_ms - before_ms AS duration_ms
FROM progress_policy, onboarding_turns
JOIN windows ON effective_ms < edge_ms
WHERE is_completed AND NOT follows_end AND name = '90d'
    AND if(onboarding_cohort = 'started', before_ms, effective_ms) >= start_ms;

-- "An account has left when no subscription of it goes on any more: active, on trial, late or
-- paused. One that never had any has not left." A quarter of an hour is the shortest time there is.
CREATE TABLE departed AS
WITH stays AS (
    SELECT
        account,
        begin_ms,
        least(coalesce(end_ms, cancel_ms), coalesce(cancel_ms, end_ms)) AS over_ms
    FROM dated_facts, progress_policy
    WHERE status IN ('active', 'past_due', 'trialing', 'paused') AND onboarding_given_up = 'left'
)
SELECT edge_ms, account
FROM stays
JOIN edges ON begin_ms < edge_ms
WHERE coalesce(over_ms // 900_000 > begin_ms // 900_000, true)
GROUP BY ALL
HAVING NOT bool_or(coalesce(over_ms >= edge_ms, true));

-- "Started, not completed and not given up": the last fact before T is a start.
INSERT INTO figures
WITH latest AS (
    SELECT edge_ms, account, onboarding, arg_max(is_end, place) AS is_end
    FROM onboarding_facts
    JOIN edges ON effective_ms < edge_ms
    GROUP BY ALL
)
SELECT edge_ms, 'onboardings_open', '', [], account, count(*)
FROM latest
ANTI JOIN departed USING (edge_ms, account)
WHERE NOT is_end
GROUP BY ALL;

CREATE TABLE creations AS
SELECT
    key AS account,
    arg_min(effective_ms, place) AS created_ms,
    created_ms + any_value(milestone_days) * 86_400_000::BIGINT AS grown_ms
FROM events, progress_policy
WHERE type = 'account.created'
GROUP BY key;

CREATE TABLE milestones AS
SELECT key AS account, data ->> 'milestone' AS milestone, min(effective_ms) AS reached_ms
FROM events
WHERE type = 'milestone.reached'
GROUP BY ALL;

-- "First first_value milestone - start"; "account created", "or the last start of an onboarding
-- before it", or the contract: "the quarter of an hour from which on the account has MRR"
CREATE TABLE value_starts AS
WITH quarters AS (
    SELECT account, at_ms // 900_000 * 900_000 AS quarter_ms, sum(amount) AS amount
    FROM entries
    WHERE name = 'mrr'
    GROUP BY ALL
),
revenues AS (
    SELECT
        account,
        quarter_ms,
        sum(amount) OVER (PARTITION BY account ORDER BY quarter_ms) AS mrr
    FROM quarters
)
SELECT account, 'account_created' AS value_start, created_ms AS start_ms FROM creations
UNION ALL
SELECT account, 'onboarding_started', max(effective_ms)
FROM onboarding_facts
JOIN milestones USING (account)
WHERE NOT is_end AND milestone = 'first_value' AND effective_ms <= reached_ms
GROUP BY account
UNION ALL
SELECT account, 'contract', min(quarter_ms) FROM revenues WHERE mrr > 0 GROUP BY account;

-- "A milestone that was reached before its account was created is reached with it", and so with
-- the contract
INSERT INTO progress_durations
SELECT
    edge_ms,
    'time_to_value',
    name,
    [],
    account,
    greatest(reached_ms - value_starts.start_ms, 0)
FROM milestones
JOIN value_starts USING (account)
JOIN progress_policy USING (value_start)
JOIN windows
    ON greatest(reached_ms, value_starts.start_ms) >= windows.start_ms
    AND greatest(reached_ms, value_starts.start_ms) < edge_ms
WHERE milestone = 'first_value' AND name = '90d';

-- "An account is eligible in the window in which it becomes so many days old"
CREATE TABLE eligible AS
SELECT edge_ms, name AS "window", account, created_ms
FROM creations
JOIN windows ON grown_ms >= start_ms AND grown_ms < edge_ms
WHERE name = '90d';

INSERT INTO figures
SELECT edge_ms, 'milestone_accounts', "window", [], account, 1 FROM eligible;

-- "Of the eligible accounts those count as having reached a milestone that have by T, with the time
-- since they were created"
INSERT INTO progress_durations
SELECT
    edge_ms,
    'milestone_time',
    "window",
    [milestone],
    account,
    greatest(reached_ms - created_ms, 0)
FROM progress_policy, eligible
JOIN milestones USING (account)
WHERE reached_ms < edge_ms AND (len(asked) = 0 OR milestone IN asked);

INSERT INTO figures
SELECT edge_ms, measure, "window", labels || ['count'], account, count(*)
FROM progress_durations
GROUP BY ALL
UNION ALL
SELECT edge_ms, measure, "window", labels || ['sum'], account, sum(duration_ms)
FROM progress_durations
GROUP BY ALL;

-- "An account counts if it took part in any programme in the window and pays at T"
INSERT INTO figures
SELECT DISTINCT windows.edge_ms, 'program_accounts', name, [], account, 1
FROM windows
JOIN balances ON moment_ms = edge_ms AND mrr > 0
JOIN events
    ON key = account AND type = 'program.participated'
    AND effective_ms >= start_ms AND effective_ms < edge_ms
WHERE name = '90d';
