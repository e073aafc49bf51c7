-- Support: first contact, replies, blocked backlog, work, reopenings.
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

-- "judged once, `fcr_maturity_days` after its first solution, by what was told up to then"
CREATE TABLE judgements AS
WITH solved AS (
    SELECT
        account,
        ticket,
        min(effective_ms) + any_value(fcr_maturity_days)::BIGINT * 86_400_000 AS judged_ms
    FROM ticket_states, support_policy
    WHERE is_solved
    GROUP BY account, ticket
),
known AS (
    SELECT
        account,
        ticket,
        judged_ms,
        last(priority ORDER BY step) AS priority,
        last(is_solved ORDER BY step) AS is_solved,
        any_value(is_call) AS is_call,
        -- "a chat session being one"
        count(DISTINCT coalesce('chat ' || (data ->> 'session_id'), 'written ' || place))
            FILTER (is_reply) AS replies,
        -- "no further public comment of the customer"
        bool_or(
            kind = 'comment_added'
            AND data ->> 'author_role' = 'end_user'
            AND (data ->> 'is_public')::BOOLEAN
            AND effective_ms > ticket_births.created_ms
        ) AS is_followed_up,
        -- "never pending, on hold or reopened"
        bool_or(status IN ('pending', 'hold') OR (was_solved AND NOT ticket_states.is_solved))
            AS is_interrupted
    FROM ticket_states
    JOIN solved USING (account, ticket)
    JOIN ticket_births USING (account, ticket)
    WHERE effective_ms <= judged_ms
    GROUP BY account, ticket, judged_ms
)
SELECT
    account,
    ticket,
    judged_ms,
    priority,
    -- "solved or closed at that instant and, by `fcr_basis`, exactly one public reply of a human, or
    -- a call none or one; none or one; no follow-up; a reply at least, and no interruption"
    is_solved AND CASE fcr_basis
        WHEN 'one_reply' THEN replies = 1 OR (is_call AND replies = 0)
        WHEN 'one_touch' THEN replies IN (0, 1)
        WHEN 'no_follow_up' THEN NOT is_followed_up
        WHEN 'uninterrupted' THEN (replies > 0 OR is_call) AND NOT is_interrupted
    END AS is_first_contact
FROM known, support_policy;

INSERT INTO figures
WITH judged AS (
    SELECT
        edge_ms, account, priority, count(*) AS judged,
        count(*) FILTER (is_first_contact) AS first_contact
    FROM ticket_windows
    JOIN judgements USING (account, ticket)
    WHERE "window" = '30d' AND judged_ms >= start_ms AND judged_ms < edge_ms
    GROUP BY ALL
)
SELECT edge_ms, 'tickets_judged', '30d', [priority], account, judged
FROM judged, support_policy
WHERE fcr_denominator = 'solved'
UNION ALL
SELECT edge_ms, 'tickets_solved_at_first_contact', '30d', [priority], account, first_contact
FROM judged, support_policy
WHERE fcr_denominator = 'solved';

-- "or with `created` those created in it; then first contacts too are of the tickets created in it,
-- from when they are judged on"
INSERT INTO figures
WITH born AS (
    SELECT edge_ms, account, ticket, tickets.priority
    FROM support_policy, ticket_windows
    JOIN tickets USING (edge_ms, account, ticket)
    WHERE fcr_denominator = 'created' AND "window" = '30d' AND created_ms >= start_ms
)
SELECT edge_ms, 'tickets_judged', '30d', [priority], account, count(*)
FROM born
GROUP BY ALL
UNION ALL
SELECT edge_ms, 'tickets_solved_at_first_contact', '30d', [born.priority], account, count(*)
FROM born
JOIN judgements USING (account, ticket)
WHERE is_first_contact AND judged_ms < edge_ms
GROUP BY ALL;

-- Replies --------------------------------------------------------------------------------------

-- "a wait begins when a customer creates a ticket or writes in public"; "once a human has replied in
-- a chat session, what the customer writes in that session begins no wait"
CREATE TABLE asks AS
SELECT account, ticket, step, effective_ms AS asked_ms
FROM ticket_states AS fact
JOIN ticket_births USING (account, ticket)
WHERE (step = 1 AND submitter = 'end_user')
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

-- "and ends with the next public reply of a human"; "while a ticket is solved nobody owes an answer";
-- "a reopening begins a wait if the customer wrote something that no human has answered since"
CREATE TABLE waits AS
SELECT
    reply.account,
    reply.ticket,
    reply.step,
    reply.effective_ms AS replied_ms,
    least(
        max(reply.effective_ms - asked_ms), min(reply.effective_ms - reopening.effective_ms)
    ) AS wait_ms
FROM ticket_states AS reply
JOIN asks
    ON asks.account = reply.account AND asks.ticket = reply.ticket AND asks.step < reply.step
LEFT JOIN ticket_states AS reopening
    ON reopening.account = reply.account
    AND reopening.ticket = reply.ticket
    AND reopening.step < reply.step
    AND reopening.was_solved
    AND NOT reopening.is_solved
