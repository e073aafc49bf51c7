-- Support: how long tickets took, from when to when, and what of that time counts.
-- Reads `tickets` (each as of T) and `ticket_spans` (what it was between its facts).

-- The solution that the time to resolution ends with: "the last one stands until the ticket is
-- reopened, the first one for good; only while the ticket is not deleted, spam or merged"
CREATE TABLE ticket_solutions AS
SELECT
    edge_ms,
    account,
    ticket,
    created_ms,
    if(resolution_basis = 'first', first_solved_ms, solved_ms) AS solution_ms
FROM support_policy, tickets
WHERE NOT is_out AND if(resolution_basis = 'first', first_solved_ms IS NOT NULL, is_solved);

-- What is measured of each ticket as of T: "first_response: read by the time of the reply, or by
-- that of the ticket's creation"; "resolution = change to solved - creation, read by the time of
-- that change"; "only of tickets not deleted, spam or merged as of T"
CREATE TABLE measured AS
SELECT
    edge_ms, 'first_response' AS measure, account, ticket,
    reply_ms - wait_ms AS begin_ms, reply_ms AS end_ms,
    if(first_response_at = 'creation', created_ms, reply_ms) AS position_ms
FROM support_policy, tickets
WHERE NOT is_out AND reply_ms IS NOT NULL
UNION ALL
SELECT edge_ms, measure, account, ticket, created_ms, solution_ms, solution_ms
FROM unnest(['resolution', 'requester_wait']) AS measures (measure), ticket_solutions;

-- The parts of it by what the ticket was then. What does not count: "the time in pending and on
-- hold"; the requester waits "in which it was new, open or on hold".
CREATE TABLE measured_parts AS
SELECT
    measured.*,
    greatest(from_ms, begin_ms) AS part_begin_ms,
    least(until_ms, end_ms) AS part_end_ms,
    schedule,
    CASE measure
        WHEN 'resolution' THEN resolution_time = 'full' OR status NOT IN ('pending', 'hold')
        WHEN 'requester_wait' THEN status IN ('new', 'open', 'hold')
        ELSE true
    END AS counts
FROM support_policy, measured
JOIN ticket_spans USING (account, ticket)
WHERE greatest(from_ms, begin_ms) < least(until_ms, end_ms);

-- With the priority at the end.
CREATE TABLE measured_windows AS
SELECT edge_ms, measure, name AS "window", account, ticket, priority
FROM measured
JOIN windows USING (edge_ms)
JOIN ticket_spans USING (account, ticket)
WHERE position_ms >= start_ms
    AND end_ms >= from_ms
    AND end_ms < until_ms
    AND (name = '30d' OR (measure = 'first_response' AND name IN ('1d', '7d')));

CREATE TABLE durations AS
WITH times AS (
    SELECT edge_ms, measure, account, ticket, sum(part_end_ms - part_begin_ms) AS duration_ms
    FROM measured_parts
    WHERE counts
    GROUP BY ALL
)
SELECT
    edge_ms, measure, ['calendar'] AS labels, "window", account,
    coalesce(duration_ms, 0)::BIGINT AS duration_ms, priority
FROM measured_windows
LEFT JOIN times USING (edge_ms, measure, account, ticket);
