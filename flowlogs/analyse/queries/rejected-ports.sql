-- title: Ports of rejected requests
-- question: On which destination ports were the most requests rejected?
-- parameter: limit count = 20: Rows at most
-- limits: what-a-reject-means, who-began, overlapping-flow-logs
SELECT
    dstport AS port, protocol_name AS protocol,
    count(*) AS rejected_records,
    CAST(sum(packets) AS BIGINT) AS packets,
    count(DISTINCT coalesce(pkt_srcaddr, srcaddr)) AS sources,
    count(DISTINCT coalesce(pkt_dstaddr, dstaddr)) AS destinations,
    utc_time(min("start")) AS first_seen, utc_time(max("end")) AS last_seen
FROM directed
WHERE action = 'REJECT' AND coalesce(is_reply, false) = false
GROUP BY dstport, protocol, protocol_name
ORDER BY rejected_records DESC, port, protocol
LIMIT $limit
