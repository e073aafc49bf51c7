-- Support: what a ticket is after each of its facts, and the figures that follow.

-- The settings.
CREATE TABLE IF NOT EXISTS support_policy AS
SELECT
    'one_reply' AS fcr_basis,
    7 AS fcr_maturity_days,
    'solved' AS fcr_denominator,
    'reply' AS first_response_at,
    'every' AS reply_basis,
    'solved' AS handled_basis,
    'target' AS merged_work,
    'all' AS backlog_statuses,
    'events_or_status' AS blocked_basis,
    'last' AS resolution_basis,
    'full' AS resolution_time,
    'customer_success' AS escalation_target,
    true AS unmarked_problems_are_major,
    'open' AS major_basis,
    'default' AS default_schedule,
    'applied' AS schedule_basis,
    'calendar' AS sla_clock,
    ['pending', 'hold'] AS sla_paused_in,
    []::VARCHAR[] AS priorities_apart;

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
        arg_min(coalesce(data ->> 'submitter_role', 'end_user'), place) = 'agent' AS is_by_agent
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
        END AS becomes_status,
        becomes_status IN ('solved', 'closed') AS becomes_solved,
        -- "Priorities that can be selected; any other is `other`, and a ticket without one is under
        -- `none`"
        CASE
            WHEN place = birth_place THEN coalesce(data ->> 'priority', 'none')
            WHEN kind = 'priority_changed' THEN coalesce(data ->> 'current', 'none')
        END AS becomes_priority,
        CASE
            WHEN kind IN ('deleted', 'marked_as_spam') THEN true
            WHEN kind = 'undeleted' THEN false
        END AS becomes_deleted,
        CASE
            WHEN place = birth_place THEN coalesce(data ->> 'schedule_id', '')
            WHEN kind = 'schedule_changed' THEN coalesce(data ->> 'current', '')
        END AS becomes_schedule,
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
        lives.*,
        last_value(becomes_status IGNORE NULLS) OVER so_far AS status,
        last_value(
            if(
                becomes_priority = 'none' OR len(priorities_apart) = 0
                OR becomes_priority IN priorities_apart,
                becomes_priority,
                if(becomes_priority IS NULL, NULL, 'other')
            )
            IGNORE NULLS
        ) OVER so_far AS priority,
        last_value(becomes_schedule IGNORE NULLS) OVER so_far AS schedule,
        last_value(becomes_solved IGNORE NULLS) OVER so_far AS is_solved,
        coalesce(last_value(becomes_deleted IGNORE NULLS) OVER so_far, false)
        OR bool_or(is_merge) OVER so_far AS is_out,
        coalesce(last_value(becomes_deleted IGNORE NULLS) OVER so_far, false) AS is_deleted,
        first_value(if(is_merge, data ->> 'into_ticket_id', NULL) IGNORE NULLS) OVER so_far
            AS into_ticket,
        bool_or(is_reply) OVER so_far AS is_answered
    FROM lives, support_policy
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
    last(is_deleted ORDER BY step) AS is_deleted,
    last(into_ticket ORDER BY step) AS into_ticket,
    last(is_solved ORDER BY step) AS is_solved,
    last(status ORDER BY step) AS status,
    last(priority ORDER BY step) AS priority,
    -- "all unsolved, or without those that are pending"
    NOT last(is_solved ORDER BY step) AND NOT last(is_out ORDER BY step)
    AND (
        any_value(backlog_statuses) = 'all' OR last(status ORDER BY step) <> 'pending'
    ) AS is_in_backlog,
    last(is_answered ORDER BY step) AS is_answered,
    last(solved_ms ORDER BY step) AS solved_ms,
    last(due_ms ORDER BY step) AS due_ms,
    -- the first reply, and the wait for it
    min(effective_ms) FILTER (is_answered AND NOT was_answered) AS reply_ms,
    min(effective_ms - due_ms) FILTER (is_answered AND NOT was_answered) AS wait_ms,
    min(effective_ms) FILTER (is_solved) AS first_solved_ms
