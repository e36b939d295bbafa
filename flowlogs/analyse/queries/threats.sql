-- title: Traffic with listed addresses
-- question: Which addresses on threat lists talked with whom, who opened it, and was it accepted and answered?
-- needs: source_threat, destination_threat
-- parameter: limit count = 1000: Rows at most
-- limits: places-of-addresses, who-began, what-a-reject-means
WITH named AS (
    SELECT coalesce(pkt_srcaddr, srcaddr) AS address, listed.list
    FROM seen CROSS JOIN UNNEST(source_threat) AS listed (list)
    WHERE source_threat IS NOT NULL
    UNION
    SELECT coalesce(pkt_dstaddr, dstaddr), listed.list
    FROM seen CROSS JOIN UNNEST(destination_threat) AS listed (list)
    WHERE destination_threat IS NOT NULL
),
on_lists AS (
    SELECT address, array_agg(DISTINCT list ORDER BY list) AS lists FROM named GROUP BY address
),
talks AS (
    SELECT
        CASE side WHEN 1 THEN low_address ELSE high_address END AS address,
        CASE side WHEN 1 THEN high_address ELSE low_address END AS peer,
        CASE side WHEN 1 THEN bytes_from_low ELSE bytes_from_high END AS bytes_from,
        CASE side WHEN 1 THEN bytes_from_high ELSE bytes_from_low END AS bytes_to,
        CASE WHEN role = 0 THEN 'unknown' WHEN role = side THEN 'client' ELSE 'server' END AS role,
        NOT coalesce(was_accepted, accepted > 0) AS refused,
        server_port, protocol, first_seen, last_seen
    FROM conversations
    CROSS JOIN (VALUES (1), (-1)) AS sides (side)
)
SELECT
    talks.address, on_lists.lists, talks.peer, talks.role, talks.server_port, names.protocol_name AS protocol,
    count(*) FILTER (WHERE NOT coalesce(talks.refused, false)) AS accepted,
    count(*) FILTER (WHERE talks.refused) AS refused,
    CAST(sum(talks.bytes_from) AS BIGINT) AS bytes_from_there, CAST(sum(talks.bytes_to) AS BIGINT) AS bytes_to_there,
    utc_time(min(talks.first_seen)) AS first_seen, utc_time(max(talks.last_seen)) AS last_seen
FROM talks
JOIN on_lists ON on_lists.address = talks.address
LEFT JOIN protocol_names AS names ON names.protocol = talks.protocol
GROUP BY talks.address, on_lists.lists, talks.peer, talks.role, talks.server_port, talks.protocol, names.protocol_name
ORDER BY accepted DESC, refused DESC, address, peer, role, server_port, protocol
LIMIT $limit
