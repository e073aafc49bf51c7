-- Movements: why an account's MRR changed, as entries (account, at_ms, name, amount) that add up.

-- MRR is the account's: "Account MRR = sum of subscriptions".
CREATE TABLE turns AS
WITH compared AS (
    SELECT
        *,
        -- what new exchange rates made of it is no other movement
        coalesce(lag(mrr) OVER own, 0) + fx AS mrr_before,
        coalesce(lag(is_paused) OVER own, false) AS was_paused,
        coalesce(lag(is_free) OVER own, false) AS was_free,
        max(mrr) OVER (PARTITION BY account ORDER BY turn) > 0 AS has_ever_paid
    FROM changes
    WINDOW own AS (PARTITION BY account, sub ORDER BY turn)
)
SELECT
    *,
    sum(mrr - mrr_before + fx) OVER account_turns AS account_mrr,
    sum(is_paused::INTEGER - was_paused::INTEGER) OVER account_turns AS paused_subs,
    -- "stays active": an account that has paid, and goes on at no price
    account_mrr > 0 OR (
        has_ever_paid AND sum(is_free::INTEGER - was_free::INTEGER) OVER account_turns > 0
    ) AS is_paying
FROM compared
WINDOW account_turns AS (PARTITION BY account ORDER BY turn);

-- "Group by first event + 60 min effective time, classify before/after." What was there before a
-- group is revalued inside it.
CREATE TABLE groups AS
SELECT
    account,
    first_turn,
    min(at_ms) AS begin_ms,
    max(turn) AS last_turn,
    arg_min(account_mrr - (mrr - mrr_before), turn) AS revenue_before,
    arg_max(account_mrr, turn) AS revenue_after
FROM turns
WHERE first_turn IS NOT NULL
GROUP BY ALL;

-- As of each change of a group, each subscription of the account: before the group and now.
CREATE TABLE group_turns AS
WITH members AS (
    SELECT
        groups.* EXCLUDE (revenue_before),
        turns.turn,
        at_ms,
        account_mrr AS revenue,
        revenue_before
            + sum(if(turns.turn > groups.first_turn, fx, 0)) OVER (
                PARTITION BY groups.account, groups.first_turn ORDER BY turns.turn
            ) AS revenue_before
    FROM groups
    JOIN turns ON turns.account = groups.account AND turns.first_turn = groups.first_turn
),
subs AS (
    SELECT
        members.account,
        members.first_turn,
        members.turn,
        sub,
        coalesce(arg_max(mrr, own.turn) FILTER (own.turn < members.first_turn), 0)
            + coalesce(sum(fx) FILTER (own.turn >= members.first_turn), 0) AS paid,
        coalesce(arg_max(is_paused, own.turn) FILTER (own.turn < members.first_turn), false)
            AS was_paused,
        coalesce(arg_max(is_free, own.turn) FILTER (own.turn < members.first_turn), false)
            AS was_free,
        arg_max(mrr, own.turn) AS pays,
        arg_max(is_paused, own.turn) AS is_paused,
        arg_max(is_free, own.turn) AS is_free
    FROM members
    JOIN turns AS own ON own.account = members.account AND own.turn <= members.turn
    GROUP BY ALL
),
-- "the ending reason": of the subscription that ended last, by a fact or by what it came to
ends AS (
    SELECT account, first_turn, turn, is_involuntary
    FROM (
        SELECT
            account,
            first_turn,
            turn,
            sub,
            mrr,
            is_involuntary,
            mrr_before > 0 OR place <> coalesce(lag(place) OVER own, place) AS has_ended,
            max(greatest(mrr, mrr_before)) OVER (
                PARTITION BY account, first_turn, sub ORDER BY turn
            ) > 0 AS has_counted
        FROM turns
        WINDOW own AS (PARTITION BY account, sub ORDER BY turn)
    )
    WHERE first_turn IS NOT NULL AND mrr = 0 AND has_counted AND has_ended
)
SELECT
    members.*,
    coalesce(sum(pays) FILTER (was_paused), 0) AS resumed,
    coalesce(sum(paid) FILTER (is_paused), 0) AS paused,
    coalesce(bool_and(is_paused) FILTER (paid > 0), false) AS all_paused,
    bool_or(was_free) AS was_free,
    bool_or(is_free) AS is_free,
    coalesce(
        (
            SELECT arg_max(is_involuntary, ends.turn)
            FROM ends
            WHERE ends.account = members.account AND ends.first_turn = members.first_turn
                AND ends.turn <= members.turn
        ),
        false
    ) AS is_involuntary
