-- Plans: what each item comes to by itself, and with that what an account pays for each plan. A
-- subscription's MRR is split over the plans in proportion to what their items come to without
-- discounts: plans in the order of their ids, each up to the running share of the whole, rounded half
-- up. Also subscriptions that are lost, and those inside a term.

CREATE TABLE plan_prices AS
SELECT
    account,
    sub,
    turn,
    plan,
    -- at the exchange rates of the price itself
    sum(
        worth // 100
        * percent_of(licensed_items.currency, if(fx_mode = 'revalue', at_ms, rated_ms))
    )::HUGEINT AS price
FROM revenue_policy, changes
JOIN licensed_items USING (account, sub, place)
GROUP BY ALL;

-- The running share of each plan, as a quotient.
CREATE TABLE plan_shares AS
SELECT
    account,
    sub,
    turn,
    plan,
    sum(price) OVER (PARTITION BY account, sub, turn ORDER BY plan)::HUGEINT AS above,
    sum(price) OVER (PARTITION BY account, sub, turn)::HUGEINT AS below
FROM plan_prices;

-- Each change of a subscription, plan by plan; what has no licensed item is of the plan none.
CREATE TABLE plan_parts AS
SELECT
    account,
    sub,
    turn,
    plan,
    until - coalesce(lag(until) OVER (PARTITION BY account, turn ORDER BY plan), 0) AS part
FROM (
    SELECT
        changes.account,
        changes.sub,
        turn,
        coalesce(plan, 'none') AS plan,
        ((2 * mrr * coalesce(above, 1) + coalesce(below, 1)) // (2 * coalesce(below, 1)))::HUGEINT
            AS until
    FROM changes
    LEFT JOIN plan_shares USING (account, sub, turn)
    WHERE mrr > 0
);

-- By how much each change moves each plan, and whether the subscription comes to it or leaves it.
CREATE TABLE plan_moves AS
SELECT
    account,
    plan,
    at_ms,
    turn,
    part - coalesce(lag(part) OVER own, 0) AS rise,
    (part > 0)::INTEGER - coalesce((lag(part) OVER own > 0)::INTEGER, 0) AS subs
FROM (
    SELECT account, sub, turn, at_ms, plan, coalesce(part, 0) AS part
    FROM changes
    JOIN (SELECT DISTINCT account, sub, plan FROM plan_parts) USING (account, sub)
    LEFT JOIN plan_parts USING (account, sub, turn, plan)
)
WINDOW own AS (PARTITION BY account, sub, plan ORDER BY turn);

-- An account against itself, "from one quarter of an hour to the next".
CREATE TABLE plan_tiles AS
SELECT
    account,
    plan,
    tile * 900_000 AS tile_ms,
    rise,
    subs,
    sum(rise) OVER (PARTITION BY account, plan ORDER BY tile) AS now,
    now - rise AS before
FROM (
    SELECT account, plan, at_ms // 900_000 AS tile, sum(rise) AS rise, sum(subs) AS subs
    FROM plan_moves
    GROUP BY ALL
);

INSERT INTO figures
SELECT
    edge_ms,
    unnest(['plan_mrr', 'plan_subscriptions', 'plan_accounts']),
    '',
    [plan],
    account,
    unnest([
        sum(rise)::HUGEINT,
        sum(subs)::HUGEINT,
        (sum(rise) > 0)::HUGEINT
    ])
FROM edges
JOIN plan_tiles ON tile_ms < edge_ms
GROUP BY edge_ms, plan, account;

INSERT INTO figures
SELECT
    edge_ms,
    unnest(['plan_mrr_gained', 'plan_mrr_lost', 'plan_accounts_gained', 'plan_accounts_lost']),
    name,
    [plan],
    account,
    unnest([
        sum(greatest(rise, 0))::HUGEINT,
        sum(greatest(-rise, 0))::HUGEINT,
        sum((before = 0 AND now > 0)::INTEGER)::HUGEINT,
        sum((before > 0 AND now = 0)::INTEGER)::HUGEINT
    ])
FROM windows
JOIN plan_tiles ON tile_ms >= start_ms AND tile_ms < edge_ms
GROUP BY edge_ms, name, plan, account;

-- Subscriptions inside a term whose end is told, as they are at T.
INSERT INTO figures
SELECT edge_ms, 'contracted_mrr', '', [], account, sum(mrr)
FROM (
    SELECT
        edge_ms,
        account,
        sub,
        arg_max(mrr, turn) AS mrr,
        arg_max(place, turn) AS place
    FROM edges
    JOIN changes ON at_ms < edge_ms
    GROUP BY edge_ms, account, sub
)
JOIN term_states USING (account, sub, place)
WHERE term_ms >= edge_ms
GROUP BY edge_ms, account;

-- Subscriptions that paid before the changes of a group that a window holds, and pay no more, "not
-- those that are paused, on a free plan that keeps them, or have another in their place".
INSERT INTO figures
SELECT
    edge_ms,
    'churned_subscriptions',
    name,
    [],
    seen_groups.account,
    sum(
        (
            held > 0 AND pays = 0 AND NOT is_paused AND NOT is_free
            AND NOT EXISTS (
                FROM member_subs AS other
                JOIN term_states USING (account, sub, place)
                WHERE other.account = subs.account
                    AND other.first_turn = subs.first_turn
                    AND other.turn = subs.turn
                    AND (other.pays > 0 OR other.is_paused OR other.is_free)
                    AND list_contains(replaces, subs.sub)
            )
        )::INTEGER
    )
FROM seen_groups
JOIN member_subs AS subs USING (account, first_turn, turn)
GROUP BY edge_ms, name, seen_groups.account;