FROM support_policy, ticket_states
JOIN edges ON effective_ms < edge_ms
GROUP BY edge_ms, account, ticket;

-- "tickets of which any event but one about a major case or its account takes effect before T, and
-- no ticket.created does"
INSERT INTO figures
WITH told AS (
    SELECT
        key AS account,
        coalesce(data ->> 'ticket_id', subject) AS ticket,
        min(effective_ms) FILTER (
            type NOT LIKE 'ticket.major_%' AND type <> 'ticket.account_changed'
        ) AS told_ms,
        min(effective_ms) FILTER (type = 'ticket.created') AS created_ms
    FROM events
    WHERE topic_of(type) = 'ticket'
    GROUP BY ALL
)
SELECT edge_ms, 'tickets_never_created', '', [], account, count(*)
FROM told
JOIN edges ON told_ms < edge_ms AND coalesce(created_ms >= edge_ms, true)
GROUP BY ALL;

-- "ticket_backlog at T = tickets not solved or closed, and not deleted, spam or merged, as of T"
INSERT INTO figures
SELECT edge_ms, 'ticket_backlog', '', [priority], account, count(*)
FROM tickets
WHERE is_in_backlog
GROUP BY ALL;

-- "tickets in the backlog whose first response is due for longer than `over`"
INSERT INTO figures
SELECT edge_ms, 'tickets_waiting', '', [hours || 'h', priority], account, count(*)
FROM tickets, unnest([0, 1, 4, 24]::BIGINT[]) AS over (hours)
WHERE NOT is_solved AND NOT is_out AND NOT is_answered
    AND edge_ms - due_ms > hours * 3_600_000
GROUP BY ALL;

-- "tickets_created over a window = tickets created in it that are not deleted, spam or merged as
-- of T"
INSERT INTO figures
SELECT edge_ms, 'tickets_created', name, [priority], account, count(*)
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
        ticket,
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
SELECT account, ticket, effective_ms, unnest(causes) AS cause FROM causes
UNION ALL
-- "parked when it becomes pending, and resumed when it no longer is, whatever it then is"
SELECT account, ticket, effective_ms, if(is_parked, 'parked', 'resumed')
FROM (
    SELECT *, coalesce(lag(is_parked) OVER steps, false) AS was_parked
    FROM (
        SELECT
            *,
            status = 'pending' AND NOT is_out AND backlog_statuses = 'without_pending' AS is_parked
        FROM ticket_states, support_policy
    )
    WINDOW steps AS (PARTITION BY account, ticket ORDER BY step)
)
WHERE is_parked <> was_parked;

-- What a ticket is between its facts.
CREATE TABLE ticket_spans AS
SELECT
    account,
    ticket,
    step,
    effective_ms AS from_ms,
    lead(effective_ms, 1, 9_000_000_000_000_000)
        OVER (PARTITION BY account, ticket ORDER BY step) AS until_ms,
    status,
    priority,
    schedule
FROM ticket_states;

-- By priority "the one in force when it happened".
CREATE TABLE ticket_causes AS
SELECT account, ticket, effective_ms, cause, priority
FROM ticket_flows
JOIN ticket_spans USING (account, ticket)
WHERE effective_ms >= from_ms AND effective_ms < until_ms;

INSERT INTO figures
SELECT edge_ms, 'tickets_' || cause, name, [priority], account, count(*)
FROM windows
JOIN ticket_causes ON effective_ms >= start_ms AND effective_ms < edge_ms
GROUP BY ALL;

-- "created_tickets_solved = those of tickets_created that are solved or closed as of T"
INSERT INTO figures
SELECT edge_ms, 'created_tickets_solved', name, [priority], account, count(*)
FROM tickets
JOIN windows USING (edge_ms)
WHERE NOT is_out AND is_solved AND created_ms >= start_ms AND name IN ('month', '30d')
GROUP BY ALL;
