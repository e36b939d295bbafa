-- title: Requests without an answer
-- question: Which requests were let through on one side, and nothing came back?
-- parameter: limit count = 1000: Rows at most
-- limits: who-began, what-a-reject-means, groups-and-network-acls, aggregation
WITH asked AS (
    SELECT
        client, server, server_port, protocol,
        count(*) FILTER (WHERE unanswered) AS requests,
        count(*) FILTER (WHERE unanswered AND rejected > 0) AS refused_elsewhere,
        -- where some were answered, it is no filter
        count(*) FILTER (WHERE was_answered) AS answered,
        max(CASE WHEN unanswered THEN client_interface_id END) AS client_interface_id,
        max(CASE WHEN unanswered THEN server_interface_id END) AS server_interface_id,
        CAST(sum(CASE WHEN unanswered THEN packets_to_server ELSE 0 END) AS BIGINT) AS packets,
        min(CASE WHEN unanswered THEN first_seen END) AS first_seen,
        max(CASE WHEN unanswered THEN last_seen END) AS last_seen
    FROM (
        SELECT *, accepted > 0 AND NOT was_answered AS unanswered
        FROM conversations
        WHERE client IS NOT NULL
    ) AS told
    GROUP BY client, server, server_port, protocol
    HAVING count(*) FILTER (WHERE unanswered) > 0
)
SELECT
    asked.client,
    asked.server,
    asked.server_port,
    names.protocol_name AS protocol,
    asked.requests,
    asked.refused_elsewhere,
    asked.answered,
    CASE
        WHEN asked.client_interface_id IS NOT NULL AND asked.server_interface_id IS NOT NULL THEN 'both'
        WHEN asked.client_interface_id IS NOT NULL THEN 'client'
        WHEN asked.server_interface_id IS NOT NULL THEN 'server'
        ELSE 'unknown'
    END AS recorded_at,
    asked.client_interface_id,
    asked.server_interface_id,
    asked.packets,
    utc_time(asked.first_seen) AS first_seen,
    utc_time(asked.last_seen) AS last_seen
FROM asked
LEFT JOIN protocol_names AS names ON names.protocol = asked.protocol
ORDER BY requests DESC, client, server, server_port, asked.protocol
LIMIT $limit
