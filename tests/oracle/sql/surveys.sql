-- Surveys: what was sent, what was answered, and the latest answer of each voice.

-- Each response as of T: its last state counts, and none once it was deleted ("an answer vanishes
-- from every figure").
CREATE TABLE all_answers AS
WITH facts AS (
    SELECT
        key AS account,
        coalesce(data ->> 'response_id', subject) AS response,
        type = 'survey_response.deleted' AS is_deletion,
        data ->> 'survey_type' AS survey_type,
        (data ->> 'score')::DOUBLE AS score,
        coalesce((data ->> 'scale_min')::INTEGER, 1) AS lowest,
        coalesce(
            (data ->> 'scale_max')::INTEGER, if(data ->> 'survey_type' = 'ces', 7, 5)
        ) AS highest,
        instant(data ->> 'responded_at') AS responded_ms,
        -- "in NPS a respondent is one voice, in CSAT a ticket is; any other answer is a voice of
        -- its own"
        CASE data ->> 'survey_type'
            WHEN 'nps' THEN 'respondent ' || (data ->> 'respondent_id')
            WHEN 'csat' THEN 'ticket ' || (data ->> 'ticket_id')
        END AS named_voice,
        effective_ms,
        place
    FROM events
    WHERE type IN (
        'survey_response.created', 'survey_response.updated', 'survey_response.deleted'
    )
),
-- "A response belongs to the voice that its first fact names. An update that names another one
-- makes the answer a voice of its own from then on."
states AS (
    SELECT
        *,
        first_value(named_voice) OVER by_response AS first_voice,
        first_value(effective_ms) OVER by_response AS first_ms
    FROM facts
    WINDOW by_response AS (PARTITION BY account, response ORDER BY place)
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
    score,
    lowest,
    highest,
    -- "An answer is given at responded_at, else when the response takes effect first"
    coalesce(responded_ms, first_ms) AS answered_ms,
    effective_ms,
    place,
    if(named_voice = first_voice, named_voice, NULL) AS voice,
    response
FROM current
WHERE coalesce(responded_ms, first_ms) < edge_ms;

-- "Answers without a score stay out"
CREATE TABLE answers AS FROM all_answers WHERE score IS NOT NULL;

-- "The latest answer of each respondent counts; answers without a score do not"
CREATE TABLE voices AS
SELECT *
FROM answers
QUALIFY row_number() OVER (
    PARTITION BY edge_ms, account, survey_type, coalesce(voice, 'response ' || response)
    ORDER BY answered_ms DESC, place DESC
) = 1;

-- "promoters 9-10, passives 7-8, detractors 0-6"
INSERT INTO figures
SELECT
    edge_ms,
    CASE
        WHEN score >= 9 THEN 'nps_promoters'
        WHEN score >= 7 THEN 'nps_passives'
        ELSE 'nps_detractors'
    END AS measure,
    name,
    [],
    account,
    count(*)
FROM voices
JOIN windows USING (edge_ms)
WHERE survey_type = 'nps' AND answered_ms >= start_ms AND name IN ('90d', '365d')
GROUP BY ALL;

-- "Positive is 4-5 of 5, 3 of 3, 3-4 of 4, 6-7 of 7, 8-10 of 10"; "on other scales from three
-- quarters of the scale on"; "dissatisfied as far from the scale's other end"
CREATE MACRO bar(lowest, highest) AS CASE
    WHEN highest IN (3, 4) THEN 3
    WHEN highest = 5 THEN 4
    WHEN highest = 7 THEN 6
    WHEN highest = 10 THEN 8
    ELSE lowest + 0.75 * (highest - lowest)
END;

CREATE TABLE ratings AS
SELECT voices.*, name, score >= bar(lowest, highest) AS is_positive
FROM voices
JOIN windows USING (edge_ms)
WHERE survey_type IN ('csat', 'satisfaction') AND answered_ms >= start_ms;

INSERT INTO figures
SELECT edge_ms, 'csat_rated', name, [], account, count(*)
FROM ratings
WHERE survey_type = 'csat' AND name IN ('30d', '90d')
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'csat_positive', name, [], account, count(*)
FROM ratings
WHERE survey_type = 'csat' AND name IN ('30d', '90d') AND is_positive
GROUP BY ALL;

-- "Positive answers as a share of all answers to satisfaction surveys of any kind"
INSERT INTO figures
SELECT edge_ms, 'satisfaction_answers', name, [], account, count(*)
FROM ratings
WHERE name = '90d'
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'happy_answers', name, [], account, count(*)
FROM ratings
WHERE name = '90d' AND is_positive
GROUP BY ALL;

-- "By the latest answer of each account to a satisfaction survey"
INSERT INTO figures
WITH lasts AS (
    SELECT *
    FROM answers
    WHERE survey_type IN ('csat', 'satisfaction')
    QUALIFY row_number() OVER (
        PARTITION BY edge_ms, account ORDER BY answered_ms DESC, place DESC
    ) = 1
)
SELECT
    edge_ms,
    'rated_accounts',
    name,
    [
        CASE
            WHEN score >= bar(lowest, highest) THEN 'satisfied'
            WHEN highest - score >= bar(lowest, highest) - lowest THEN 'dissatisfied'
            ELSE 'neutral'
        END
    ],
    account,
    1
FROM lasts
JOIN windows USING (edge_ms)
WHERE name = '90d' AND answered_ms >= start_ms;

-- "Other scales are stretched to 1-7", in ten-thousandths of a point
CREATE TABLE efforts AS
SELECT
    edge_ms,
    name,
    account,
    floor(10000 + 60000 * (score - lowest) / (highest - lowest) + 0.5)::BIGINT AS ease
FROM answers
JOIN windows USING (edge_ms)
WHERE survey_type = 'ces' AND name = '90d' AND answered_ms >= start_ms;

INSERT INTO figures
SELECT edge_ms, 'ces_points', name, [], account, sum(ease) FROM efforts GROUP BY ALL;

-- "Very easy 6-7, easy from 5, hard up to 3, neutral between"
INSERT INTO figures
SELECT
    edge_ms,
    'ces_answers',
    name,
    [
        CASE
            WHEN ease >= 60000 THEN 'very_easy'
            WHEN ease >= 50000 THEN 'easy'
            WHEN ease <= 30000 THEN 'hard'
            ELSE 'neutral'
        END
    ],
    account,
    count(*)
FROM efforts
GROUP BY ALL;

-- "Answers given in the window", with a score or without
INSERT INTO figures
SELECT edge_ms, 'survey_answers', name, [], account, count(*)
FROM all_answers
JOIN windows USING (edge_ms)
WHERE name = '90d' AND answered_ms >= start_ms
GROUP BY ALL;

-- "for each survey sent in it"
INSERT INTO figures
SELECT edge_ms, 'surveys_sent', name, [], key, count(*)
FROM events
JOIN windows ON effective_ms >= start_ms AND effective_ms < edge_ms
WHERE type = 'survey.sent'
GROUP BY ALL;
