-- title: Traffic over time
-- question: How many flows, packets and bytes were accepted and rejected in each slice of time?
-- parameter: seconds number = 60: Length of a slice
SELECT
    utc_time("start" - "start" % $seconds) AS slice,
    count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
    count(*) FILTER (WHERE action = 'REJECT') AS rejected,
    CAST(sum(CASE WHEN action = 'ACCEPT' THEN bytes ELSE 0 END) AS BIGINT) AS accepted_bytes,
    CAST(sum(CASE WHEN action = 'REJECT' THEN bytes ELSE 0 END) AS BIGINT) AS rejected_bytes,
    CAST(sum(coalesce(packets, 0)) AS BIGINT) AS total_packets
FROM seen
WHERE log_status = 'OK' AND "start" IS NOT NULL
GROUP BY "start" - "start" % $seconds
ORDER BY slice
