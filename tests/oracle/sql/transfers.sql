-- Transferred MRR: what merged accounts hand over and take. Reads `events` and `windows`; the stories
-- for it have one price a subscription, by the month, and no other change within an hour of a merge.

-- "Merges must not create churn or new business."
CREATE TABLE merges AS
SELECT
    key AS leaving,
    data ->> 'into_account_id' AS taking,
    min(effective_ms) AS merged_ms
FROM events
WHERE type = 'account.merged'
GROUP BY ALL;

CREATE TABLE prices AS
SELECT
    key AS account,
    data ->> 'subscription_id' AS sub,
    data ->> 'replaces_subscription_id' AS replaced,
    effective_ms AS begin_ms,
    (data ->> '$.items[0].amount')::BIGINT * 10_000 AS micros
FROM events
WHERE type = 'subscription.created';

-- "Group by first event + 60 min": what ends up to an hour before the merge, or since, goes over to
-- the other account; a subscription there that replaces one of another account has come along.
CREATE TABLE transfers AS
SELECT account, deletions.effective_ms AS at_ms, -micros AS micros
FROM events AS deletions
JOIN prices ON account = key AND sub = data ->> 'subscription_id'
JOIN merges ON leaving = account
WHERE type = 'subscription.deleted' AND merged_ms <= deletions.effective_ms + 60 * 60_000
UNION ALL
SELECT account, begin_ms, micros
FROM prices
JOIN (SELECT taking, min(merged_ms) AS merged_ms FROM merges GROUP BY ALL) ON taking = account
WHERE replaced IS NOT NULL
    AND merged_ms <= begin_ms + 60 * 60_000
    AND NOT EXISTS (
        FROM prices AS own WHERE own.account = prices.account AND own.sub = prices.replaced
    );

INSERT INTO figures
SELECT edge_ms, 'transferred_mrr', name, [], account, sum(micros)
FROM windows
JOIN transfers ON at_ms >= start_ms AND at_ms < edge_ms
GROUP BY ALL;
