-- The windows at each reading. Reads the table `edges` (edge_ms: the instant T, exclusive; UTC).

-- "month is the calendar month that holds the last instant before T"; quarter and year likewise; the
-- others are n times 24 h.
CREATE TABLE windows AS
SELECT
    edge_ms,
    name,
    epoch_ms(date_trunc(name, make_timestamp((edge_ms - 1) * 1000))) AS start_ms
FROM edges, unnest(['month', 'quarter', 'year']) AS period (name)
UNION ALL
SELECT edge_ms, days || 'd', edge_ms - days * 86_400_000
FROM edges, unnest([1, 7, 30, 90, 365]::BIGINT[]) AS span (days);

-- "Days in the reporting time zone": the local days, UTC here, that end with the one of T's last
-- instant.
CREATE TABLE day_windows AS
SELECT edge_ms, days || 'd' AS name, (edge_ms - 1) // 86_400_000 - days + 1 AS first_day
FROM edges, unnest([1, 7, 30]) AS span (days);

-- The windows of what is divided by those who were active on local days: as many days, today included.
CREATE TABLE local_windows AS
SELECT
    edge_ms,
    name,
    CASE
        WHEN name LIKE '%d'
            THEN ((edge_ms - 1) // 86_400_000 - rtrim(name, 'd')::BIGINT + 1) * 86_400_000
        ELSE start_ms
    END AS start_ms
FROM windows;

-- Every figure by account; "" is the window of a figure of the moment.
CREATE TABLE figures (
    edge_ms BIGINT, measure VARCHAR, "window" VARCHAR, labels VARCHAR[], account VARCHAR,
    figure HUGEINT
);
