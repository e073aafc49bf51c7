-- Surveys: what was answered, the latest answer of each voice, NPS and CSAT.

-- The settings: which answers count for NPS and CSAT, what a CES answer says, which surveys tell of
-- satisfaction, which are told apart (all if none).
CREATE TABLE IF NOT EXISTS survey_policy AS
SELECT
    'latest' AS nps_population,
    'leave_out' AS nps_unscored,
    'latest' AS csat_population,
    true AS csat_neutral,
    []::VARCHAR[] AS csat_touchpoints,
    'any' AS ces_scale,
    false AS ces_reversed,
    ['csat', 'satisfaction'] AS satisfaction_surveys,
    []::VARCHAR[] AS surveys_apart;

-- "Positive is 4-5 of 5, 3 of 3, 3-4 of 4, 6-7 of 7, 8-10 of 10"
CREATE TABLE IF NOT EXISTS survey_thresholds AS
FROM (VALUES (3, 3.0), (4, 3.0), (5, 4.0), (7, 6.0), (10, 8.0)) AS told (highest, least);

CREATE TABLE IF NOT EXISTS survey_windows AS
FROM (
    VALUES
        ('nps', '90d'), ('nps', '365d'), ('csat', '30d'), ('csat', '90d'), ('ces', '90d'),
        ('happiness', '90d'), ('satisfaction_balance', '90d'), ('survey_answers', '90d')
) AS told (family, name);

-- n times 24 hours
CREATE TABLE survey_spans AS
SELECT
    family, edge_ms, name, edge_ms - 86_400_000 * replace(name, 'd', '')::BIGINT AS start_ms
FROM survey_windows, edges;

