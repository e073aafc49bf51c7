-- Movements: why an account's MRR changed, window by window, as they add up.

-- MRR is the account's: "Account MRR = sum of subscriptions".
CREATE TABLE turns AS
WITH compared AS (
    SELECT
        *,
        -- what new exchange rates made of it is no other movement
        coalesce(lag(mrr) OVER own, 0) + fx AS mrr_before
    FROM changes
    WINDOW own AS (PARTITION BY account, sub ORDER BY turn)
)
SELECT
    *,
    sum(mrr - mrr_before + fx) OVER account_turns AS account_mrr,
    account_mrr > 0 OR is_kept AS is_paying
FROM compared
WINDOW account_turns AS (PARTITION BY account ORDER BY turn);

-- "Group by first event + 60 min effective time, classify before/after": of the changes of a group
-- those that lie inside a window are one movement, from the first of them to the last.
CREATE TABLE seen_groups AS
SELECT
    edge_ms,
    name,
    account,
    first_turn AS group_turn,
    min(turn) AS first_turn,
    max(turn) AS turn
FROM windows
JOIN turns ON at_ms >= start_ms AND at_ms < edge_ms
WHERE first_turn IS NOT NULL
GROUP BY ALL;

-- Groups as of each of their changes, and as of the last that a window holds.
CREATE TABLE members AS
SELECT account, first_turn AS group_turn, first_turn, turn FROM turns WHERE first_turn IS NOT NULL
UNION
SELECT account, group_turn, first_turn, turn FROM seen_groups;

-- Each subscription of the account: before and now. What was there before is revalued inside.
CREATE TABLE member_subs AS
WITH states AS (
    SELECT
        members.account,
        members.first_turn,
        members.turn,
        own.sub,
        coalesce(arg_max(own.mrr, own.turn) FILTER (own.turn < members.first_turn), 0)::HUGEINT
            AS held,
        coalesce(sum(own.offered_fx) FILTER (own.turn >= members.first_turn), 0)::HUGEINT
            AS offered,
        coalesce(arg_max(own.is_paused, own.turn) FILTER (own.turn < members.first_turn), false)
            AS was_paused,
        coalesce(arg_max(own.is_free, own.turn) FILTER (own.turn < members.first_turn), false)
            AS was_free,
        arg_max(own.mrr, own.turn) AS pays,
        arg_max(own.is_paused, own.turn) AS is_paused,
        arg_max(own.is_free, own.turn) AS is_free,
        arg_max(own.place, own.turn) AS place
    FROM members
    JOIN turns AS own ON own.account = members.account AND own.turn <= members.turn
    GROUP BY ALL
)
SELECT *, if(held > 0, offered, 0)::HUGEINT AS fx, held + fx AS paid
FROM states;

CREATE TABLE group_turns AS
-- "the ending reason": of the subscription that ended last, by a fact or by what it came to
WITH ends AS (
    SELECT
        members.account,
        members.first_turn,
        members.turn,
        own.turn AS end_turn,
        own.is_involuntary,
        own.mrr = 0
            AND max(greatest(own.mrr, own.mrr_before)) OVER so_far > 0
            AND (
                own.mrr_before > 0
                OR own.place <> coalesce(lag(own.place) OVER so_far, own.place)
            ) AS has_ended
    FROM members
    JOIN turns AS own
        ON own.account = members.account
        AND own.turn BETWEEN members.first_turn AND members.turn
    WINDOW so_far AS (
        PARTITION BY members.account, members.first_turn, members.turn, own.sub ORDER BY own.turn
    )
),
reasons AS (
    SELECT account, first_turn, turn, arg_max(is_involuntary, end_turn) AS is_involuntary
    FROM ends
    WHERE has_ended
    GROUP BY ALL
),
summed AS (
    SELECT
        account,
        first_turn,
        turn,
        sum(paid)::HUGEINT AS revenue_before,
        sum(fx)::HUGEINT AS fx,
        coalesce(sum(pays) FILTER (was_paused), 0)::HUGEINT AS resumed,
        coalesce(sum(paid) FILTER (is_paused), 0)::HUGEINT AS paused,
        coalesce(bool_and(is_paused) FILTER (paid > 0), false) AS all_paused,
        bool_or(was_free) AS was_free
    FROM member_subs
    GROUP BY ALL
)
SELECT
    summed.*,
    coalesce(reasons.is_involuntary, false) AS is_involuntary,
    now.at_ms,
    now.account_mrr AS revenue,
    now.is_customer,
    now.has_paid,
    coalesce(past.is_customer, false) AS was_customer,
    -- "any gap" is one, or from so many days on: since the account last ceased to pay
    coalesce(
        begun.at_ms - (
            SELECT max(at_ms)
            FROM turns
            WHERE turns.account = summed.account AND turn < summed.first_turn
                AND account_mrr = 0 AND account_mrr - (mrr - mrr_before) > 0
        ) < reactivation_min_days * 86_400_000::BIGINT,
        false
    ) AS is_soon
FROM revenue_policy, summed
JOIN turns AS now ON now.account = summed.account AND now.turn = summed.turn
JOIN turns AS begun ON begun.account = summed.account AND begun.turn = summed.first_turn
LEFT JOIN turns AS past ON past.account = summed.account AND past.turn = summed.first_turn - 1
LEFT JOIN reasons
    ON reasons.account = summed.account AND reasons.first_turn = summed.first_turn
    AND reasons.turn = summed.turn;