WHERE reply.is_reply
    AND NOT reply.is_solved
    AND NOT EXISTS (
        FROM ticket_states AS earlier
        WHERE earlier.account = reply.account
            AND earlier.ticket = reply.ticket
            AND earlier.is_reply
            AND earlier.step > asks.step
            AND earlier.step < reply.step
    )
GROUP BY ALL;

INSERT INTO durations
SELECT edge_ms, 'reply', [], "window", account, wait_ms, priority
FROM support_policy, ticket_windows
JOIN waits USING (account, ticket)
JOIN ticket_spans USING (account, ticket)
WHERE "window" = '30d'
    AND replied_ms >= start_ms
    AND replied_ms < edge_ms
    AND replied_ms >= from_ms
    AND replied_ms < until_ms
    AND (
        reply_basis = 'every'
        OR waits.step = (
            SELECT min(every.step)
            FROM waits AS every
            WHERE every.account = waits.account AND every.ticket = waits.ticket
        )
    );

INSERT INTO figures
SELECT edge_ms, measure, "window", labels || [priority, 'count'], account, count(*)
FROM durations
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, measure, "window", labels || [priority, 'sum'], account, sum(duration_ms)
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
-- "where none stands, a pending ticket is blocked by the customer and one on hold internally, unless
-- `blocked_basis` is `events`"
SELECT edge_ms, account, ticket, if(status = 'pending', 'customer', 'internal')
FROM statuses
ANTI JOIN explicit USING (edge_ms, account, ticket)
WHERE status IN ('pending', 'hold')
    AND (SELECT blocked_basis FROM support_policy) = 'events_or_status';

INSERT INTO figures
SELECT edge_ms, 'ticket_backlog_blocked', '', [blocked_by], account, count(*)
FROM tickets
JOIN blocked_by USING (edge_ms, account, ticket)
WHERE is_in_backlog
GROUP BY ALL;

-- "the backlog less the distinct blocked ones"
INSERT INTO figures
SELECT edge_ms, 'ticket_backlog_unblocked', '', [], account, count(*)
FROM tickets
ANTI JOIN blocked_by USING (edge_ms, account, ticket)
WHERE is_in_backlog
GROUP BY ALL;

-- Work -----------------------------------------------------------------------------------------

-- Who holds the work of each ticket as of T: itself, or where it was merged "the ticket that it was
-- first merged into; if that one was merged in turn, the next"; "merged into a ticket that is not
-- known under its account, it stays where it was logged", "on no ticket".
CREATE TABLE holders AS
WITH RECURSIVE paths AS (
    SELECT edge_ms, account, ticket, ticket AS holder, 0 AS hops
    FROM tickets
    UNION ALL
    SELECT paths.edge_ms, paths.account, paths.ticket, tickets.into_ticket, hops + 1
    FROM paths
    JOIN tickets
        ON tickets.edge_ms = paths.edge_ms
        AND tickets.account = paths.account
        AND tickets.ticket = paths.holder
    WHERE into_ticket IS NOT NULL AND NOT is_deleted AND hops < 10
),
ends AS (
    SELECT edge_ms, account, ticket, arg_max(holder, hops) AS holder, max(hops) AS hops
    FROM paths
    GROUP BY ALL
)
SELECT
    ends.edge_ms,
    ends.account,
    ends.ticket,
    if(tickets.ticket IS NULL, NULL, holder) AS holder
FROM support_policy, ends
LEFT JOIN tickets
    ON tickets.edge_ms = ends.edge_ms
    AND tickets.account = ends.account
    AND tickets.ticket = ends.holder
WHERE (merged_work = 'target' OR hops = 0) AND NOT coalesce(is_out, false);

CREATE TABLE held_work AS
SELECT
    edge_ms, windows.name AS "window", account, holder,
    round((data ->> 'seconds')::DOUBLE * 1_000)::BIGINT AS work_ms
FROM holders
JOIN windows USING (edge_ms)
JOIN ticket_states USING (account, ticket)
WHERE windows.name = '30d'
    AND kind = 'work_logged'
    AND effective_ms >= start_ms
    AND effective_ms < edge_ms;

INSERT INTO figures
SELECT edge_ms, 'ticket_work', "window", [], account, sum(work_ms)
FROM held_work
GROUP BY ALL;

-- "tickets that were last solved in the window and stay solved, or with `touched` tickets on which
-- work was logged in it"
INSERT INTO figures
SELECT edge_ms, 'tickets_handled', "window", [], account, count(*)
FROM support_policy, ticket_windows
JOIN tickets USING (edge_ms, account, ticket)
WHERE handled_basis = 'solved' AND "window" = '30d' AND is_solved AND solved_ms >= start_ms
GROUP BY ALL
UNION ALL
SELECT edge_ms, 'tickets_handled', "window", [], account, count(DISTINCT holder)
FROM support_policy, held_work
WHERE handled_basis = 'touched' AND holder IS NOT NULL
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
