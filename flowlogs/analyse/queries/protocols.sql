-- title: Protocols
-- question: Which protocols are there, accepted and rejected?
-- limits: seen-at-two-interfaces, overlapping-flow-logs
SELECT
    protocol,
    max(protocol_name) AS protocol_name,
    count(*) AS records,
    count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
    count(*) FILTER (WHERE action = 'REJECT') AS rejected,
    CAST(sum(coalesce(packets, 0)) AS BIGINT) AS total_packets,
    CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS total_bytes
FROM seen
WHERE coalesce(log_status, 'OK') = 'OK'
GROUP BY protocol
ORDER BY total_bytes DESC, records DESC, protocol
