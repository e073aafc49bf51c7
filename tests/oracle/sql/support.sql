-- Support: first contact, replies, blocked backlog, work, reopenings, escalations, major cases.
-- Reads `ticket_states` (a ticket after each of its facts) and `tickets` (each ticket as of T).

-- "Everything stands only while the ticket is not deleted, spam or merged as of T": the windows of
-- each ticket that counts.
CREATE TABLE ticket_windows AS
SELECT edge_ms, name AS "window", start_ms, account, ticket
FROM tickets
JOIN windows USING (edge_ms)
WHERE NOT is_out;

CREATE TABLE ticket_births AS
SELECT
    account,
    ticket,
    effective_ms AS created_ms,
    coalesce(data ->> 'submitter_role', 'end_user') AS submitter,
    coalesce(data ->> 'channel', '') IN ('voice', 'phone') AS is_call,
    coalesce((data ->> 'auto_created')::BOOLEAN, false) AND (data ->> 'problem_id') IS NOT NULL
        AS is_auto,
    (data ->> 'account_id') IS NULL AS is_of_nobody
FROM ticket_states
WHERE step = 1;

-- First contact --------------------------------------------------------------------------------

-- "judged once, 7 days after its first solution, by what was told up to then"
CREATE TABLE judgements AS
WITH solved AS (
    SELECT account, ticket, min(effective_ms) + 7 * 86_400_000 AS judged_ms
    FROM ticket_states
    WHERE is_solved
    GROUP BY ALL
)
SELECT
    account,
    ticket,
    judged_ms,
    -- "solved or closed at that instant and exactly one public reply of a human, a chat session
    -- being one, or a call none or one"
    last(is_solved ORDER BY step) AND (
        count(DISTINCT coalesce('chat ' || (data ->> 'session_id'), 'written ' || place))
            FILTER (is_reply) = 1
        OR (any_value(is_call) AND NOT bool_or(is_reply))
    ) AS is_first_contact
FROM ticket_states
JOIN solved USING (account, ticket)
JOIN ticket_births USING (account, ticket)
WHERE effective_ms <= judged_ms
GROUP BY ALL;

INSERT INTO figures
WITH judged AS (
    SELECT edge_ms, account, count(*) AS judged, count(*) FILTER (is_first_contact) AS first_contact
    FROM ticket_windows
    JOIN judgements USING (account, ticket)
    WHERE "window" = '30d' AND judged_ms >= start_ms AND judged_ms < edge_ms
    GROUP BY ALL
)
SELECT edge_ms, 'tickets_judged', '30d', [], account, judged FROM judged
UNION ALL
SELECT edge_ms, 'tickets_solved_at_first_contact', '30d', [], account, first_contact FROM judged;

-- Replies --------------------------------------------------------------------------------------

-- "a wait begins when a customer creates a ticket or writes in public"; "once a human has replied in
-- a chat session, what the customer writes in that session begins no wait"
CREATE TABLE asks AS
SELECT account, ticket, step, effective_ms AS asked_ms
FROM ticket_states AS fact
JOIN ticket_births USING (account, ticket)
WHERE (step = 1 AND submitter = 'end_user' AND NOT is_solved)
    OR (
        kind = 'comment_added'
        AND data ->> 'author_role' = 'end_user'
        AND (data ->> 'is_public')::BOOLEAN
        AND NOT EXISTS (
            FROM ticket_states AS earlier
            WHERE earlier.account = fact.account
                AND earlier.ticket = fact.ticket
                AND earlier.step < fact.step
                AND earlier.is_reply
                AND earlier.data ->> 'session_id' = fact.data ->> 'session_id'
        )
    );

-- "and ends with the next public reply of a human; a solution without a reply ends it unread"
CREATE TABLE ends AS
SELECT account, ticket, step
FROM ticket_states
WHERE is_reply
    OR (kind = 'status_changed' AND data ->> 'current' IN ('solved', 'closed'));

