-- title: Traffic between zones
-- question: Which zone reached which other on which port, and what of it was accepted and rejected?
-- parameter: zones zones such as 10.0.1.0/24=web,10.0.2.0/24=database: The networks of each zone; of several the narrowest counts
-- parameter: limit count = 10000: Rows at most
-- limits: who-began, what-a-reject-means, groups-and-network-acls
WITH pairs AS (
    SELECT
        client, server, server_port, protocol,
        count(*) FILTER (WHERE was_accepted) AS accepted,
        count(*) FILTER (WHERE NOT was_accepted) AS rejected,
        CAST(sum(bytes) AS BIGINT) AS total_bytes,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    WHERE client IS NOT NULL
    GROUP BY client, server, server_port, protocol
),
with_key AS (
    SELECT address, address_key(address) AS address_key
    FROM (SELECT DISTINCT address FROM pairs CROSS JOIN UNNEST(ARRAY[client, server]) AS ends (address)) AS addresses
),
matching AS (
    SELECT
        with_key.address, zones.zone,
        row_number() OVER (PARTITION BY with_key.address ORDER BY zones.bits DESC, zones.zone) AS place
    FROM with_key
    JOIN zones ON with_key.address_key BETWEEN zones.first_key AND zones.last_key
),
zoned AS (
    SELECT address, zone FROM matching WHERE place = 1
)
SELECT
    coalesce(clients.zone, '(none)') AS from_zone, coalesce(servers.zone, '(none)') AS to_zone,
    pairs.server_port AS port, names.protocol_name AS protocol,
    CAST(sum(pairs.accepted) AS BIGINT) AS accepted, CAST(sum(pairs.rejected) AS BIGINT) AS rejected,
    CAST(sum(pairs.total_bytes) AS BIGINT) AS total_bytes,
    count(DISTINCT pairs.client) AS clients, count(DISTINCT pairs.server) AS servers,
    utc_time(min(pairs.first_seen)) AS first_seen, utc_time(max(pairs.last_seen)) AS last_seen
FROM pairs
LEFT JOIN zoned AS clients ON clients.address = pairs.client
LEFT JOIN zoned AS servers ON servers.address = pairs.server
LEFT JOIN protocol_names AS names ON names.protocol = pairs.protocol
GROUP BY clients.zone, servers.zone, pairs.server_port, pairs.protocol, names.protocol_name
ORDER BY from_zone, to_zone, accepted DESC, rejected DESC, port, protocol
LIMIT $limit