-- Each response as of T: its last state counts, and none once it was deleted ("an answer vanishes
-- from every figure").
CREATE TABLE all_answers AS
WITH facts AS (
    SELECT
        key AS account,
        coalesce(data ->> 'response_id', subject) AS response,
        type = 'survey_response.deleted' AS is_deletion,
        data ->> 'survey_type' AS survey_type,
        data ->> 'survey_id' AS survey_id,
        data ->> 'touchpoint' AS touchpoint,
        (data ->> 'score')::DOUBLE AS score,
        coalesce((data ->> 'scale_min')::INTEGER, 1) AS lowest,
        coalesce(
            (data ->> 'scale_max')::INTEGER, if(data ->> 'survey_type' = 'ces', 7, 5)
        ) AS highest,
        instant(data ->> 'responded_at') AS responded_ms,
        coalesce(person, data ->> 'respondent_id') AS respondent,
        -- "in NPS a respondent is one voice, in CSAT a ticket is; any other answer is a voice of
        -- its own"
        CASE data ->> 'survey_type'
            WHEN 'nps' THEN 'respondent ' || coalesce(person, data ->> 'respondent_id')
            WHEN 'csat' THEN 'ticket ' || (data ->> 'ticket_id')
        END AS named_voice,
        effective_ms,
        place
    FROM events
    -- "those whose users were merged are one"
    LEFT JOIN persons ON persons.account = key AND user_id = data ->> 'respondent_id'
    WHERE type IN (
        'survey_response.created', 'survey_response.updated', 'survey_response.deleted'
    )
),
-- "A deleted response stays deleted"
ended AS (
    SELECT
        *,
        min(place) FILTER (is_deletion) OVER (PARTITION BY account, response) AS end_place
    FROM facts
),
-- "A response belongs, for all of time, to the voice that its last state names"
lasting AS (
    SELECT
        *,
        max(place) FILTER (end_place IS NULL OR place < end_place)
            OVER (PARTITION BY account, response) AS last_place
    FROM ended
),
states AS (
    SELECT
        *,
        first_value(effective_ms) OVER by_response AS first_ms,
        max(named_voice) FILTER (place = last_place) OVER responses AS voice_now,
        max(respondent) FILTER (place = last_place) OVER responses AS respondent_now,
        max(survey_type) FILTER (place = last_place) OVER responses AS type_now
    FROM lasting
    WINDOW
        responses AS (PARTITION BY account, response),
        by_response AS (PARTITION BY account, response ORDER BY place)
),
current AS (
    SELECT edge_ms, states.*
    FROM states
    JOIN edges ON effective_ms < edge_ms
    QUALIFY
        place = max(place) OVER (PARTITION BY edge_ms, account, response)
        AND NOT bool_or(is_deletion) OVER (PARTITION BY edge_ms, account, response)
)
SELECT
    edge_ms,
    account,
    survey_type,
    survey_id,
    touchpoint,
    score,
    lowest,
    highest,
    -- "An answer is given at responded_at, else when the response takes effect first"
    coalesce(responded_ms, first_ms) AS answered_ms,
    effective_ms,
    place,
    if(survey_type = type_now, voice_now, NULL) AS voice,
    response
FROM current
-- "what the vendor's own staff answers is in no figure"; who answered, the last state says
ANTI JOIN staff ON staff.account = current.account AND staff.person = respondent_now
WHERE coalesce(responded_ms, first_ms) < edge_ms;

-- "Answers without a score stay out"
CREATE TABLE answers AS FROM all_answers WHERE score IS NOT NULL;

-- All together, and "by survey": what has no id is `none`; with some named, any other is `other`.
CREATE TABLE heard AS
SELECT
    *,
    -- "on other scales from three quarters of the scale on"
    coalesce(least, lowest + 0.75 * (highest - lowest)) AS bar,
    -- "Other scales are stretched", "or stay out"; "all are turned round"
    if(
        ces_scale = 'any' OR (lowest = 1 AND highest = 7),
        floor(
            10000
            + 60000 * if(ces_reversed, highest - score, score - lowest) / (highest - lowest)
            + 0.5
        )::BIGINT,
        NULL
    ) AS ease
FROM (
    SELECT *, '' AS ending, []::VARCHAR[] AS survey FROM all_answers
    UNION ALL
    SELECT
        all_answers.*,
        '_by_survey',
        [
            CASE
                WHEN survey_id IS NULL THEN 'none'
                WHEN len(surveys_apart) = 0 OR survey_id IN surveys_apart THEN survey_id
                ELSE 'other'
            END
        ]
    FROM all_answers, survey_policy
)
LEFT JOIN survey_thresholds USING (highest)
CROSS JOIN survey_policy;

-- "The latest answer of each respondent counts", or all do
CREATE TABLE recommendations AS
SELECT heard.*, name
FROM (
    SELECT *
    FROM heard
    WHERE survey_type = 'nps' AND (score IS NOT NULL OR nps_unscored = 'count')
    QUALIFY
        nps_population = 'all'
        OR row_number() OVER (
            PARTITION BY edge_ms, ending, survey, account, coalesce(voice, 'response ' || response)
            ORDER BY answered_ms DESC, place DESC
        ) = 1
) AS heard
JOIN survey_spans USING (edge_ms)
WHERE family = 'nps' AND answered_ms >= start_ms;

-- "promoters 9-10, passives 7-8, detractors 0-6"
INSERT INTO figures
SELECT
    edge_ms,
    CASE
        WHEN score >= 9 THEN 'nps_promoters'
        WHEN score >= 7 THEN 'nps_passives'
        WHEN score IS NOT NULL THEN 'nps_detractors'
        ELSE 'nps_unscored'
    END || ending AS measure,
    name,
    survey,
    account,
    count(*)
FROM recommendations
WHERE nps_population <> 'account_average'
GROUP BY ALL;

-- "each account once, by the mean of its respondents' latest answers in the window: a promoter from
-- 9 on, a passive from 7 on"
INSERT INTO figures
WITH means AS (
    SELECT
        edge_ms, name, ending, survey, account, count(score) AS scored, sum(score) AS total
    FROM recommendations
    WHERE nps_population = 'account_average'
    GROUP BY ALL
)
SELECT
    edge_ms,
    CASE
        WHEN scored = 0 THEN 'nps_unscored'
        WHEN total >= 9 * scored THEN 'nps_promoters'
        WHEN total >= 7 * scored THEN 'nps_passives'
        ELSE 'nps_detractors'
    END || ending AS measure,
    name,
    survey,
    account,
    1
FROM means;

-- "Of each ticket the latest rating", or its first, or all
CREATE TABLE ratings AS
SELECT heard.*, name
FROM (
    SELECT *
    FROM heard
    WHERE survey_type = 'csat'
        AND score IS NOT NULL
        AND (len(csat_touchpoints) = 0 OR touchpoint IN csat_touchpoints)
    QUALIFY
        csat_population = 'all'
        OR row_number() OVER (
            PARTITION BY edge_ms, ending, survey, account, coalesce(voice, 'response ' || response)
            ORDER BY
                if(csat_population = 'first', answered_ms, -answered_ms),
                if(csat_population = 'first', place, -place)
        ) = 1
) AS heard
JOIN survey_spans USING (edge_ms)
WHERE family = 'csat'
    AND answered_ms >= start_ms
    -- "dissatisfied as far from the scale's other end"; "neutral ratings stay out"
    AND (csat_neutral OR score >= bar OR highest - score >= bar - lowest);

INSERT INTO figures
SELECT edge_ms, 'csat_rated' || ending, name, survey, account, count(*)
FROM ratings
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'csat_positive' || ending, name, survey, account, count(*)
FROM ratings
WHERE score >= bar
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'csat_negative' || ending, name, survey, account, count(*)
FROM ratings
WHERE score < bar AND highest - score >= bar - lowest
GROUP BY ALL;

-- "on a scale of 1 to 5, in ten-thousandths of a point"
INSERT INTO figures
SELECT
    edge_ms,
    'csat_points' || ending,
    name,
    survey,
    account,
    sum(floor(10000 + 40000 * (score - lowest) / (highest - lowest) + 0.5)::BIGINT)
FROM ratings
GROUP BY ALL;
