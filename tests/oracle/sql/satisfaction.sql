-- Satisfaction: happiness, the balance by account, how easy it was; answers and surveys sent. Reads
-- `heard`, `survey_spans` and `survey_policy` (surveys).

-- What tells of satisfaction: "a rating from its scale's threshold on, an easy CES answer, an NPS
-- promoter"; dissatisfied the other way round.
CREATE TABLE opinions AS
SELECT
    *,
    CASE
        WHEN survey_type = 'nps'
            THEN if(score >= 9, 'satisfied', if(score <= 6, 'dissatisfied', 'neutral'))
        WHEN survey_type = 'ces'
            THEN if(ease >= 50000, 'satisfied', if(ease <= 30000, 'dissatisfied', 'neutral'))
        WHEN score >= bar THEN 'satisfied'
        WHEN highest - score >= bar - lowest THEN 'dissatisfied'
        ELSE 'neutral'
    END AS mood
FROM heard
WHERE survey_type IN satisfaction_surveys
    AND score IS NOT NULL
    AND (survey_type <> 'ces' OR ease IS NOT NULL);

-- "Positive answers as a share of all answers to satisfaction surveys of any kind"
CREATE TABLE happiness AS
SELECT opinions.*, name
FROM (
    SELECT *
    FROM opinions
    QUALIFY row_number() OVER (
        PARTITION BY
            edge_ms, ending, survey, account, survey_type,
            coalesce(voice, 'response ' || response)
        ORDER BY answered_ms DESC, place DESC
    ) = 1
) AS opinions
JOIN survey_spans USING (edge_ms)
WHERE family = 'happiness' AND answered_ms >= start_ms;

INSERT INTO figures
SELECT edge_ms, 'satisfaction_answers' || ending, name, survey, account, count(*)
FROM happiness
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'happy_answers' || ending, name, survey, account, count(*)
FROM happiness
WHERE mood = 'satisfied'
GROUP BY ALL;

-- "By the latest answer of each account to a satisfaction survey"
INSERT INTO figures
WITH lasts AS (
    SELECT *
    FROM opinions
    QUALIFY row_number() OVER (
        PARTITION BY edge_ms, ending, survey, account ORDER BY answered_ms DESC, place DESC
    ) = 1
)
SELECT edge_ms, 'rated_accounts' || ending, name, list_append(survey, mood), account, 1
FROM lasts
JOIN survey_spans USING (edge_ms)
WHERE family = 'satisfaction_balance' AND answered_ms >= start_ms;

-- Every answer that tells how easy it was, in ten-thousandths of a point
CREATE TABLE efforts AS
SELECT heard.*, name
FROM heard
JOIN survey_spans USING (edge_ms)
WHERE family = 'ces' AND survey_type = 'ces' AND ease IS NOT NULL AND answered_ms >= start_ms;

INSERT INTO figures
SELECT edge_ms, 'ces_points' || ending, name, survey, account, sum(ease)
FROM efforts
GROUP BY ALL;

-- "Very easy 6-7, easy from 5, hard up to 3, neutral between"
INSERT INTO figures
SELECT
    edge_ms,
    'ces_answers' || ending,
    name,
    list_append(
        survey,
        CASE
            WHEN ease >= 60000 THEN 'very_easy'
            WHEN ease >= 50000 THEN 'easy'
            WHEN ease <= 30000 THEN 'hard'
            ELSE 'neutral'
        END
    ),
    account,
    count(*)
FROM efforts
GROUP BY ALL;

-- "Answers given in the window", with a score or without
INSERT INTO figures
SELECT edge_ms, 'survey_answers' || ending, name, survey, account, count(*)
FROM heard
JOIN survey_spans USING (edge_ms)
WHERE family = 'survey_answers' AND answered_ms >= start_ms
GROUP BY ALL;

-- "for each survey sent in it", but to the vendor's own staff
CREATE TABLE sends AS
SELECT asked.*
FROM (
    SELECT events.*, coalesce(person, data ->> 'respondent_id') AS respondent
    FROM events
    LEFT JOIN persons ON persons.account = key AND user_id = data ->> 'respondent_id'
    WHERE type = 'survey.sent'
) AS asked
ANTI JOIN staff ON staff.account = key AND staff.person = respondent;

INSERT INTO figures
SELECT edge_ms, 'surveys_sent', name, [], key, count(*)
FROM sends
JOIN windows ON effective_ms >= start_ms AND effective_ms < edge_ms
GROUP BY ALL;

INSERT INTO figures
SELECT
    edge_ms,
    'surveys_sent_by_survey',
    name,
    [
        CASE
            WHEN (data ->> 'survey_id') IS NULL THEN 'none'
            WHEN len(surveys_apart) = 0 OR (data ->> 'survey_id') IN surveys_apart
                THEN data ->> 'survey_id'
            ELSE 'other'
        END
    ],
    key,
    count(*)
FROM sends
JOIN windows ON effective_ms >= start_ms AND effective_ms < edge_ms
CROSS JOIN survey_policy
GROUP BY ALL;