FROM members
JOIN subs USING (account, first_turn, turn)
GROUP BY ALL;

-- What came before a group: whether the account ever paid, and whether it is at 0 because all that
-- paid was paused, some of it still being so.
CREATE TABLE pasts AS
SELECT
    now.account,
    now.first_turn,
    coalesce(bool_or(past.revenue_after > 0), false) AS has_paid,
    coalesce(
        arg_max(past_turn.all_paused, past.first_turn) FILTER (past.revenue_before > 0)
        AND NOT EXISTS (
            FROM turns
            WHERE turns.account = now.account
                AND turn >= max(past.last_turn) FILTER (past.revenue_before > 0)
                AND turn < now.first_turn
                AND account_mrr = 0
                AND paused_subs = 0
        ),
        false
    ) AS is_paused,
    -- "any gap" is one, or from so many days on: since the account last ceased to pay
    coalesce(
        any_value(now.begin_ms) - (
            SELECT max(at_ms)
            FROM turns
            WHERE turns.account = now.account AND turn < now.first_turn
                AND account_mrr = 0 AND account_mrr - (mrr - mrr_before) > 0
        ) < any_value(reactivation_min_days) * 86_400_000::BIGINT,
        false
    ) AS is_soon
FROM revenue_policy, groups AS now
LEFT JOIN groups AS past
    ON past.account = now.account AND past.first_turn < now.first_turn
LEFT JOIN group_turns AS past_turn
    ON past_turn.account = past.account AND past_turn.turn = past.last_turn
GROUP BY now.account, now.first_turn;

-- The table of classification; "new, churn, reactivation before the comparison of sizes".
CREATE TABLE classified AS
WITH parted AS (
    SELECT
        *,
        revenue - revenue_before AS rise,
        revenue_before - revenue AS fall
    FROM group_turns
    JOIN pasts USING (account, first_turn)
)
SELECT
    account,
    first_turn,
    turn,
    at_ms,
    unnest(
        CASE
            -- 0 -> > 0, never paid: new
            WHEN revenue_before = 0 AND revenue > 0 AND NOT has_paid
                THEN [{'name': 'new_mrr', 'amount': rise}, {'name': 'new_accounts', 'amount': 1}]
            -- 0 -> > 0, on a free plan that kept the customer: expansion
            WHEN revenue_before = 0 AND revenue > 0 AND was_free
                THEN [
                    {'name': 'expansion_mrr upgrade', 'amount': rise},
                    {'name': 'upsells', 'amount': 1}
                ]
            -- 0 -> > 0, paused, or away for too short a time: expansion, reason resume
            WHEN revenue_before = 0 AND revenue > 0 AND (is_paused OR is_soon)
                THEN [{'name': 'expansion_mrr resume', 'amount': rise}]
            -- 0 -> > 0, paid before: reactivation
            WHEN revenue_before = 0 AND revenue > 0
                THEN [{'name': 'reactivation_mrr', 'amount': rise}]
            -- > 0 -> 0, pause: contraction, reason pause
            WHEN revenue_before > 0 AND revenue = 0 AND all_paused
                THEN [{'name': 'contraction_mrr pause', 'amount': fall}]
            -- > 0 -> 0, to a free plan that keeps the customer: contraction
            WHEN revenue_before > 0 AND revenue = 0 AND is_free
                THEN [
                    {'name': 'contraction_mrr downgrade', 'amount': fall},
                    {'name': 'downgrades', 'amount': 1}
                ]
            -- > 0 -> 0, else: churn
            WHEN revenue_before > 0 AND revenue = 0
                THEN [
                    {
                        'name': 'churned_mrr '
                            || if(is_involuntary, 'involuntary', 'voluntary'),
                        'amount': fall
                    },
                    {'name': 'churns', 'amount': 1}
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
        END
    ) AS moved
FROM parted;

-- A group that goes on is classified anew: the new movement takes the place of the one before.
CREATE TABLE entries AS
WITH next_turns AS (
    SELECT
        account,
        turn,
        lead(at_ms) OVER (PARTITION BY account, first_turn ORDER BY turn) AS next_ms
    FROM group_turns
)
SELECT account, at_ms, moved.name AS name, moved.amount::HUGEINT AS amount
FROM classified
UNION ALL
SELECT account, next_ms, moved.name, -moved.amount::HUGEINT
FROM classified
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
