-- Usage: active users, time in sessions, users, and the adoption of features by accounts.

-- The settings: features that make active (all if none), core features with the instant from which
-- they are (all if none), the engagement action (any feature if none) and its days; whose use
-- adoption is taken over, and the days that stickiness is.
CREATE TABLE IF NOT EXISTS usage_policy AS
SELECT
    []::VARCHAR[] AS active_features,
    []::STRUCT(feature VARCHAR, since_ms BIGINT)[] AS core_features,
    NULL::VARCHAR AS engagement_feature,
    1 AS engagement_days,
    'accounts' AS adoption_unit,
    'all' AS stickiness_days;

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
        -- "internal users are left out", also when that is learned late
        coalesce(
            arg_max((data ->> 'is_internal')::BOOLEAN, place)
                FILTER ((data ->> 'is_internal') IS NOT NULL),
            false
        ) AS is_internal,
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
)
SELECT
    ends.*,
    is_internal,
    bool_or(is_internal) OVER (PARTITION BY ends.account, person) AS is_person_internal
FROM ends
JOIN users USING (account, user_id);

-- What makes a user active: a feature used, a session ended.
CREATE TABLE activities AS
SELECT
    persons.*,
    data ->> 'feature' AS feature,
    len(active_features) = 0 OR (data ->> 'feature') IN active_features AS makes_active,
    effective_ms,
    effective_ms // 86_400_000 AS day
FROM usage_policy, events
JOIN persons ON account = key AND user_id = coalesce(data ->> 'user_id', subject)
WHERE type IN ('feature.used', 'session.ended');

-- "A user active first at 14:00 is counted from the tile of 14:00 on."
CREATE TABLE active_days AS
SELECT account, person, day, min(effective_ms) AS first_ms
FROM activities
WHERE NOT is_person_internal AND makes_active
GROUP BY ALL;

-- "active_users over n days counts users with an active day among the last n local days, today
-- included"
INSERT INTO figures
SELECT edge_ms, 'active_users', name, [], account, count(DISTINCT person)
FROM day_windows
JOIN active_days ON day >= first_day AND first_ms < edge_ms
GROUP BY ALL;

-- "Active in the last 30 local days, today included"; "in the 30 days before"
CREATE TABLE life_cycles AS
SELECT
    edge_ms,
    account,
    person,
    bool_or(day >= first_day) AS is_active,
    bool_or(day < first_day AND day >= first_day - 30) AS was_active
FROM day_windows
JOIN active_days ON first_ms < edge_ms
WHERE name = '30d'
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'active_users_lately', '30d', [], account, count(*)
FROM life_cycles
WHERE is_active OR was_active
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'active_users_before', '30d', [], account, count(*)
FROM life_cycles
WHERE was_active
GROUP BY ALL;

-- "A user is created when added, or when first active if that is earlier or nothing else is known"
CREATE TABLE user_creations AS
SELECT account, person, min(at_ms) // 86_400_000 AS day
FROM (
    SELECT account, person, effective_ms AS at_ms
    FROM events
    JOIN persons ON account = key AND user_id = coalesce(data ->> 'user_id', subject)
    WHERE type = 'user.added'
    UNION ALL
    SELECT account, person, first_ms FROM active_days
)
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'new_active_users', '30d', [], account, count(*)
FROM life_cycles
JOIN day_windows USING (edge_ms)
JOIN user_creations USING (account, person)
WHERE name = '30d' AND is_active AND day >= first_day
GROUP BY ALL;

-- "Users who did the engagement action": "by default the use of any feature, at least once"; "a
-- feature and a number of days can be set"
INSERT INTO figures
WITH done AS (
    SELECT edge_ms, account, person, count(DISTINCT day) AS days
    FROM day_windows
    JOIN activities ON day >= first_day AND effective_ms < edge_ms
    JOIN usage_policy ON coalesce(engagement_feature, feature) = feature
    WHERE name = '30d' AND NOT is_person_internal
    GROUP BY ALL
)
SELECT edge_ms, 'engaged_users', '30d', [], account, count(*)
FROM done
JOIN usage_policy ON days >= engagement_days
GROUP BY ALL;

-- "Active days, summed over users", each when it began
INSERT INTO figures
SELECT edge_ms, 'active_user_days', name, [], account, count(*)
FROM windows
JOIN active_days ON first_ms >= start_ms AND first_ms < edge_ms
GROUP BY ALL;

-- "Active days from Monday to Friday", where stickiness is taken from those
INSERT INTO figures
SELECT edge_ms, 'active_user_weekdays', name, [], account, count(*)
FROM usage_policy, windows
JOIN active_days ON first_ms >= start_ms AND first_ms < edge_ms
WHERE stickiness_days = 'weekdays' AND isodow(make_timestamp(day * 86_400_000_000)) <= 5
GROUP BY ALL;

