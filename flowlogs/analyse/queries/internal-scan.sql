-- title: Refused at many doors
-- question: Which of our own addresses were refused at many servers or ports?
-- parameter: servers count = 10: Shown from so many servers on
-- parameter: ports count = 25: Or from so many server ports on
-- parameter: internal networks = 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7,fe80::/10: Networks of our own addresses
-- parameter: limit count = 1000: Rows at most
-- limits: what-a-reject-means, who-began
WITH refused AS (
    SELECT
        client, count(*) AS refused, count(DISTINCT server) AS servers, count(DISTINCT server_port) AS ports,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    WHERE NOT was_accepted
    GROUP BY client
    HAVING count(DISTINCT server) >= $servers OR count(DISTINCT server_port) >= $ports
),
with_key AS (
    SELECT client, refused, servers, ports, first_seen, last_seen, address_key(client) AS client_key FROM refused
)
SELECT
    client, refused, servers, ports, utc_time(first_seen) AS first_seen, utc_time(last_seen) AS last_seen
FROM with_key
JOIN internal ON with_key.client_key BETWEEN internal.first_key AND internal.last_key
-- networks may overlap
GROUP BY client, refused, servers, ports, with_key.first_seen, with_key.last_seen
ORDER BY refused DESC, client
LIMIT $limit
