-- title: Traffic over time
-- question: How many flows, packets and bytes were accepted and rejected in each slice of time?
-- limits: seen-at-two-interfaces, overlapping-flow-logs, no-data-and-skipped-data
-- parameter: seconds count = 60: Length of a slice
SELECT
    utc_time("start" - "start" % $seconds) AS begins,
    count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
    count(*) FILTER (WHERE action = 'REJECT') AS rejected,
    CAST(sum(CASE WHEN action = 'ACCEPT' THEN bytes ELSE 0 END) AS BIGINT) AS accepted_bytes,
    CAST(sum(CASE WHEN action = 'REJECT' THEN bytes ELSE 0 END) AS BIGINT) AS rejected_bytes,
    CAST(sum(coalesce(packets, 0)) AS BIGINT) AS total_packets
FROM seen
WHERE coalesce(log_status, 'OK') = 'OK' AND "start" IS NOT NULL
GROUP BY "start" - "start" % $seconds
ORDER BY begins
