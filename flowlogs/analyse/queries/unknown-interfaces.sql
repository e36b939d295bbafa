-- title: Interfaces the inventory lacks
-- question: Of which interfaces are there records, but nothing is known of their security groups?
-- limits: what-the-inventory-knows
-- parameter: limit count = 100: Rows at most
SELECT
    account_id,
    interface_id,
    count(*) AS records,
    CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS total_bytes,
    utc_time(min("start")) AS first_seen,
    utc_time(max("end")) AS last_seen
FROM seen
WHERE interface_id IS NOT NULL AND security_group_ids IS NULL
GROUP BY account_id, interface_id
ORDER BY records DESC, interface_id, account_id
LIMIT $limit
