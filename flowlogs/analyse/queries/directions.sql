-- title: Inbound, outbound, internal
-- question: Which way does the traffic go, and how much of it was accepted?
-- limits: direction
SELECT
    coalesce(direction, 'unknown') AS direction,
    coalesce(interface_end, 'unknown') AS interface_end,
    count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
    count(*) FILTER (WHERE action = 'REJECT') AS rejected,
    CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS total_bytes
FROM seen
WHERE coalesce(log_status, 'OK') = 'OK'
GROUP BY coalesce(direction, 'unknown'), coalesce(interface_end, 'unknown')
ORDER BY total_bytes DESC, 1, 2
