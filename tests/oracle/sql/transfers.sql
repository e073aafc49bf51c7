-- Transferred MRR: what accounts hand over and take. Reads `events` and `windows`; the stories for it
-- have one price a subscription, by the month, and no other change within an hour of a transfer.

CREATE TABLE prices AS
SELECT
    key AS account,
    data ->> 'subscription_id' AS sub,
    data ->> 'replaces_subscription_id' AS replaced,
    effective_ms AS begin_ms,
    (data ->> '$.items[0].amount')::BIGINT * 10_000 AS micros
FROM events
WHERE type = 'subscription.created';

-- "Between two accounts that turn out to be one it never happened, and one that names an account by
-- an old id is of the surviving one."
CREATE TABLE moves AS
SELECT
    key AS leaving,
    coalesce(root, data ->> 'into_account_id') AS taking,
    data ->> 'subscription_id' AS sub,
    effective_ms AS at_ms
FROM events
LEFT JOIN merged_accounts ON account = data ->> 'into_account_id'
WHERE type = 'subscription.transferred' AND key <> coalesce(root, data ->> 'into_account_id');

-- "Under the account that it leaves it ends here"; "its states are told under the other account from
-- then on, by its own id or by one that replaces it; what the first of them counts has come along".
CREATE TABLE transfers AS
SELECT leaving AS account, at_ms, -micros AS micros
FROM moves
JOIN prices ON account = leaving AND prices.sub = moves.sub
UNION ALL
SELECT taking, begin_ms, micros
FROM moves
JOIN prices ON account = taking AND moves.sub IN (prices.sub, replaced);

INSERT INTO figures
SELECT edge_ms, 'transferred_mrr', name, [], account, sum(micros)
FROM windows
JOIN transfers ON at_ms >= start_ms AND at_ms < edge_ms
GROUP BY ALL;
