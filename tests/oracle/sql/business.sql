-- Business time of what is measured of tickets.
-- Reads `measured`, its parts and windows, and the schedules.

-- "each stretch by the schedule of the ticket at that time, or all by the last one"; "there is none
-- where a schedule that matters is not known"
CREATE TABLE decisive AS
SELECT edge_ms, measure, measured.account, measured.ticket, schedule AS decisive
FROM support_policy, measured
JOIN schedule_spans
    ON schedule_spans.account = measured.account
    AND schedule_spans.ticket = measured.ticket
    AND if(schedule_basis = 'last', end_ms, begin_ms) >= from_ms
    AND if(schedule_basis = 'last', end_ms, begin_ms) < until_ms
WHERE EXISTS (FROM schedule_hours);

CREATE TABLE business_parts AS
SELECT
    edge_ms, measure, account, ticket, counts, part_begin_ms, part_end_ms,
    if(schedule_basis = 'last', decisive, in_force(schedule)) AS schedule
FROM support_policy, measured_parts
JOIN decisive USING (edge_ms, measure, account, ticket);

CREATE TABLE business_times AS
SELECT
    edge_ms, measure, account, ticket,
    bool_and(business_parts.schedule IS NOT NULL) AS is_known,
    sum(
        (at_end.before_ms + at_end.is_open * (part_end_ms % 60_000))
        - (at_begin.before_ms + at_begin.is_open * (part_begin_ms % 60_000))
    ) FILTER (counts) AS duration_ms
FROM business_parts
LEFT JOIN schedule_minutes AS at_begin
    ON at_begin.schedule = business_parts.schedule AND at_begin.minute = part_begin_ms // 60_000
LEFT JOIN schedule_minutes AS at_end
    ON at_end.schedule = business_parts.schedule AND at_end.minute = part_end_ms // 60_000
GROUP BY ALL;

CREATE TABLE business_durations AS
SELECT
    edge_ms, measure, "window", account, ticket, priority,
    coalesce(duration_ms, 0)::BIGINT AS duration_ms
FROM measured_windows
JOIN decisive USING (edge_ms, measure, account, ticket)
LEFT JOIN business_times USING (edge_ms, measure, account, ticket)
WHERE decisive IS NOT NULL AND coalesce(is_known, true);

INSERT INTO figures
SELECT edge_ms, measure, "window", ['business', priority, 'count'], account, count(*)
FROM business_durations
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, measure, "window", ['business', priority, 'sum'], account, sum(duration_ms)
FROM business_durations
GROUP BY ALL;
