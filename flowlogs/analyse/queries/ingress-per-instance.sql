-- title: Ingress per instance
-- question: What was let in to each of our addresses, by source, port and protocol, and which inbound rule would allow just that?
-- parameter: peers networks = 0.0.0.0/0,::/0: Sources that count; 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16 for internal ones
-- parameter: internal networks = 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7,fe80::/10: Ours, where no record tells which end its interface is
-- parameter: limit count = 10000: Rows at most
-- limits: who-began, groups-and-network-acls, absence-of-traffic, primary-addresses
WITH let_in AS (
    SELECT
        server, max(server_interface_id) AS interface_id, max(client_interface_id) AS client_interface_id,
        client, server_port, protocol,
        count(*) AS connections,
        CAST(sum(bytes) AS BIGINT) AS total_bytes,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    -- not of conversations whose roles are unknown: who-talked-to has them
    WHERE was_accepted
    -- VPCs may have the same addresses
    GROUP BY server, coalesce(server_vpc_id, client_vpc_id), client, server_port, protocol
),
with_key AS (
    SELECT address, address_key(address) AS address_key
    FROM (SELECT DISTINCT address FROM let_in CROSS JOIN UNNEST(ARRAY[client, server]) AS ends (address)) AS addresses
),
ours AS (
    SELECT DISTINCT with_key.address
    FROM with_key
    JOIN internal ON with_key.address_key BETWEEN internal.first_key AND internal.last_key
),
counted AS (
    SELECT DISTINCT with_key.address
    FROM with_key
    JOIN peers ON with_key.address_key BETWEEN peers.first_key AND peers.last_key
),
instances AS (
    SELECT interface_id, max(instance_id) AS instance_id
    FROM seen
    WHERE instance_id IS NOT NULL
    GROUP BY interface_id
)
SELECT
    let_in.server AS destination, instances.instance_id, let_in.interface_id,
    let_in.client AS source, let_in.server_port AS port, names.protocol_name AS protocol,
    let_in.connections, let_in.total_bytes,
    utc_time(let_in.first_seen) AS first_seen, utc_time(let_in.last_seen) AS last_seen,
    concat(
        coalesce(names.protocol_name, CAST(let_in.protocol AS VARCHAR)),
        CASE WHEN let_in.server_port > 0 THEN concat(' ', CAST(let_in.server_port AS VARCHAR)) ELSE '' END,
        ' from ', let_in.client, CASE WHEN strpos(let_in.client, ':') > 0 THEN '/128' ELSE '/32' END
    ) AS proposed_rule
FROM let_in
JOIN counted ON counted.address = let_in.client
LEFT JOIN ours ON ours.address = let_in.server
LEFT JOIN instances ON instances.interface_id = let_in.interface_id
LEFT JOIN protocol_names AS names ON names.protocol = let_in.protocol
WHERE let_in.interface_id IS NOT NULL OR (let_in.client_interface_id IS NULL AND ours.address IS NOT NULL)
ORDER BY destination, source, port, protocol, interface_id
LIMIT $limit
