-- Usage: active users, time in sessions, users, and the adoption of features by accounts.

-- The settings: features that make active (all if none), core features with the instants between which
-- they are (all if none), other names of features, the engagement action (any feature if none) and
-- its days; whose use adoption is taken over, the days that stickiness is of, who is a user, the
-- days of a session, and whose seats count.
CREATE TABLE IF NOT EXISTS usage_policy AS
SELECT
    []::VARCHAR[] AS active_features,
    []::STRUCT(feature VARCHAR, since_ms BIGINT, until_ms BIGINT)[] AS core_features,
    NULL::VARCHAR AS engagement_feature,
    1 AS engagement_days,
    'accounts' AS adoption_unit,
    'all' AS stickiness_days;

CREATE TABLE IF NOT EXISTS people_policy AS
SELECT 'seen' AS user_basis, 'ended' AS session_days, 'current' AS seat_accounts;

CREATE TABLE IF NOT EXISTS feature_aliases (alias VARCHAR, feature VARCHAR);

-- "Other names that uses of it carry": each is the feature itself, in uses and in settings.
CREATE MACRO named(told) AS coalesce(
    (SELECT feature_aliases.feature FROM feature_aliases WHERE alias = told), told
);

-- What makes a user active: a feature used, a session; "each local day that it touches, from
-- `started_at` (or its end less its duration, 49 days at most) to its end", or the last one.
CREATE TABLE activities AS
WITH moments AS (
    SELECT
        key AS account,
        coalesce(data ->> 'user_id', subject) AS user_id,
        NULL AS told_feature,
        greatest(begin_ms, unnest(range(begin_ms // 86_400_000, end_ms // 86_400_000 + 1)) * 86_400_000)
            AS effective_ms
    FROM (
        SELECT
            *,
            effective_ms AS end_ms,
            CASE session_days
                WHEN 'ended' THEN effective_ms
                ELSE least(
                    effective_ms,
                    greatest(
                        effective_ms // 1000 * 1000 - 4_294_967_295,
                        coalesce(
                            instant(data ->> 'started_at'),
                            effective_ms // 1000 * 1000
                            - round((data ->> 'duration_s')::DOUBLE * 1000)::BIGINT
                        )
                    )
                )
            END AS begin_ms
        FROM events, people_policy
        WHERE type = 'session.ended'
    )
    UNION ALL
    SELECT key, coalesce(data ->> 'user_id', subject), data ->> 'feature', effective_ms
    FROM events
    WHERE type = 'feature.used'
)
SELECT
    persons.*,
    named(told_feature) AS feature,
    len(active_features) = 0
    OR coalesce(
        named(told_feature) IN (SELECT named(each) FROM (SELECT unnest(active_features) AS each FROM usage_policy)),
        false
    ) AS makes_active,
    effective_ms,
    effective_ms // 86_400_000 AS day
FROM usage_policy, moments
JOIN persons USING (account, user_id);

-- "A user active first at 14:00 is counted from the tile of 14:00 on."
CREATE TABLE active_days AS
SELECT account, person, day, min(effective_ms) AS first_ms
FROM activities
WHERE NOT is_internal AND makes_active
GROUP BY ALL;

-- "The last of both that took effect by T says whether it is a user at T. While there is none, a
-- person who was seen, by any use or session, is one, or, by the policy, nobody is."
CREATE TABLE present AS
WITH told AS (
    SELECT edge_ms, account, person, arg_max(type, place) = 'user.added' AS is_user
    FROM events
    JOIN persons ON account = key AND user_id = coalesce(data ->> 'user_id', subject)
    JOIN edges ON effective_ms < edge_ms
    WHERE type IN ('user.added', 'user.removed') AND NOT is_internal
    GROUP BY ALL
),
seen AS (
    SELECT DISTINCT edge_ms, account, person, user_basis = 'seen' AS is_user
    FROM people_policy, activities
    JOIN edges ON effective_ms < edge_ms
    WHERE NOT is_internal
)
SELECT edge_ms, account, person
FROM seen
FULL JOIN told USING (edge_ms, account, person)
WHERE coalesce(told.is_user, seen.is_user);

INSERT INTO figures
SELECT edge_ms, 'users', '', [], account, count(*)
FROM present
GROUP BY ALL;

-- "active_users over n days counts users with an active day among the last n local days, today
-- included"
INSERT INTO figures
SELECT edge_ms, 'active_users', name, [], account, count(DISTINCT person)
FROM day_windows
JOIN active_days ON day >= first_day AND first_ms < edge_ms
GROUP BY ALL;

-- "Who was active and is no user any more is still an active user, but absent"
INSERT INTO figures
SELECT edge_ms, 'absent_active_users', name, [], account, count(DISTINCT person)
FROM day_windows
JOIN active_days ON day >= first_day AND first_ms < edge_ms
ANTI JOIN present USING (edge_ms, account, person)
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
SELECT edge_ms, 'absent_active_users_lately', '30d', [], account, count(*)
FROM life_cycles
ANTI JOIN present USING (edge_ms, account, person)
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
CREATE TABLE engaged AS
WITH done AS (
    SELECT edge_ms, account, person, count(DISTINCT day) AS days
    FROM day_windows
    JOIN activities ON day >= first_day AND effective_ms < edge_ms
    JOIN usage_policy ON coalesce(named(engagement_feature), feature) = feature
    WHERE name = '30d' AND NOT is_internal
    GROUP BY ALL
)
SELECT edge_ms, account, person
FROM done
JOIN usage_policy ON days >= engagement_days
SEMI JOIN (FROM life_cycles WHERE is_active) AS active USING (edge_ms, account, person);

INSERT INTO figures
SELECT edge_ms, 'engaged_users', '30d', [], account, count(*)
FROM engaged
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'absent_engaged_users', '30d', [], account, count(*)
FROM engaged
ANTI JOIN present USING (edge_ms, account, person)
GROUP BY ALL;

-- "Active days, summed over users", each when it began
INSERT INTO figures
SELECT edge_ms, 'active_user_days', name, [], account, count(*)
FROM local_windows
JOIN active_days ON first_ms >= start_ms AND first_ms < edge_ms
GROUP BY ALL;

-- "Active days from Monday to Friday", where stickiness is taken from those
INSERT INTO figures
SELECT edge_ms, 'active_user_weekdays', name, [], account, count(*)
FROM usage_policy, local_windows
JOIN active_days ON first_ms >= start_ms AND first_ms < edge_ms
WHERE stickiness_days = 'weekdays' AND isodow(make_timestamp(day * 86_400_000_000)) <= 5
GROUP BY ALL;

-- "Users active for the first time"; of them those who are no users
CREATE TABLE first_uses AS
SELECT account, person, min(first_ms) AS first_ms FROM active_days GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'activated_users', name, [], account, count(*)
FROM local_windows
JOIN first_uses ON first_ms >= start_ms AND first_ms < edge_ms
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'absent_activated_users', name, [], account, count(*)
FROM local_windows
JOIN first_uses ON first_ms >= start_ms AND first_ms < edge_ms
ANTI JOIN present USING (edge_ms, account, person)
WHERE name = '30d'
GROUP BY ALL;

-- "Duration of sessions, when they ended"; "each session once": of several reports of one by a
-- person the later, longer one holds
CREATE TABLE person_sessions AS
SELECT
    account,
    person,
    max({
        'end_ms': effective_ms // 1000 * 1000,
        'length_ms': round((data ->> 'duration_s')::DOUBLE * 1000)::BIGINT
    }) AS report
FROM events
JOIN persons ON account = key AND user_id = coalesce(data ->> 'user_id', subject)
WHERE type = 'session.ended' AND NOT is_internal
GROUP BY account, person, coalesce(data ->> 'session_id', id);

INSERT INTO figures
SELECT edge_ms, 'session_time', name, [], account, sum(report.length_ms)
FROM local_windows
JOIN person_sessions ON report.end_ms >= start_ms AND report.end_ms < edge_ms
GROUP BY ALL;

-- "The time of those who are not active" in the window
INSERT INTO figures
SELECT edge_ms, 'idle_session_time', name, [], account, sum(report.length_ms)
FROM local_windows
JOIN person_sessions ON report.end_ms >= start_ms AND report.end_ms < edge_ms
ANTI JOIN (FROM life_cycles WHERE is_active) AS active USING (edge_ms, account, person)
WHERE name = '30d'
GROUP BY ALL;

-- "An account uses a feature at T if one of its users, internal ones left out, used it on one of
-- the last 30 local days; an account is active if one of its users was, and only active accounts
-- count"
CREATE TABLE feature_days AS
SELECT account, feature, makes_active, day, min(effective_ms) AS first_ms
FROM activities
WHERE NOT is_internal
GROUP BY ALL;

INSERT INTO figures
SELECT DISTINCT edge_ms, 'active_accounts', name, [], account, 1
FROM day_windows
JOIN feature_days ON day >= first_day AND first_ms < edge_ms
WHERE name = '30d' AND makes_active;

INSERT INTO figures
SELECT DISTINCT edge_ms, 'feature_accounts', name, [feature], account, 1
FROM day_windows
JOIN feature_days ON day >= first_day AND first_ms < edge_ms
SEMI JOIN (FROM figures WHERE measure = 'active_accounts') AS active USING (edge_ms, account)
WHERE name = '30d' AND feature IS NOT NULL;

-- "The same of features that are not core, where core features are named"; each that is named is one
-- "while it is one"
CREATE TABLE named_features AS
SELECT core.feature, core.since_ms, coalesce(core.until_ms, 4e12::BIGINT) AS until_ms
FROM (SELECT unnest(core_features) AS core FROM usage_policy);

INSERT INTO figures
SELECT edge_ms, 'other_feature_accounts', "window", labels, account, figure
FROM figures
LEFT JOIN named_features ON feature = labels[1]
WHERE measure = 'feature_accounts'
    AND NOT coalesce(since_ms < edge_ms AND until_ms >= edge_ms, false)
    AND EXISTS (FROM named_features);

-- "Core features that are named, once for each active account"
INSERT INTO figures
SELECT edge_ms, 'core_features_offered', "window", [], account, count(*)
FROM figures
JOIN named_features ON since_ms < edge_ms AND until_ms >= edge_ms
WHERE measure = 'active_accounts'
GROUP BY ALL;

-- "The same of single users", where adoption is taken over those: merged users are one
INSERT INTO figures
SELECT edge_ms, 'feature_users', name, [feature], account, count(DISTINCT person)
FROM usage_policy, day_windows
JOIN activities ON day >= first_day AND effective_ms < edge_ms
SEMI JOIN (FROM life_cycles WHERE is_active) AS active USING (edge_ms, account, person)
WHERE adoption_unit = 'users' AND name = '30d' AND feature IS NOT NULL AND NOT is_internal
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'other_feature_users', "window", labels, account, figure
FROM figures
LEFT JOIN named_features ON feature = labels[1]
WHERE measure = 'feature_users'
    AND NOT coalesce(since_ms < edge_ms AND until_ms >= edge_ms, false)
    AND EXISTS (FROM named_features);

INSERT INTO figures
SELECT edge_ms, 'core_features_offered_to_users', "window", [], account, sum(figure)
FROM usage_policy, figures
JOIN named_features ON since_ms < edge_ms AND until_ms >= edge_ms
WHERE measure = 'active_users' AND "window" = '30d' AND adoption_unit = 'users'
GROUP BY ALL;