CREATE TABLE waits AS
SELECT
    reply.account,
    reply.ticket,
    reply.step,
    reply.effective_ms AS replied_ms,
    max(reply.effective_ms - asked_ms) AS wait_ms
FROM ticket_states AS reply
JOIN asks
    ON asks.account = reply.account AND asks.ticket = reply.ticket AND asks.step < reply.step
WHERE is_reply
    AND NOT EXISTS (
        FROM ends
        WHERE ends.account = reply.account
            AND ends.ticket = reply.ticket
            AND ends.step > asks.step
            AND ends.step < reply.step
    )
GROUP BY ALL;

INSERT INTO durations
SELECT edge_ms, 'reply', [], "window", account, wait_ms
FROM ticket_windows
JOIN waits USING (account, ticket)
WHERE "window" = '30d' AND replied_ms >= start_ms AND replied_ms < edge_ms;

INSERT INTO figures
SELECT edge_ms, measure, "window", labels || ['count'], account, count(*)
FROM durations
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, measure, "window", labels || ['sum'], account, sum(duration_ms)
FROM durations
GROUP BY ALL;

-- The blocked backlog --------------------------------------------------------------------------

-- "blockers are those told by ticket.blocked and not taken back": "The named blocker is gone; with
-- no name, every blocker of that kind; with neither, all."
CREATE TABLE blocked_by AS
WITH explicit AS (
    SELECT DISTINCT edge_ms, account, ticket, data ->> 'by' AS blocked_by
    FROM ticket_states AS block
    JOIN edges ON effective_ms < edge_ms
    WHERE kind = 'blocked'
        AND NOT EXISTS (
            FROM ticket_states AS release
            WHERE release.account = block.account
                AND release.ticket = block.ticket
                AND release.kind = 'unblocked'
                AND release.step > block.step
                AND release.effective_ms < edges.edge_ms
                AND coalesce(release.data ->> 'by' = block.data ->> 'by', true)
                AND (
                    release.data ->> 'blocker_id' IS NULL
                    OR coalesce(release.data ->> 'blocker_id' = block.data ->> 'blocker_id', false)
                )
        )
),
statuses AS (
    SELECT
        edge_ms,
        account,
        ticket,
        last(if(step = 1, data ->> 'status', data ->> 'current') ORDER BY step) AS status
    FROM ticket_states
    JOIN edges ON effective_ms < edge_ms
    WHERE step = 1 OR kind = 'status_changed'
    GROUP BY ALL
)
FROM explicit
UNION ALL
-- "where none stands, a pending ticket is blocked by the customer and one on hold internally"
SELECT edge_ms, account, ticket, if(status = 'pending', 'customer', 'internal')
FROM statuses
ANTI JOIN explicit USING (edge_ms, account, ticket)
WHERE status IN ('pending', 'hold');

INSERT INTO figures
SELECT edge_ms, 'ticket_backlog_blocked', '', [blocked_by], account, count(*)
FROM tickets
JOIN blocked_by USING (edge_ms, account, ticket)
WHERE NOT is_solved AND NOT is_out
GROUP BY ALL;

-- "the backlog less the distinct blocked ones"
INSERT INTO figures
SELECT edge_ms, 'ticket_backlog_unblocked', '', [], account, count(*)
FROM tickets
ANTI JOIN blocked_by USING (edge_ms, account, ticket)
WHERE NOT is_solved AND NOT is_out
GROUP BY ALL;

-- Work -----------------------------------------------------------------------------------------

INSERT INTO figures
SELECT
    edge_ms, 'ticket_work', "window", [], account,
    sum(round((data ->> 'seconds')::DOUBLE * 1_000)::BIGINT)
FROM ticket_windows
JOIN ticket_states USING (account, ticket)
WHERE "window" = '30d'
    AND kind = 'work_logged'
    AND effective_ms >= start_ms
    AND effective_ms < edge_ms
GROUP BY ALL;

