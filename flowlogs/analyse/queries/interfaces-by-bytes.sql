-- title: Busiest interfaces
-- question: Which interfaces recorded the most bytes, whose are they, and how much went each way?
-- limits: overlapping-flow-logs, direction
-- parameter: limit count = 10: Rows at most
SELECT
    account_id,
    interface_id,
    max(instance_id) AS instance_id,
    max(interface_owner) AS interface_owner,
    max(subnet_id) AS subnet_id,
    count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
    count(*) FILTER (WHERE action = 'REJECT') AS rejected,
    CAST(sum(CASE WHEN interface_end = 'destination' THEN bytes ELSE 0 END) AS BIGINT) AS bytes_in,
    CAST(sum(CASE WHEN interface_end = 'source' THEN bytes ELSE 0 END) AS BIGINT) AS bytes_out,
    CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS total_bytes
FROM seen
WHERE coalesce(log_status, 'OK') = 'OK'
GROUP BY account_id, interface_id
ORDER BY total_bytes DESC, interface_id, account_id
LIMIT $limit
