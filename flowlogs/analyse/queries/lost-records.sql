-- title: Records that AWS lost
-- question: Which interfaces have SKIPDATA records, behind each of which many flows may be missing?
-- limits: no-data-and-skipped-data
-- parameter: limit count = 100: Rows at most
SELECT
    account_id,
    coalesce(interface_id, resource_id) AS interface_id,
    count(*) FILTER (WHERE log_status = 'SKIPDATA') AS skipped,
    count(*) AS records,
    CAST(count(*) FILTER (WHERE log_status = 'SKIPDATA') AS DOUBLE) / count(*) AS skipped_share,
    utc_time(min("start") FILTER (WHERE log_status = 'SKIPDATA')) AS first_skipped,
    utc_time(max("end") FILTER (WHERE log_status = 'SKIPDATA')) AS last_skipped
FROM seen
GROUP BY account_id, coalesce(interface_id, resource_id)
HAVING count(*) FILTER (WHERE log_status = 'SKIPDATA') > 0
ORDER BY skipped DESC, interface_id, account_id
LIMIT $limit
