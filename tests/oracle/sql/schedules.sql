-- Schedules by brute force: the clock on the wall of each, minute by minute.
-- Reads `ticket_states`, `ticket_spans` and the schedules in force: without any, which is the
-- default, there is no business time.

CREATE TABLE IF NOT EXISTS schedule_hours (
    schedule VARCHAR, zone VARCHAR, valid_ms BIGINT, until_ms BIGINT, isoday INTEGER,
    opens INTEGER, closes INTEGER
);  -- minutes after midnight
CREATE TABLE IF NOT EXISTS schedule_holidays (schedule VARCHAR, zone VARCHAR, holiday DATE);

CREATE TABLE schedule_minutes AS
WITH minutes AS (
    SELECT unnest(range(
        (SELECT min(effective_ms) // 60_000 FROM ticket_states),
        greatest(
            (SELECT max(effective_ms) // 60_000 FROM ticket_states),
            (SELECT max(edge_ms) // 60_000 FROM edges)
        ) + 2
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
            date_part('hour', wall) * 60 + date_part('minute', wall) >= opens
                AND date_part('hour', wall) * 60 + date_part('minute', wall) < closes,
            false
        ) AND holiday IS NULL)::INTEGER AS is_open
    FROM clocks
    LEFT JOIN schedule_hours
        ON schedule_hours.schedule = clocks.schedule
        AND schedule_hours.zone = clocks.zone
        AND isoday = isodow(wall)
        AND minute * 60_000 >= valid_ms
        AND minute * 60_000 < until_ms
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

-- "tickets that name no schedule, or an unknown one" are under the default one, if there is such.
CREATE MACRO in_force(name) AS CASE
    WHEN name IN (SELECT schedule FROM schedule_hours) THEN name
    WHEN (SELECT default_schedule FROM support_policy) IN (SELECT schedule FROM schedule_hours)
        THEN (SELECT default_schedule FROM support_policy)
END;

CREATE TABLE schedule_spans AS
SELECT account, ticket, step, from_ms, until_ms, in_force(schedule) AS schedule
FROM ticket_spans;
