-- Seats, and who is active on them. Reads `people_policy`, `present`, `life_cycles` (usage) and
-- `dated_facts` (changes).

-- "Of each account the number last set before T"
INSERT INTO figures
SELECT edge_ms, 'seats', '', [], key, arg_max((data ->> 'seats')::INTEGER, place)
FROM events
JOIN edges ON effective_ms < edge_ms
WHERE type = 'seats.set'
GROUP BY ALL;

-- "One that had subscriptions, and of whose subscriptions none goes on, has left"; one goes on "on
-- trial, active, past due or paused", until the end that its state tells
CREATE TABLE accounts_that_left AS
SELECT edge_ms, account
FROM (
    SELECT
        account,
        begin_ms,
        least(end_ms, cancel_ms) AS over_ms
    FROM dated_facts
    WHERE status IN ('active', 'past_due', 'trialing', 'paused')
        AND begin_ms // 900_000 < coalesce(least(end_ms, cancel_ms), 4e12::BIGINT) // 900_000
)
JOIN edges ON begin_ms < edge_ms
GROUP BY ALL
HAVING NOT bool_or(coalesce(over_ms, edge_ms) >= edge_ms);

-- "By the policy all that were told count"
CREATE TABLE licences AS
SELECT edge_ms, account, figure AS seats
FROM people_policy, figures
WHERE measure = 'seats' AND figure > 0
    AND (
        seat_accounts = 'told' OR (edge_ms, account) NOT IN (FROM accounts_that_left)
    );

INSERT INTO figures
SELECT edge_ms, 'licensed_seats', '', [], account, seats
FROM licences;

-- "Seated users were active in the last 30 local days, are users at T, and are of an account with
-- licensed seats then"
INSERT INTO figures
SELECT edge_ms, 'seated_active_users', '30d', [], account, count(*)
FROM life_cycles
JOIN licences USING (edge_ms, account)
SEMI JOIN present USING (edge_ms, account, person)
WHERE is_active
GROUP BY ALL;