-- The table of classification; "new, churn, reactivation before the comparison of sizes".
CREATE TABLE classified AS
WITH parted AS (
    SELECT *, revenue - revenue_before AS rise, revenue_before - revenue AS fall
    FROM group_turns
),
kinds AS (
    SELECT
        *,
        CASE
            -- 0 -> > 0, never paid: new
            WHEN revenue_before = 0 AND revenue > 0 AND NOT has_paid
                THEN [{'name': 'new_mrr', 'amount': rise}]
            -- 0 -> > 0, on a free plan that kept the customer: expansion
            WHEN revenue_before = 0 AND revenue > 0 AND was_free
                THEN [
                    {'name': 'expansion_mrr upgrade', 'amount': rise},
                    {'name': 'upsells', 'amount': 1}
                ]
            -- 0 -> > 0, paused, or away for too short a time: expansion, reason resume
            WHEN revenue_before = 0 AND revenue > 0 AND (was_customer OR is_soon)
                THEN [{'name': 'expansion_mrr resume', 'amount': rise}]
            -- 0 -> > 0, paid before: reactivation
            WHEN revenue_before = 0 AND revenue > 0
                THEN [{'name': 'reactivation_mrr', 'amount': rise}]
            -- > 0 -> 0, and no customer any more: churn
            WHEN revenue_before > 0 AND revenue = 0 AND NOT is_customer
                THEN [
                    {
                        'name': 'churned_mrr '
                            || if(is_involuntary, 'involuntary', 'voluntary'),
                        'amount': fall
                    }
                ]
            -- > 0 -> 0, pause: contraction, reason pause
            WHEN revenue_before > 0 AND revenue = 0 AND all_paused
                THEN [{'name': 'contraction_mrr pause', 'amount': fall}]
            -- > 0 -> 0, to a free plan that keeps the customer: contraction
            WHEN revenue_before > 0 AND revenue = 0
                THEN [
                    {'name': 'contraction_mrr downgrade', 'amount': fall},
                    {'name': 'downgrades', 'amount': 1}
                ]
            -- > 0 -> larger: expansion, of what was paused a resumption
            WHEN rise > 0
                THEN [
                    {'name': 'expansion_mrr resume', 'amount': least(rise, resumed)},
                    {'name': 'expansion_mrr upgrade', 'amount': rise - least(rise, resumed)},
                    {'name': 'upsells', 'amount': (rise > resumed)::INTEGER}
                ]
            -- > 0 -> smaller: contraction, of what is paused a pause
            WHEN fall > 0
                THEN [
                    {'name': 'contraction_mrr pause', 'amount': least(fall, paused)},
                    {'name': 'contraction_mrr downgrade', 'amount': fall - least(fall, paused)},
                    {'name': 'downgrades', 'amount': (fall > paused)::INTEGER}
                ]
            ELSE []
        END AS revenue_moved
    FROM parted
)
SELECT
    account,
    first_turn,
    turn,
    at_ms,
    unnest(
        list_concat(
            revenue_moved,
            [
                {'name': 'fx_mrr', 'amount': fx},
                {
                    'name': 'new_accounts',
                    'amount': (is_customer AND NOT was_customer AND NOT has_paid)::INTEGER
                },
                {
                    'name': 'returns',
                    'amount': (is_customer AND NOT was_customer AND has_paid)::INTEGER
                },
                -- also of who paid nothing any more: "cancelled during or after a pause is churned"
                {'name': 'churns', 'amount': (was_customer AND NOT is_customer)::INTEGER}
            ]
        )
    ) AS moved
FROM kinds;

-- What each window saw; "fx" outside of groups by itself.
CREATE TABLE window_moves AS
SELECT
    edge_ms,
    seen_groups.name,
    seen_groups.account,
    moved.name AS kind,
    sum(moved.amount)::HUGEINT AS amount
FROM seen_groups
JOIN classified USING (account, first_turn, turn)
GROUP BY ALL
UNION ALL
SELECT edge_ms, name, account, 'fx_mrr', sum(fx)::HUGEINT
FROM windows
JOIN turns ON at_ms >= start_ms AND at_ms < edge_ms
WHERE first_turn IS NULL AND fx <> 0
GROUP BY ALL;

-- A group that goes on is classified anew: the new movement takes the place of the one before.
CREATE TABLE entries AS
WITH next_turns AS (
    SELECT
        account,
        turn,
        lead(at_ms) OVER (PARTITION BY account, first_turn ORDER BY turn) AS next_ms
    FROM turns
    WHERE first_turn IS NOT NULL
),
wholes AS (
    SELECT classified.*
    FROM classified
    JOIN turns USING (account, first_turn, turn)
    WHERE moved.name <> 'fx_mrr'
)
SELECT account, at_ms, moved.name AS name, moved.amount::HUGEINT AS amount
FROM wholes
UNION ALL
SELECT account, next_ms, moved.name, -moved.amount::HUGEINT
FROM wholes
JOIN next_turns USING (account, turn)
WHERE next_ms IS NOT NULL
UNION ALL
SELECT account, at_ms, 'fx_mrr', fx
FROM changes
WHERE fx <> 0
UNION ALL
SELECT
    account,
    at_ms,
    'paying',
    is_paying::INTEGER - coalesce(lag(is_paying) OVER (PARTITION BY account ORDER BY turn), false)::INTEGER
FROM turns
UNION ALL
SELECT
    account,
    at_ms,
    unnest(['mrr', 'billed_mrr', 'committed_mrr', 'past_due_mrr']),
    unnest([
        mrr - coalesce(lag(mrr) OVER own, 0),
        billed - coalesce(lag(billed) OVER own, 0),
        committed - coalesce(lag(committed) OVER own, 0),
        past_due - coalesce(lag(past_due) OVER own, 0)
    ])
FROM changes
WINDOW own AS (PARTITION BY account, sub ORDER BY turn)
UNION ALL
-- "How often cancel was clicked"
SELECT key, coalesce(instant(data ->> 'canceled_at'), effective_ms), 'cancellations', 1
FROM events
WHERE type = 'subscription.cancellation_requested';
