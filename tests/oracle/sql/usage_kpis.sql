-- KPIs of usage that settings choose among, as numerator and denominator, over all accounts but
-- internal ones. Reads `usage_policy` and `named_features` (usage).

CREATE TABLE usage_totals AS
SELECT edge_ms, measure, labels, sum(figure) AS total
FROM figures
WHERE account NOT IN (FROM internal_accounts) AND "window" = '30d'
GROUP BY ALL;

-- "The weekdays among" the last 30 local days, today included and whole
CREATE TABLE weekday_counts AS
SELECT edge_ms, count(*) FILTER (isodow(make_timestamp(day * 86_400_000_000)) <= 5) AS days
FROM (
    SELECT edge_ms, unnest(range(first_day, first_day + 30)) AS day
    FROM day_windows
    WHERE name = '30d'
)
GROUP BY edge_ms;

-- "Mean daily active users of 30 days, as a share of the users active in them", or "the mean of the
-- weekdays among them"
INSERT INTO quotients
SELECT
    edge_ms,
    'stickiness_ratio',
    ['window=30d'],
    if(
        any_value(stickiness_days) = 'weekdays',
        coalesce(sum(total) FILTER (measure = 'active_user_weekdays'), 0) / any_value(days),
        coalesce(sum(total) FILTER (measure = 'active_user_days'), 0) / 30
    ),
    coalesce(sum(total) FILTER (measure = 'active_users'), 0)
FROM usage_policy, weekday_counts
LEFT JOIN usage_totals USING (edge_ms)
GROUP BY edge_ms;

-- "For each feature, the share of active accounts that used it, or of active users"
CREATE TABLE adopters AS
SELECT edge_ms, labels[1] AS feature, total
FROM usage_policy, usage_totals
WHERE measure = if(adoption_unit = 'users', 'feature_users', 'feature_accounts');

CREATE TABLE actives AS
SELECT edge_ms, coalesce(sum(total), 0) AS total
FROM usage_policy, edges
LEFT JOIN usage_totals
    USING (edge_ms)
WHERE coalesce(measure, 'active_' || adoption_unit) = 'active_' || adoption_unit
GROUP BY edge_ms;

INSERT INTO quotients
SELECT
    edge_ms,
    'feature_adoption_ratio',
    ['feature=' || feature, 'window=30d'],
    adopters.total,
    coalesce(actives.total, 0)
FROM adopters
LEFT JOIN actives USING (edge_ms);

-- "The mean over active accounts (or users) of the core features in use, as a share of all core
-- features", which are those named by then, or, with none named, those that anybody used
CREATE TABLE core_now AS
SELECT edge_ms, feature
FROM edges
JOIN named_features ON since_ms < edge_ms AND until_ms >= edge_ms
UNION ALL
SELECT edge_ms, feature
FROM adopters
WHERE NOT EXISTS (FROM named_features);

INSERT INTO quotients
SELECT
    edge_ms,
    'product_adoption_ratio',
    ['window=30d'],
    coalesce(sum(adopters.total), 0),
    coalesce(any_value(actives.total), 0) * count(core_now.feature)
FROM edges
LEFT JOIN core_now USING (edge_ms)
LEFT JOIN adopters USING (edge_ms, feature)
LEFT JOIN actives USING (edge_ms)
GROUP BY edge_ms;
