-- Who users are: merged ones are one person.

-- "Merged users are one": each user is followed to the last one it was merged into.
CREATE TABLE persons AS
WITH RECURSIVE told AS (
    SELECT key AS account, coalesce(data ->> 'user_id', subject) AS user_id, *
    FROM events
    WHERE type IN ('user.added', 'user.removed', 'user.merged', 'feature.used', 'session.ended')
),
users AS (
    SELECT
        account,
        user_id,
        arg_max(data ->> 'into_user_id', place) FILTER (type = 'user.merged') AS into_id
    FROM told
    GROUP BY ALL
),
paths AS (
    SELECT account, user_id, user_id AS person, 0 AS steps
    FROM users
    UNION ALL
    SELECT paths.account, paths.user_id, users.into_id, steps + 1
    FROM paths
    JOIN users ON users.account = paths.account AND users.user_id = paths.person
    WHERE users.into_id IS NOT NULL AND steps < 50  -- no rings of merges in the histories read here
),
ends AS (
    SELECT account, user_id, arg_max(person, steps) AS person FROM paths GROUP BY ALL
),
-- "internal users are left out", also when that is learned late; merged users are one
stated AS (
    SELECT account, person, arg_max((data ->> 'is_internal')::BOOLEAN, place) AS is_internal
    FROM told
    JOIN ends USING (account, user_id)
    WHERE (data ->> 'is_internal') IS NOT NULL
    GROUP BY ALL
)
SELECT
    ends.*,
    coalesce(is_internal, false) AS is_internal
FROM ends
LEFT JOIN stated USING (account, person);

-- "Whether the person is of the vendor's own staff": then what it uses and answers is in no figure.
CREATE TABLE staff AS SELECT DISTINCT account, person FROM persons WHERE is_internal;
