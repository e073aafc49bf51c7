-- Accounts on their way: onboarding, first value, milestones, programmes.

-- The last start before each completion, with no other completion between: "restart replaces
-- start", "not completed is not 0".
CREATE TABLE onboarding_facts AS
SELECT
    key AS account,
    coalesce(data ->> 'onboarding_id', subject, '') AS onboarding,
    type = 'onboarding.completed' AS is_end,
    effective_ms,
    place
FROM events
WHERE type IN ('onboarding.started', 'onboarding.completed');

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
FROM onboarding_turns
JOIN windows ON effective_ms >= start_ms AND effective_ms < edge_ms
WHERE is_end AND NOT follows_end AND name = '90d';

-- "Started and not completed": the last fact before T is a start.
INSERT INTO figures
WITH latest AS (
    SELECT edge_ms, account, onboarding, arg_max(is_end, place) AS is_end
    FROM onboarding_facts
    JOIN edges ON effective_ms < edge_ms
    GROUP BY ALL
)
SELECT edge_ms, 'onboardings_open', '', [], account, count(*)
FROM latest
WHERE NOT is_end
GROUP BY ALL;

CREATE TABLE creations AS
SELECT
    key AS account,
    arg_min(effective_ms, place) AS created_ms,
    created_ms + 30 * 86_400_000::BIGINT AS grown_ms
FROM events
WHERE type = 'account.created'
GROUP BY key;

CREATE TABLE milestones AS
SELECT key AS account, data ->> 'milestone' AS milestone, min(effective_ms) AS reached_ms
FROM events
WHERE type = 'milestone.reached'
GROUP BY ALL;

-- "First first_value milestone - account created"; "a milestone that was reached before its account
-- was created is reached with it"
INSERT INTO progress_durations
SELECT
    edge_ms,
    'time_to_value',
    name,
    [],
    account,
    greatest(reached_ms - created_ms, 0)
FROM milestones
JOIN creations USING (account)
JOIN windows
    ON greatest(reached_ms, created_ms) >= start_ms AND greatest(reached_ms, created_ms) < edge_ms
WHERE milestone = 'first_value' AND name = '90d';

-- "An account is eligible in the window in which it becomes 30 days old"
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
FROM eligible
JOIN milestones USING (account)
WHERE reached_ms < edge_ms;

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
