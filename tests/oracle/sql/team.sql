-- The team: tasks as of T, and the hours it logged.

CREATE TABLE task_facts AS
SELECT
    key AS account,
    coalesce(data ->> 'task_id', subject) AS task,
    split_part(type, '.', 2) AS kind,
    -- "what it gives as null is taken away": told, and nothing
    if(json_exists(data, '$.owner_id'), {'told': data ->> 'owner_id'}, NULL) AS owner,
    if(json_exists(data, '$.category'), {'told': data ->> 'category'}, NULL) AS category,
    if(json_exists(data, '$.due_at'), {'told': instant(data ->> 'due_at')}, NULL) AS due_ms,
    if(json_exists(data, '$.snoozed_until'), {'told': instant(data ->> 'snoozed_until')}, NULL)
        AS snoozed_ms,
    -- "not after it was told"
    least(coalesce(instant(data ->> 'completed_at'), effective_ms), effective_ms) AS done_ms,
    effective_ms,
    place
FROM events
WHERE starts_with(type, 'task.');

-- "A fact changes what it tells and leaves the rest": the last owner, due date and snooze told.
CREATE TABLE task_states AS
SELECT
    account,
    task,
    kind,
    coalesce((last_value(owner IGNORE NULLS) OVER so_far).told, 'unassigned') AS owner,
    coalesce((last_value(category IGNORE NULLS) OVER so_far).told, 'uncategorised') AS category,
    (last_value(due_ms IGNORE NULLS) OVER so_far).told AS due_ms,
    (last_value(snoozed_ms IGNORE NULLS) OVER so_far).told AS snoozed_ms,
    done_ms,
    effective_ms,
    place,
    -- each completion, re-opening and cancelling begins a stretch of its own
    sum((kind IN ('reopened', 'cancelled'))::INTEGER) OVER so_far AS stretch
FROM task_facts
WINDOW so_far AS (PARTITION BY account, task ORDER BY place);

-- "What this tells, and else owner, category and due date of then count, of the first event where
-- that is later": the last word of what had taken effect when it was done, then the completion's own.
CREATE TABLE task_completions AS
SELECT
    done.account,
    done.task,
    done.place,
    coalesce((arg_max(told.owner, told.place) FILTER (told.owner IS NOT NULL)).told, 'unassigned')
        AS doer,
    coalesce(
        (arg_max(told.category, told.place) FILTER (told.category IS NOT NULL)).told, 'uncategorised'
    ) AS purpose,
    (arg_max(told.due_ms, told.place) FILTER (told.due_ms IS NOT NULL)).told AS due_then_ms
FROM task_facts AS done
JOIN (SELECT account, task, min(effective_ms) AS first_ms FROM task_facts GROUP BY ALL) AS first
    USING (account, task)
JOIN task_facts AS told
    ON told.account = done.account AND told.task = done.task
    AND told.place <= done.place
    AND (told.place = done.place OR told.effective_ms <= greatest(done.done_ms, first_ms))
WHERE done.kind = 'completed'
GROUP BY done.account, done.task, done.place;

-- Each task as of T: within the last stretch the first completion counts.
CREATE TABLE tasks AS
WITH known AS (
    SELECT edge_ms, task_states.*
    FROM task_states
    JOIN edges ON effective_ms < edge_ms
),
latest AS (
    SELECT
        edge_ms,
        account,
        task,
        max(stretch) AS stretch,
        arg_max(owner, place) AS owner,
        arg_max({'ms': due_ms}, place).ms AS due_ms,
        arg_max({'ms': snoozed_ms}, place).ms AS snoozed_ms,
        coalesce(
            arg_max(kind, place) FILTER (kind IN ('completed', 'reopened', 'cancelled'))
            = 'cancelled',
            false
        ) AS is_cancelled
    FROM known
    GROUP BY ALL
),
completions AS (
    SELECT
        edge_ms,
        account,
        task,
        stretch,
        arg_min(done_ms, place) AS done_ms,
        arg_min(doer, place) AS doer,
        arg_min(purpose, place) AS purpose,
        arg_min({'ms': due_then_ms}, place).ms AS due_then_ms
    FROM known
    JOIN task_completions USING (account, task, place)
    GROUP BY ALL
)
SELECT latest.*, done_ms, doer, purpose, due_then_ms
FROM latest
LEFT JOIN completions USING (edge_ms, account, task, stretch);

-- "Tasks completed in the window that are neither re-opened nor cancelled as of T, credited to who
-- owned them then"; "of those with a due date, the ones completed by it"
INSERT INTO figures
WITH done AS (
    SELECT edge_ms, name, account, doer, purpose, done_ms, due_then_ms
    FROM tasks
    JOIN windows USING (edge_ms)
    WHERE done_ms >= start_ms AND name IN ('7d', '30d')
)
SELECT edge_ms, 'tasks_completed', name, [doer], account, count(*) FROM done GROUP BY ALL
UNION ALL
-- the same by "category that they had then"
SELECT edge_ms, 'tasks_completed_by_category', name, [purpose], account, count(*)
FROM done
GROUP BY ALL
UNION ALL
SELECT edge_ms, 'tasks_completed_due', name, [doer], account, count(*)
FROM done
WHERE due_then_ms IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT edge_ms, 'tasks_on_time', name, [doer], account, count(*)
FROM done
WHERE done_ms <= due_then_ms
GROUP BY ALL;

-- "Open tasks with due_at < T"; "moved due date counts by the current one; snoozed out"
INSERT INTO figures
SELECT edge_ms, 'tasks_overdue', '', [owner], account, count(*)
FROM tasks
WHERE done_ms IS NULL AND NOT is_cancelled
    AND due_ms < edge_ms
    AND coalesce(snoozed_ms < edge_ms, true)
GROUP BY ALL;

-- "Share of logged seconds by category; uncategorised kept visible"
INSERT INTO figures
SELECT
    edge_ms,
    'work_time',
    name,
    [coalesce(data ->> 'category', 'uncategorised')],
    key,
    sum(round((data ->> 'seconds')::DOUBLE * 1000)::HUGEINT)
FROM windows
JOIN events ON effective_ms >= start_ms AND effective_ms < edge_ms
WHERE type = 'time.logged'
GROUP BY ALL;