-- "Users active for the first time"
INSERT INTO figures
WITH firsts AS (
    SELECT account, person, min(first_ms) AS first_ms FROM active_days GROUP BY ALL
)
SELECT edge_ms, 'activated_users', name, [], account, count(*)
FROM windows
JOIN firsts ON first_ms >= start_ms AND first_ms < edge_ms
GROUP BY ALL;

-- "Duration of sessions, when they ended"; of two reports of a session the later, longer one holds
INSERT INTO figures
WITH reports AS (
    SELECT
        key AS account,
        coalesce(data ->> 'user_id', subject) AS user_id,
        coalesce(data ->> 'session_id', id) AS session_id,
        max({
            'end_ms': effective_ms // 1000 * 1000,
            'length_ms': round((data ->> 'duration_s')::DOUBLE * 1000)::BIGINT
        }) AS report
    FROM events
    WHERE type = 'session.ended'
    GROUP BY ALL
)
SELECT edge_ms, 'session_time', name, [], account, sum(report.length_ms)
FROM windows
JOIN reports ON report.end_ms >= start_ms AND report.end_ms < edge_ms
JOIN persons USING (account, user_id)
WHERE NOT is_person_internal
GROUP BY ALL;

-- "Users come with user.added, go with user.removed"
INSERT INTO figures
WITH last_facts AS (
    SELECT edge_ms, account, person, arg_max(type, place) AS type
    FROM events
    JOIN persons ON account = key AND user_id = coalesce(data ->> 'user_id', subject)
    JOIN edges ON effective_ms < edge_ms
    WHERE type IN ('user.added', 'user.removed') AND NOT is_person_internal
    GROUP BY ALL
)
SELECT edge_ms, 'users', '', [], account, count(*)
FROM last_facts
WHERE type = 'user.added'
GROUP BY ALL;

-- "An account uses a feature at T if one of its users, internal ones left out, used it on one of
-- the last 30 local days; an account is active if that holds for anything"
CREATE TABLE feature_days AS
SELECT account, feature, makes_active, day, min(effective_ms) AS first_ms
FROM activities
WHERE NOT is_internal
GROUP BY ALL;

INSERT INTO figures
SELECT DISTINCT edge_ms, 'feature_accounts', name, [feature], account, 1
FROM day_windows
JOIN feature_days ON day >= first_day AND first_ms < edge_ms
WHERE name = '30d' AND feature IS NOT NULL;

INSERT INTO figures
SELECT DISTINCT edge_ms, 'active_accounts', name, [], account, 1
FROM day_windows
JOIN feature_days ON day >= first_day AND first_ms < edge_ms
WHERE name = '30d' AND makes_active;

-- "The same of features that are not core, where core features are named"; each that is named is one
-- "from when it is one"
CREATE TABLE named_features AS
SELECT core.feature, core.since_ms
FROM (SELECT unnest(core_features) AS core FROM usage_policy);

INSERT INTO figures
SELECT edge_ms, 'other_feature_accounts', "window", labels, account, figure
FROM figures
LEFT JOIN named_features ON feature = labels[1]
WHERE measure = 'feature_accounts'
    AND coalesce(since_ms, edge_ms) >= edge_ms
    AND EXISTS (FROM named_features);

-- "Core features that are named, once for each active account"
INSERT INTO figures
SELECT edge_ms, 'core_features_offered', "window", [], account, count(*)
FROM figures
JOIN named_features ON since_ms < edge_ms
WHERE measure = 'active_accounts'
GROUP BY ALL;

-- "The same of single users", where adoption is taken over those: merged users are one
INSERT INTO figures
SELECT edge_ms, 'feature_users', name, [feature], account, count(DISTINCT person)
FROM usage_policy, day_windows
JOIN activities ON day >= first_day AND effective_ms < edge_ms
WHERE adoption_unit = 'users' AND name = '30d'
    AND feature IS NOT NULL AND NOT is_person_internal
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'other_feature_users', "window", labels, account, figure
FROM figures
LEFT JOIN named_features ON feature = labels[1]
WHERE measure = 'feature_users'
    AND coalesce(since_ms, edge_ms) >= edge_ms
    AND EXISTS (FROM named_features);

INSERT INTO figures
SELECT edge_ms, 'core_features_offered_to_users', "window", [], account, sum(figure)
FROM usage_policy, figures
JOIN named_features ON since_ms < edge_ms
WHERE measure = 'active_users' AND "window" = '30d' AND adoption_unit = 'users'
GROUP BY ALL;

-- "Of each account the number last set before T"
INSERT INTO figures
SELECT edge_ms, 'seats', '', [], key, arg_max((data ->> 'seats')::INTEGER, place)
FROM events
JOIN edges ON effective_ms < edge_ms
WHERE type = 'seats.set'
GROUP BY ALL;
