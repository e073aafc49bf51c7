-- Support: what a ticket is after each of its facts, and the figures that follow.

CREATE TABLE ticket_states AS
WITH facts AS (
    SELECT
        key AS account,
        coalesce(data ->> 'ticket_id', subject) AS ticket,
        split_part(type, '.', 2) AS kind,
        effective_ms,
        place,
        data
    FROM events
    WHERE topic_of(type) = 'ticket'
),
births AS (
    SELECT
        account,
        ticket,
        min(place) AS birth_place,
        arg_min(effective_ms, place) AS created_ms,
        arg_min(data ->> 'submitter_role', place) IS NOT DISTINCT FROM 'agent' AS is_by_agent
    FROM facts
    WHERE kind = 'created'
    GROUP BY ALL
),
-- A ticket exists from its (first) creation on; its creation is its first fact.
lives AS (
    SELECT
        facts.*,
        created_ms,
        row_number() OVER (
            PARTITION BY account, ticket ORDER BY place <> birth_place, place
        ) AS step,
        CASE
            WHEN place = birth_place THEN coalesce(data ->> 'status', 'new')
            WHEN kind = 'status_changed' THEN data ->> 'current'
        END IN ('solved', 'closed') AS becomes_solved,
        CASE
            WHEN kind IN ('deleted', 'marked_as_spam') THEN true
            WHEN kind = 'undeleted' THEN false
        END AS becomes_deleted,
        kind = 'merged' AS is_merge,
        -- "first public human agent comment: bots never count, internal notes no"; "the comment
        -- that opens an agent's own ticket is none"
        kind = 'comment_added'
        AND data ->> 'author_role' = 'agent'
        AND (data ->> 'is_public')::BOOLEAN
        AND NOT (is_by_agent AND effective_ms = created_ms) AS is_reply
    FROM facts
    JOIN births USING (account, ticket)
    WHERE effective_ms >= created_ms AND (kind <> 'created' OR place = birth_place)
),
told AS (
    SELECT
        *,
        last_value(becomes_solved IGNORE NULLS) OVER so_far AS is_solved,
        coalesce(last_value(becomes_deleted IGNORE NULLS) OVER so_far, false)
        OR bool_or(is_merge) OVER so_far AS is_out,
        bool_or(is_reply) OVER so_far AS is_answered
    FROM lives
    WINDOW so_far AS (PARTITION BY account, ticket ORDER BY step)
),
compared AS (
    SELECT
        *,
        coalesce(lag(is_solved) OVER steps, false) AS was_solved,
        coalesce(lag(is_answered) OVER steps, false) AS was_answered,
        lag(is_out) OVER steps AS was_out
    FROM told
    WINDOW steps AS (PARTITION BY account, ticket ORDER BY step)
)
SELECT
    *,
    -- "change to solved (or to closed, if not solved before)"
    last_value(CASE WHEN is_solved AND NOT was_solved THEN effective_ms END IGNORE NULLS)
        OVER so_far AS solved_ms,
    -- "creation, or the last reopening if the ticket was solved before without such a reply"
    last_value(
        CASE
            WHEN step = 1 OR (was_solved AND NOT is_solved AND NOT is_answered) THEN effective_ms
        END IGNORE NULLS
    ) OVER so_far AS due_ms
FROM compared
WINDOW so_far AS (PARTITION BY account, ticket ORDER BY step);

-- Each ticket as of T.
CREATE TABLE tickets AS
SELECT
    edge_ms,
    account,
    ticket,
    last(created_ms ORDER BY step) AS created_ms,
    last(is_out ORDER BY step) AS is_out,
    last(is_solved ORDER BY step) AS is_solved,
    last(is_answered ORDER BY step) AS is_answered,
    last(solved_ms ORDER BY step) AS solved_ms,
    last(due_ms ORDER BY step) AS due_ms,
    -- the first reply, and the wait for it
    min(effective_ms) FILTER (is_answered AND NOT was_answered) AS reply_ms,
    min(effective_ms - due_ms) FILTER (is_answered AND NOT was_answered) AS wait_ms
FROM ticket_states
JOIN edges ON effective_ms < edge_ms
GROUP BY ALL;

-- "ticket_backlog at T = tickets not solved or closed, and not deleted, spam or merged, as of T"
INSERT INTO figures
SELECT edge_ms, 'ticket_backlog', '', [], account, count(*)
FROM tickets
WHERE NOT is_solved AND NOT is_out
GROUP BY ALL;

-- "tickets in the backlog whose first response is due for longer than `over`"
INSERT INTO figures
SELECT edge_ms, 'tickets_waiting', '', [hours || 'h'], account, count(*)
FROM tickets, unnest([0, 1, 4, 24]::BIGINT[]) AS over (hours)
WHERE NOT is_solved AND NOT is_out AND NOT is_answered
    AND edge_ms - due_ms > hours * 3_600_000
GROUP BY ALL;

-- "tickets_created over a window = tickets created in it that are not deleted, spam or merged as
-- of T"
INSERT INTO figures
SELECT edge_ms, 'tickets_created', name, [], account, count(*)
FROM tickets
JOIN windows USING (edge_ms)
WHERE NOT is_out AND created_ms >= start_ms AND name IN ('1d', 'month', '30d')
GROUP BY ALL;

-- "the flows count what happened, whatever became of it later, to tickets that are not deleted,
-- spam or merged at that time"; "a ticket that is created as solved is opened and solved at once"
CREATE TABLE ticket_flows AS
WITH causes AS (
    SELECT
        account,
        effective_ms,
        CASE
            WHEN step = 1 THEN if(is_solved, ['opened', 'solved'], ['opened'])
            WHEN is_out AND NOT was_out AND NOT is_solved THEN ['removed']
            WHEN was_out AND NOT is_out AND NOT is_solved THEN ['undeleted']
            WHEN is_out THEN []
            WHEN is_solved AND NOT was_solved THEN ['solved']
            WHEN was_solved AND NOT is_solved THEN ['reopened']
            ELSE []
        END AS causes
    FROM ticket_states
)
SELECT account, effective_ms, unnest(causes) AS cause FROM causes;

INSERT INTO figures
SELECT edge_ms, 'tickets_' || cause, name, [], account, count(*)
FROM windows
JOIN ticket_flows ON effective_ms >= start_ms AND effective_ms < edge_ms
GROUP BY ALL;

-- "first_response: read by the time of the reply"; "resolution = change to solved - creation, read
-- by the time of that change while the ticket stays solved"; "both only of tickets not deleted,
-- spam or merged as of T"
CREATE TABLE durations AS
SELECT
    edge_ms, 'first_response' AS measure, ['calendar'] AS labels, name AS "window", account,
    wait_ms AS duration_ms
FROM tickets
JOIN windows USING (edge_ms)
WHERE NOT is_out AND reply_ms >= start_ms AND name IN ('1d', '7d', '30d')
UNION ALL
SELECT edge_ms, 'resolution', ['calendar'], name, account, solved_ms - created_ms
FROM tickets
JOIN windows USING (edge_ms)
WHERE NOT is_out AND is_solved AND solved_ms >= start_ms AND name = '30d';
