-- Health: of each account that pays, what each component says, and the score that they make.
-- Reads what other files built: `balances`, `entries`, `terms`, `term_spans` (revenue, renewals),
-- `active_days` (usage), `tickets`, `ticket_states`, `answers`.

-- "an account has a score at T if it pays at T"
CREATE TABLE payers AS
SELECT edge_ms, account, mrr
FROM balances
JOIN edges ON edge_ms = moment_ms
WHERE mrr > 0;

-- One row for each thing that has data; a component is "the mean of the points of" its signals.
CREATE TABLE health_signals (edge_ms BIGINT, account VARCHAR, component VARCHAR, points BIGINT);

-- Usage ----------------------------------------------------------------------------------------

-- "Both are of the 30 whole local days before today", today being the day of T's last instant
CREATE TABLE todays AS
SELECT edge_ms, (edge_ms - 1) // 86_400_000 AS today
FROM edges;

CREATE TABLE months_of_use AS
SELECT
    edge_ms,
    account,
    count(DISTINCT person) FILTER (day >= today - 30) AS users,
    count(*) FILTER (day >= today - 30) AS user_days
FROM todays
JOIN active_days ON day < today
GROUP BY ALL;

CREATE TABLE seats_of_yesterday AS
SELECT edge_ms, key AS account, arg_max((data ->> 'seats')::INTEGER, place) AS seats
FROM todays
JOIN events ON effective_ms < today * 86_400_000
WHERE type = 'seats.set'
GROUP BY ALL;

-- "monthly active users as a share of seats": poor below 50 %, good from 80 % on; "while seats are
-- known"
INSERT INTO health_signals
SELECT
    edge_ms,
    account,
    'usage',
    CASE
        WHEN 100 * coalesce(users, 0) >= 80 * seats THEN 100
        WHEN 100 * coalesce(users, 0) >= 50 * seats THEN 50
        ELSE 0
    END
FROM seats_of_yesterday
LEFT JOIN months_of_use USING (edge_ms, account)
WHERE seats > 0;

-- "mean daily as a share of monthly active users": poor below 10 %, good from 20 % on; "from the
-- morning after the first active day on"; 0 "where nobody is active any more"
INSERT INTO health_signals
SELECT
    edge_ms,
    account,
    'usage',
    CASE
        WHEN users = 0 THEN 0
        WHEN 100 * user_days >= 20 * (30 * users) THEN 100
        WHEN 100 * user_days >= 10 * (30 * users) THEN 50
        ELSE 0
    END
FROM months_of_use;

-- Support --------------------------------------------------------------------------------------

-- Good up to one unsolved ticket, poor above 4 or with one that was escalated; good up to 3 tickets
-- of 90 days, poor above 9. "Undefined before the first ticket."
INSERT INTO health_signals
WITH escalated AS (
    SELECT DISTINCT edge_ms, account, ticket
    FROM ticket_states
    JOIN edges ON effective_ms < edge_ms
    WHERE kind = 'escalated'
),
counted AS (
    SELECT
        edge_ms,
        tickets.account,
        count(*) FILTER (NOT is_solved AND NOT is_out) AS unsolved,
        count(escalated.ticket) FILTER (NOT is_solved AND NOT is_out) AS urgent,
        count(*) FILTER (NOT is_out AND created_ms >= edge_ms - 90 * 86_400_000::BIGINT) AS lately
    FROM tickets
    LEFT JOIN escalated USING (edge_ms, account, ticket)
    GROUP BY ALL
)
SELECT
    edge_ms,
    account,
    'support',
    unnest([
        CASE
            WHEN urgent > 0 OR unsolved > 4 THEN 0
            WHEN unsolved > 1 THEN 50
            ELSE 100
        END,
        CASE
            WHEN lately > 9 THEN 0
            WHEN lately > 3 THEN 50
            ELSE 100
        END
    ])
FROM counted;

-- Sentiment ------------------------------------------------------------------------------------

-- "the latest answer to an NPS or CSAT survey that stands and is not older than" 180 days, "as a
-- share of its scale"; that of NPS goes from 0 to 10
INSERT INTO health_signals
SELECT
    edge_ms,
    account,
    'sentiment',
    floor(
        if(survey_type = 'nps', 10 * score, 100 * (score - lowest) / (highest - lowest)) + 0.5
    )
FROM (
    FROM answers
    WHERE survey_type IN ('nps', 'csat')
    QUALIFY row_number() OVER (
        PARTITION BY edge_ms, account ORDER BY answered_ms DESC, place DESC
    ) = 1
)
WHERE answered_ms >= edge_ms - 180 * 86_400_000::BIGINT;

