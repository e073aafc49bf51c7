-- Service levels: each target of each ticket is judged once.
-- Reads `ticket_states` and `tickets`.

-- The default limits, in hours.
CREATE TABLE limits AS
FROM (VALUES
    ('urgent', 'first_response', 1), ('urgent', 'resolution', 8),
    ('high', 'first_response', 4), ('high', 'resolution', 24),
    ('normal', 'first_response', 8), ('normal', 'resolution', 72),
    ('low', 'first_response', 24), ('low', 'resolution', 120)
) AS limits (priority, target, hours);

-- What a ticket waits for after each of its facts, since when, and under which priority.
CREATE TABLE target_waits AS
WITH states AS (
    SELECT
        *,
        lead(effective_ms, 1, 9_000_000_000_000_000) OVER steps AS until_ms,
        max(step) FILTER (step = 1 OR kind = 'priority_changed') OVER steps AS priority_step,
        bool_or(is_solved) OVER steps AS was_ever_solved
    FROM ticket_states
    WINDOW steps AS (PARTITION BY account, ticket ORDER BY step)
),
priorities AS (
    SELECT
        account,
        ticket,
        step AS priority_step,
        if(step = 1, data ->> 'priority', data ->> 'current') AS priority
    FROM ticket_states
    WHERE step = 1 OR kind = 'priority_changed'
)
SELECT
    account,
    ticket,
    step,
    effective_ms AS from_ms,
    until_ms,
    is_solved,
    target,
    if(target = 'resolution', created_ms, due_ms) AS since_ms,
    if(target = 'resolution', NOT was_ever_solved, NOT is_answered) AS is_waiting,
    hours * 3_600_000 AS limit_ms
FROM states
JOIN priorities USING (account, ticket, priority_step)
CROSS JOIN unnest(['first_response', 'resolution']) AS targets (target)
LEFT JOIN limits USING (priority, target);

-- "missed when the limit has passed, or when a change of priority finds it passed"
CREATE TABLE target_ends AS
WITH passed AS (
    SELECT *, greatest(from_ms, since_ms + limit_ms) AS passed_ms
    FROM target_waits
    WHERE is_waiting
        AND limit_ms IS NOT NULL
        AND greatest(from_ms, since_ms + limit_ms) < until_ms
),
misses AS (
    -- "while a ticket is solved without a reply its first response cannot be missed"
    SELECT account, ticket, target, min(passed_ms) AS at_ms
    FROM passed
    WHERE NOT is_solved
    GROUP BY ALL
),
ended AS (
    SELECT account, ticket, target, min(step) AS end_step, arg_min(from_ms, step) AS at_ms
    FROM target_waits
    WHERE NOT is_waiting
    GROUP BY ALL
)
SELECT account, ticket, target, at_ms, false AS is_met
FROM misses
UNION ALL
-- "met when what it waits for comes no later"; "a reply that comes late then still is"
SELECT
    ended.account,
    ended.ticket,
    ended.target,
    ended.at_ms,
    NOT EXISTS (
        FROM passed
        WHERE passed.account = ended.account
            AND passed.ticket = ended.ticket
            AND passed.target = ended.target
            AND passed.step < end_step
            AND passed.since_ms = before.since_ms
    )
FROM ended
ANTI JOIN misses USING (account, ticket, target)
JOIN target_waits AS before
    ON before.account = ended.account
    AND before.ticket = ended.ticket
    AND before.target = ended.target
    AND before.step = greatest(end_step - 1, 1)
WHERE before.limit_ms IS NOT NULL;

INSERT INTO figures
WITH judged AS (
    SELECT edge_ms, target, account, count(*) AS judged, count(*) FILTER (is_met) AS met
    FROM ticket_windows
    JOIN target_ends USING (account, ticket)
    WHERE "window" = '30d' AND at_ms >= start_ms AND at_ms < edge_ms
    GROUP BY ALL
)
SELECT edge_ms, 'sla_targets_judged', '30d', [target], account, judged FROM judged
UNION ALL
SELECT edge_ms, 'sla_targets_met', '30d', [target], account, met FROM judged;