-- "tickets that were last solved in the window and stay solved"
INSERT INTO figures
SELECT edge_ms, 'tickets_handled', "window", [], account, count(*)
FROM ticket_windows
JOIN tickets USING (edge_ms, account, ticket)
WHERE "window" = '30d' AND is_solved AND solved_ms >= start_ms
GROUP BY ALL;

-- "tickets that changed from solved or closed to unsolved in it at least once"; "to solved or closed"
INSERT INTO figures
SELECT
    edge_ms,
    if(is_solved, 'solved_tickets', 'reopened_tickets'),
    "window",
    [],
    account,
    count(DISTINCT ticket)
FROM ticket_windows
JOIN ticket_states USING (account, ticket)
WHERE "window" = '30d'
    AND is_solved <> was_solved
    AND effective_ms >= start_ms
    AND effective_ms < edge_ms
GROUP BY ALL;

-- Escalations ----------------------------------------------------------------------------------

-- "accounts with a ticket that was escalated to customer success in it"; "accounts with a ticket
-- created in it or so escalated"; only tickets of an account
INSERT INTO figures
WITH happened AS (
    SELECT
        edge_ms,
        "window",
        account,
        bool_or(kind = 'escalated' AND data ->> 'target' = 'customer_success') AS is_escalated,
        bool_or(step = 1) AS is_created
    FROM ticket_windows
    JOIN ticket_births USING (account, ticket)
    JOIN ticket_states USING (account, ticket)
    WHERE "window" = '30d'
        AND NOT is_of_nobody
        AND effective_ms >= start_ms
        AND effective_ms < edge_ms
    GROUP BY ALL
)
SELECT
    edge_ms,
    unnest(['accounts_escalated', 'accounts_with_tickets']),
    "window",
    [],
    account,
    unnest([is_escalated::INTEGER, (is_escalated OR is_created)::INTEGER])
FROM happened;

-- Major cases ----------------------------------------------------------------------------------

-- "tickets of the backlog that are linked to a problem that is a major case": by default one that
-- is not said to be none
CREATE TABLE children AS
WITH links AS (
    SELECT
        edge_ms,
        account,
        ticket,
        last(if(step = 1, data ->> 'problem_id', data ->> 'current') IS NOT NULL ORDER BY step)
            AS is_linked,
        last(coalesce((data ->> 'problem_is_major')::BOOLEAN, true) ORDER BY step) AS is_major
    FROM ticket_states
    JOIN edges ON effective_ms < edge_ms
    WHERE step = 1 OR kind = 'problem_link_changed'
    GROUP BY ALL
)
SELECT edge_ms, account, ticket, is_auto, is_of_nobody
FROM links
JOIN tickets USING (edge_ms, account, ticket)
JOIN ticket_births USING (account, ticket)
WHERE is_linked AND is_major AND NOT is_solved AND NOT is_out;

INSERT INTO figures
SELECT edge_ms, 'major_child_tickets', '', [], account, count(*) FROM children GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'major_child_tickets_auto', '', [], account, count(*)
FROM children
WHERE is_auto
GROUP BY ALL;

-- "told to be affected: by a copy of ticket.major_declared under the account's own key, until
-- ticket.major_resolved comes under it"
INSERT INTO figures
WITH told AS (
    SELECT
        edge_ms,
        key AS account,
        coalesce(data ->> 'ticket_id', subject) AS major,
        last(type = 'ticket.major_declared' ORDER BY place) AS is_on
    FROM events
    JOIN edges ON effective_ms < edge_ms
    WHERE type = 'ticket.major_resolved'
        OR (type = 'ticket.major_declared' AND (data ->> 'account_id') IS NOT NULL)
    GROUP BY ALL
),
impacted AS (
    SELECT edge_ms, account FROM told WHERE is_on
    UNION
    SELECT edge_ms, account FROM children WHERE NOT is_of_nobody
)
SELECT edge_ms, 'accounts_impacted_by_major', '', [], account, 1 FROM impacted;