-- Commercial -----------------------------------------------------------------------------------

-- "0 points while a payment is late"
CREATE TABLE late_payers AS
SELECT edge_ms, account
FROM edges
JOIN entries ON at_ms < edge_ms
WHERE name = 'past_due_mrr'
GROUP BY ALL
HAVING sum(amount) > 0;

-- "if it downgraded in the last 90 days": what was taken back within its group was no downgrade
CREATE TABLE shrunk AS
SELECT edge_ms, account
FROM window_moves
WHERE name = '90d' AND kind = 'downgrades'
GROUP BY ALL
HAVING sum(amount) > 0;

-- "if the renewal of a long term, due within 90 days or overdue, is open": nothing decided it, the
-- days of grace are not over, nor is the subscription; long is what is told half a year ahead
CREATE TABLE undecided AS
SELECT DISTINCT edge_ms, terms.account
FROM edges, terms
JOIN term_spans AS span ON span.account = terms.account AND span.sub = terms.sub
WHERE due_ms - known_ms >= 180 * 86_400_000::BIGINT
    AND known_ms < edge_ms
    AND due_ms - 90 * 86_400_000::BIGINT < edge_ms
    AND decided_ms >= edge_ms
    AND due_ms + 30 * 86_400_000::BIGINT >= edge_ms
    AND coalesce(closed_ms >= edge_ms, true)
    AND span.begin_ms < edge_ms
    AND over_ms >= edge_ms
    AND NOT EXISTS (
        FROM replacements AS signed
        WHERE signed.account = terms.account AND signed.sub = terms.sub
            AND signed.begin_ms < edge_ms AND edge_ms <= least(signed.over_ms, due_ms)
    );

-- "Undefined before the first subscription": those that pay have one
INSERT INTO health_signals
SELECT
    edge_ms,
    account,
    'commercial',
    CASE
        WHEN (edge_ms, account) IN (FROM late_payers) THEN 0
        WHEN (edge_ms, account) IN (FROM shrunk) THEN 50
        WHEN (edge_ms, account) IN (FROM undecided) THEN 50
        ELSE 100
    END
FROM payers;

-- The score ------------------------------------------------------------------------------------

CREATE TABLE health_components AS
SELECT edge_ms, account, component, avg(points)::BIGINT AS points
FROM health_signals
SEMI JOIN payers USING (edge_ms, account)
GROUP BY ALL;

-- "the score that somebody set", "of several in force the latest", "until it expires": "left out,
-- with the next one"
CREATE TABLE judgements_in_force AS
WITH judgements AS (
    SELECT
        *,
        coalesce(
            instant(data ->> 'until'),
            lead(effective_ms) OVER (PARTITION BY key ORDER BY place)
        ) AS end_ms
    FROM events
    WHERE type = 'health.override_set'
)
SELECT edge_ms, key AS account, arg_max((data ->> 'score')::DOUBLE, place) AS score
FROM judgements
JOIN edges ON effective_ms < edge_ms
WHERE coalesce(end_ms >= edge_ms, true)
GROUP BY ALL;

-- "sum of weight x points over the sum of weights, both over components with data"
CREATE TABLE scores AS
WITH weights (component, weight) AS (
    VALUES ('usage', 40), ('support', 20), ('sentiment', 20), ('commercial', 20)
),
means AS (
    SELECT edge_ms, account, sum(weight * points) / sum(weight) AS score
    FROM health_components
    JOIN weights USING (component)
    GROUP BY ALL
)
SELECT edge_ms, account, mrr, coalesce(judged.score, means.score) AS score
FROM payers
JOIN means USING (edge_ms, account)
LEFT JOIN judgements_in_force AS judged USING (edge_ms, account);

-- "in hundredths of a point, rounded half up"
INSERT INTO figures
SELECT edge_ms, 'health_points', '', [], account, floor(100 * score + 0.5)
FROM scores;

-- "Red up to 50, yellow up to 75, green above": "the band is that of the exact score"
INSERT INTO figures
SELECT
    edge_ms,
    unnest(['health_accounts', 'health_mrr']),
    '',
    [CASE WHEN score <= 50 THEN 'red' WHEN score <= 75 THEN 'yellow' ELSE 'green' END],
    account,
    unnest([1, mrr])
FROM scores;

INSERT INTO figures
SELECT
    edge_ms,
    unnest(['health_component_points', 'health_component_accounts']),
    '',
    [component],
    account,
    unnest([points, 1])
FROM health_components;
