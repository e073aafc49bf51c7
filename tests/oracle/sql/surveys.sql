-- Surveys: the latest answer of each voice.

-- Each response as of T: its last state counts, and none once it was deleted ("an answer vanishes
-- from every figure").
CREATE TABLE answers AS
WITH facts AS (
    SELECT
        key AS account,
        coalesce(data ->> 'response_id', subject) AS response,
        type = 'survey_response.deleted' AS is_deletion,
        data ->> 'survey_type' AS survey_type,
        (data ->> 'score')::DOUBLE AS score,
        coalesce((data ->> 'scale_min')::INTEGER, 1) AS lowest,
        coalesce((data ->> 'scale_max')::INTEGER, 5) AS highest,
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
WHERE score IS NOT NULL AND coalesce(responded_ms, first_ms) < edge_ms;

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
-- quarters of the scale on"
CREATE TABLE ratings AS
SELECT
    voices.*,
    name,
    CASE highest
        WHEN 3 THEN score >= 3
        WHEN 4 THEN score >= 3
        WHEN 5 THEN score >= 4
        WHEN 7 THEN score >= 6
        WHEN 10 THEN score >= 8
        ELSE 4 * (score - lowest) >= 3 * (highest - lowest)
    END AS is_positive
FROM voices
JOIN windows USING (edge_ms)
WHERE survey_type = 'csat' AND answered_ms >= start_ms AND name IN ('30d', '90d');

INSERT INTO figures
SELECT edge_ms, 'csat_rated', name, [], account, count(*) FROM ratings GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'csat_positive', name, [], account, count(*)
FROM ratings
WHERE is_positive
GROUP BY ALL;
