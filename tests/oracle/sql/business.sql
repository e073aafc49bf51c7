-- Business time by brute force: the clock on the wall of each schedule, minute by minute.
-- Reads `tickets`, `ticket_states` and `ticket_windows`, and the schedules in force: without any,
-- which is the default, there is no business time.

CREATE TABLE IF NOT EXISTS schedule_hours (
    schedule VARCHAR, zone VARCHAR, valid_ms BIGINT, until_ms BIGINT, isoday INTEGER,
    opens INTEGER, closes INTEGER
);  -- minutes after midnight
CREATE TABLE IF NOT EXISTS schedule_holidays (schedule VARCHAR, zone VARCHAR, holiday DATE);

CREATE TABLE schedule_minutes AS
WITH minutes AS (
    SELECT unnest(range(
        (SELECT min(effective_ms) // 60_000 FROM ticket_states),
        (SELECT max(effective_ms) // 60_000 FROM ticket_states) + 2
    )) AS minute
),
clocks AS (
    SELECT
        schedule,
        zone,
        minute,
        timezone(zone, timezone('UTC', make_timestamp(minute * 60_000_000))) AS wall
    FROM minutes
    JOIN (SELECT DISTINCT schedule, zone, valid_ms, until_ms FROM schedule_hours) AS zones
        ON minute * 60_000 >= valid_ms AND minute * 60_000 < until_ms
),
opened AS (
    SELECT
        clocks.schedule,
        minute,
        bool_or(coalesce(
            date_part('hour', wall) * 60 + date_part('minute', wall) >= opens AND date_part('hour', wall) * 60 + date_part('minute', wall) < closes,
            false
        ) AND holiday IS NULL)::INTEGER AS is_open
    FROM clocks
    LEFT JOIN schedule_hours
        ON schedule_hours.schedule = clocks.schedule
        AND schedule_hours.zone = clocks.zone
        AND isoday = isodow(wall)
    LEFT JOIN schedule_holidays
        ON schedule_holidays.schedule = clocks.schedule
        AND schedule_holidays.zone = clocks.zone
        AND holiday = wall::DATE
    GROUP BY ALL
)
SELECT
    schedule,
    minute,
    is_open,
    60_000 * (sum(is_open) OVER (PARTITION BY schedule ORDER BY minute) - is_open) AS before_ms
FROM opened;

-- "each stretch by the schedule of the ticket at that time"
CREATE TABLE stretches AS
WITH named AS (
    SELECT
        account,
        ticket,
        effective_ms AS from_ms,
        lead(effective_ms, 1, 9_000_000_000_000_000)
            OVER (PARTITION BY account, ticket ORDER BY step) AS until_ms,
        if(step = 1, data ->> 'schedule_id', data ->> 'current') AS name
    FROM ticket_states
    WHERE step = 1 OR kind = 'schedule_changed'
)
-- "tickets that name no schedule, or an unknown one" are under the default one
SELECT
    account,
    ticket,
    from_ms,
    until_ms,
    if(name IN (SELECT schedule FROM schedule_hours), name, 'default') AS schedule
FROM named;

CREATE TABLE business_durations AS
WITH spans AS (
    SELECT
        edge_ms, 'first_response' AS measure, "window", account, ticket,
        reply_ms - wait_ms AS begin_ms, reply_ms AS end_ms
    FROM ticket_windows
    JOIN tickets USING (edge_ms, account, ticket)
    WHERE "window" IN ('1d', '7d', '30d')
        AND reply_ms >= start_ms
        AND EXISTS (FROM schedule_hours)
    UNION ALL
    SELECT
        edge_ms, 'resolution', "window", account, ticket, tickets.created_ms, solved_ms
    FROM ticket_windows
    JOIN tickets USING (edge_ms, account, ticket)
    WHERE "window" = '30d'
        AND is_solved
        AND solved_ms >= start_ms
        AND EXISTS (FROM schedule_hours)
),
pieces AS (
    SELECT
        spans.*,
        schedule,
        greatest(from_ms, begin_ms) AS piece_begin_ms,
        least(until_ms, end_ms) AS piece_end_ms
    FROM spans
    LEFT JOIN stretches
        ON stretches.account = spans.account
        AND stretches.ticket = spans.ticket
        AND greatest(from_ms, begin_ms) < least(until_ms, end_ms)
)
SELECT
    edge_ms,
    measure,
    "window",
    pieces.account,
    ticket,
    coalesce(sum(
        (at_end.before_ms + at_end.is_open * (piece_end_ms % 60_000))
        - (at_begin.before_ms + at_begin.is_open * (piece_begin_ms % 60_000))
    ), 0)::BIGINT AS duration_ms
FROM pieces
LEFT JOIN schedule_minutes AS at_begin
    ON at_begin.schedule = pieces.schedule AND at_begin.minute = piece_begin_ms // 60_000
LEFT JOIN schedule_minutes AS at_end
    ON at_end.schedule = pieces.schedule AND at_end.minute = piece_end_ms // 60_000
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, measure, "window", ['business', 'count'], account, count(*)
FROM business_durations
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, measure, "window", ['business', 'sum'], account, sum(duration_ms)
FROM business_durations
GROUP BY ALL;
