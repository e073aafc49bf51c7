-- Support: escalations, reassignments and major cases.
-- Reads `ticket_states`, `tickets`, `ticket_windows` and `ticket_births`.

-- Escalations ----------------------------------------------------------------------------------

-- "accounts with a ticket that was escalated to the policy's target in it"; "accounts with a ticket
-- created in it or so escalated"; only tickets of an account
INSERT INTO figures
WITH happened AS (
    SELECT
        edge_ms,
        "window",
        account,
        bool_or(kind = 'escalated' AND data ->> 'target' = escalation_target) AS is_escalated,
        bool_or(step = 1) AS is_created
    FROM support_policy, ticket_windows
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

-- "tickets escalated in it, each once for each target"
INSERT INTO figures
SELECT
    edge_ms, 'escalated_tickets', "window", [data ->> 'target'], account, count(DISTINCT ticket)
FROM ticket_windows
JOIN ticket_states USING (account, ticket)
WHERE "window" = '30d'
    AND kind = 'escalated'
    AND effective_ms >= start_ms
    AND effective_ms < edge_ms
GROUP BY ALL;

-- "times in it that a ticket came to another agent than the last one who had it"
INSERT INTO figures
WITH agents AS (
    SELECT
        account,
        ticket,
        step,
        effective_ms,
        if(step = 1, data ->> 'assignee_id', data ->> 'current') AS agent
    FROM ticket_states
    WHERE (step = 1 OR kind = 'agent_assignment_changed') AND agent IS NOT NULL
),
followed AS (
    SELECT *, lag(agent) OVER (PARTITION BY account, ticket ORDER BY step) AS last_agent
    FROM agents
)
SELECT edge_ms, 'ticket_reassignments', "window", [], account, count(*)
FROM ticket_windows
JOIN followed USING (account, ticket)
WHERE "window" = '30d'
    AND agent <> last_agent
    AND effective_ms >= start_ms
    AND effective_ms < edge_ms
GROUP BY ALL;

-- Major cases ----------------------------------------------------------------------------------

-- "unsolved tickets that are linked to a problem that is a major case": one that is not said to be
-- none, or that is said to be one
CREATE TABLE links AS
SELECT
    account,
    ticket,
    step,
    if(step = 1, data ->> 'problem_id', data ->> 'current') IS NOT NULL
    AND coalesce((data ->> 'problem_is_major')::BOOLEAN, unmarked_problems_are_major)
        AS is_child
FROM ticket_states, support_policy
WHERE step = 1 OR kind = 'problem_link_changed';

CREATE TABLE children AS
WITH linked AS (
    SELECT edge_ms, links.account, links.ticket, last(is_child ORDER BY links.step) AS is_child
    FROM links
    JOIN ticket_states USING (account, ticket, step)
    JOIN edges ON effective_ms < edge_ms
    GROUP BY edge_ms, links.account, links.ticket
)
SELECT edge_ms, account, ticket, is_auto, is_of_nobody
FROM linked
JOIN tickets USING (edge_ms, account, ticket)
JOIN ticket_births USING (account, ticket)
WHERE is_child AND NOT is_solved AND NOT is_out;

INSERT INTO figures
SELECT edge_ms, 'major_child_tickets', '', [], account, count(*) FROM children GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'major_child_tickets_auto', '', [], account, count(*)
FROM children
WHERE is_auto
GROUP BY ALL;

-- "told to be affected: by a copy of ticket.major_declared under the account's own key, until
-- ticket.major_resolved comes under it"
CREATE TABLE told_majors AS
SELECT
    key AS account,
    coalesce(data ->> 'ticket_id', subject) AS major,
    effective_ms AS from_ms,
    lead(effective_ms, 1, 9_000_000_000_000_000) OVER (
        PARTITION BY key, coalesce(data ->> 'ticket_id', subject) ORDER BY place
    ) AS until_ms,
    type = 'ticket.major_declared' AS is_on
FROM events
WHERE type = 'ticket.major_resolved'
    OR (type = 'ticket.major_declared' AND (data ->> 'account_id') IS NOT NULL);

INSERT INTO figures
WITH impacted AS (
    SELECT edge_ms, account
    FROM told_majors
    JOIN edges ON from_ms < edge_ms AND until_ms >= edge_ms
    WHERE is_on
    UNION
    SELECT edge_ms, account FROM children WHERE NOT is_of_nobody
)
SELECT edge_ms, 'accounts_impacted_by_major', '', [], account, 1
FROM impacted, support_policy
WHERE major_basis = 'open';

-- "those that either was true of at some time in the last 30 days, by tickets that are not deleted,
-- spam or merged as of T"
INSERT INTO figures
WITH child_spans AS (
    SELECT
        states.account,
        states.ticket,
        from_ms,
        until_ms,
        NOT is_solved AND NOT is_out AND last_value(is_child IGNORE NULLS) OVER (
            PARTITION BY states.account, states.ticket ORDER BY states.step
        ) AS is_on
    FROM ticket_states AS states
    JOIN ticket_spans USING (account, ticket, step)
    LEFT JOIN links USING (account, ticket, step)
),
impacted AS (
    SELECT edge_ms, account
    FROM told_majors
    JOIN edges ON from_ms < edge_ms AND until_ms > edge_ms - 30 * 86_400_000::BIGINT
    WHERE is_on AND from_ms < until_ms
    UNION
    SELECT edge_ms, account
    FROM child_spans
    JOIN ticket_windows USING (account, ticket)
    JOIN ticket_births USING (account, ticket)
    WHERE is_on
        AND NOT is_of_nobody
        AND "window" = '30d'
        AND from_ms < until_ms
        AND from_ms < edge_ms
        AND until_ms > start_ms
)
SELECT edge_ms, 'accounts_impacted_by_major', '', [], account, 1
FROM impacted, support_policy
WHERE major_basis = 'window';
