-- Service levels: each target of each ticket is judged once.
-- Reads `ticket_states`, `tickets` and the schedules.

-- The default limits.
CREATE TABLE IF NOT EXISTS limits AS
FROM (VALUES
    ('urgent', 'first_response', 60), ('urgent', 'resolution', 8 * 60),
    ('high', 'first_response', 4 * 60), ('high', 'resolution', 24 * 60),
    ('normal', 'first_response', 8 * 60), ('normal', 'resolution', 72 * 60),
    ('low', 'first_response', 24 * 60), ('low', 'resolution', 120 * 60)
) AS limits (priority, target, minutes);

-- What a ticket waits for after each of its facts, since when, under which priority and schedule.
CREATE TABLE target_waits AS
WITH states AS (
    SELECT
        *,
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
        if(step = 1, data ->> 'priority', data ->> 'current') AS told_priority
    FROM ticket_states
    WHERE step = 1 OR kind = 'priority_changed'
)
SELECT
    account,
    ticket,
    step,
    from_ms,
    until_ms,
    is_solved,
    states.priority,
    targets.target,
    if(targets.target = 'resolution', created_ms, due_ms) AS since_ms,
    if(targets.target = 'resolution', NOT was_ever_solved, NOT is_answered) AS is_waiting,
    -- "without the time in the statuses of `sla_paused_in`"
    targets.target = 'resolution' AND status IN sla_paused_in AS is_paused,
    minutes::BIGINT * 60_000 AS limit_ms,
    schedule_spans.schedule
FROM support_policy, states
JOIN schedule_spans USING (account, ticket, step)
JOIN priorities USING (account, ticket, priority_step)
CROSS JOIN unnest(['first_response', 'resolution']) AS targets (target)
LEFT JOIN limits ON limits.priority = told_priority AND limits.target = targets.target;

-- How much of the limit is left at the beginning: "business time is that of each schedule while the
-- ticket was under it, or at each instant all by the one in force".
CREATE TABLE target_rests AS
WITH passed AS (
    SELECT
        waits.account,
        waits.ticket,
        waits.target,
        waits.step,
        sum(if(
            sla_clock = 'calendar',
            earlier.until_ms - earlier.from_ms,
            (at_until.before_ms + at_until.is_open * (earlier.until_ms % 60_000))
            - (at_from.before_ms + at_from.is_open * (earlier.from_ms % 60_000))
        )) AS passed_ms
    FROM support_policy, target_waits AS waits
    JOIN target_waits AS earlier
        ON earlier.account = waits.account
        AND earlier.ticket = waits.ticket
        AND earlier.target = waits.target
        AND earlier.step < waits.step
        AND earlier.since_ms = waits.since_ms
        AND earlier.is_waiting
        AND NOT earlier.is_paused
    LEFT JOIN schedule_minutes AS at_from
        ON at_from.schedule = if(schedule_basis = 'last', waits.schedule, earlier.schedule)
        AND at_from.minute = earlier.from_ms // 60_000
    LEFT JOIN schedule_minutes AS at_until
        ON at_until.schedule = if(schedule_basis = 'last', waits.schedule, earlier.schedule)
        AND at_until.minute = earlier.until_ms // 60_000
    GROUP BY ALL
)
SELECT
    waits.*,
    sla_clock,
    at_from.before_ms + at_from.is_open * (from_ms % 60_000) AS from_open_ms,
    -- "tickets without business hours are not judged"
    bool_or(is_waiting AND sla_clock = 'business' AND waits.schedule IS NULL) OVER (
        PARTITION BY waits.account, waits.ticket, waits.target ORDER BY waits.step
    ) AS is_lost,
    limit_ms - coalesce(passed_ms, 0) AS rest_ms
FROM support_policy, target_waits AS waits
LEFT JOIN passed USING (account, ticket, target, step)
LEFT JOIN schedule_minutes AS at_from
    ON at_from.schedule = waits.schedule AND at_from.minute = from_ms // 60_000;

-- "missed as soon as more time has passed than the limit, also when a change of priority, or of the
-- one schedule, finds it so": the last instant at which no more has.
CREATE TABLE target_ends AS
WITH instants AS (
    SELECT
        rests.*,
        CASE
            WHEN rest_ms < 0 THEN from_ms
            WHEN is_paused THEN NULL
            WHEN sla_clock = 'calendar' THEN from_ms + rest_ms
            ELSE due.minute * 60_000 + (from_open_ms + rest_ms - due.before_ms)
        END AS passed_ms
    FROM target_rests AS rests
    LEFT JOIN schedule_minutes AS due
        ON due.schedule = rests.schedule
        AND due.is_open = 1
        AND due.before_ms = (from_open_ms + rest_ms)::BIGINT // 60_000 * 60_000
    WHERE is_waiting AND limit_ms IS NOT NULL AND NOT is_lost
),
passed AS (FROM instants WHERE passed_ms < until_ms OR rest_ms < 0),
misses AS (
    -- "while a ticket is solved without a reply its first response cannot be missed"
    SELECT account, ticket, target, min(passed_ms) AS at_ms, arg_min(priority, step) AS priority
    FROM passed
    WHERE NOT is_solved
    GROUP BY ALL
),
ended AS (
    SELECT account, ticket, target, min(step) AS end_step, arg_min(from_ms, step) AS at_ms
    FROM target_rests
    WHERE NOT is_waiting
    GROUP BY ALL
)
SELECT account, ticket, target, at_ms, priority, false AS is_met
FROM misses
UNION ALL
-- "met when what it waits for comes while no more has"; "a reply that comes late then still is"
SELECT
    ended.account,
    ended.ticket,
    ended.target,
    ended.at_ms,
    before.priority,
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
JOIN target_rests AS before
    ON before.account = ended.account
    AND before.ticket = ended.ticket
    AND before.target = ended.target
    AND before.step = greatest(end_step - 1, 1)
WHERE before.limit_ms IS NOT NULL AND NOT before.is_lost;

-- By priority: "the one by whose limit the target was judged".
INSERT INTO figures
WITH judged AS (
    SELECT edge_ms, target, priority, account, count(*) AS judged, count(*) FILTER (is_met) AS met
    FROM ticket_windows
    JOIN target_ends USING (account, ticket)
    WHERE "window" = '30d' AND at_ms >= start_ms AND at_ms < edge_ms
    GROUP BY ALL
)
SELECT edge_ms, 'sla_targets_judged', '30d', [target, priority], account, judged FROM judged
UNION ALL
SELECT edge_ms, 'sla_targets_met', '30d', [target, priority], account, met FROM judged;
