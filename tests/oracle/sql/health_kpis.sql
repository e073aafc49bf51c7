-- Health as numerator and denominator, over all accounts but internal ones.

-- "Mean health of the accounts that pay, 0 to 100"
INSERT INTO quotients
SELECT
    edge_ms,
    'health_score',
    [],
    sum(figure) FILTER (measure = 'health_points') / 100,
    sum(figure) FILTER (measure = 'health_accounts')
FROM figures
WHERE measure IN ('health_points', 'health_accounts')
    AND account NOT IN (FROM internal_accounts)
GROUP BY edge_ms;

-- "Mean points of one component, over the scored accounts with data on it"
INSERT INTO quotients
SELECT
    edge_ms,
    'health_component_score',
    ['component=' || labels[1]],
    sum(figure) FILTER (measure = 'health_component_points'),
    sum(figure) FILTER (measure = 'health_component_accounts')
FROM figures
WHERE measure IN ('health_component_points', 'health_component_accounts')
    AND account NOT IN (FROM internal_accounts)
GROUP BY edge_ms, labels;
