-- Those who may become customers: visitors, referrals.

-- The setting: days after a visit in which a goal is its outcome; 0 is a session of 30 minutes.
CREATE TABLE IF NOT EXISTS prospect_policy AS SELECT NULL::BIGINT AS conversion_days;

-- "A visitor counts if it was seen, or reached a goal, in the window"; "distinct visitors reaching
-- goal; goal counted once"
CREATE TABLE visits AS
SELECT
    key AS account,
    coalesce(data ->> 'visitor_id', subject) AS visitor,
    data ->> 'goal' AS goal,
    effective_ms
FROM events
WHERE type IN ('visitor.seen', 'goal.converted');

INSERT INTO figures
SELECT edge_ms, 'visitors', name, [], account, count(DISTINCT visitor)
FROM visits
JOIN windows ON effective_ms >= start_ms AND effective_ms < edge_ms
WHERE name = '30d'
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'converted_visitors', name, [goal], account, count(DISTINCT visitor)
FROM visits AS reached
JOIN windows ON effective_ms >= start_ms AND effective_ms < edge_ms
CROSS JOIN prospect_policy
WHERE name = '30d'
    AND goal IS NOT NULL
    AND (
        conversion_days IS NULL
        OR EXISTS (
            FROM visits AS seen
            WHERE seen.goal IS NULL
                AND seen.account = reached.account
                AND seen.visitor = reached.visitor
                AND reached.effective_ms BETWEEN seen.effective_ms AND seen.effective_ms
                    + if(conversion_days = 0, 30 * 60_000, conversion_days * 86_400_000)
        )
    )
GROUP BY ALL;

-- Each referral as known at T: the account that it names, if it names one.
CREATE TABLE referrals AS
WITH facts AS (
    SELECT
        key AS account,
        coalesce(data ->> 'referral_id', subject) AS referral,
        type,
        -- "Whom an account has referred stays named as it was told"; itself by any of its ids
        CASE WHEN root = key THEN key ELSE data ->> 'referred_account_id' END AS referred,
        effective_ms,
        place
    FROM events
    LEFT JOIN merged_accounts ON merged_accounts.account = data ->> 'referred_account_id'
    WHERE type IN ('referral.created', 'referral.converted')
)
SELECT
    edge_ms,
    account,
    coalesce(
        'account ' || arg_max(referred, place) FILTER (referred IS NOT NULL),
        'referral ' || referral
    ) AS goes_to,
    min(effective_ms) FILTER (type = 'referral.created') AS created_ms,
    min(effective_ms) FILTER (type = 'referral.converted') AS converted_ms
FROM facts
JOIN edges ON effective_ms < edge_ms
GROUP BY edge_ms, account, referral;

-- "Self-referral and duplicates out"
CREATE TABLE distinct_referrals AS
SELECT
    edge_ms,
    account,
    goes_to,
    -- "by referred account"; one that names none is itself, of the account that made it
    if(
        starts_with(goes_to, 'account '),
        substr(goes_to, 9),
        account || chr(10) || substr(goes_to, 10)
    ) AS won,
    min(created_ms) AS created_ms,
    min(converted_ms) AS converted_ms
FROM referrals
WHERE goes_to <> 'account ' || account
GROUP BY ALL;

INSERT INTO figures
SELECT edge_ms, 'referrals', name, [], account, count(*)
FROM distinct_referrals
JOIN windows USING (edge_ms)
WHERE created_ms >= start_ms AND name IN ('month', '30d')
GROUP BY ALL
UNION ALL
SELECT edge_ms, 'referred_accounts', name, [won], account, count(*)
FROM distinct_referrals
JOIN windows USING (edge_ms)
WHERE converted_ms >= start_ms AND name IN ('month', '30d')
GROUP BY ALL;
