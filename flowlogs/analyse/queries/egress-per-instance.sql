-- title: Egress per instance
-- question: What did each of our addresses connect to, by destination, port and protocol, and which outbound rule would allow just that?
-- parameter: peers networks = 0.0.0.0/0,::/0: Destinations that count; 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16 for internal ones
-- parameter: internal networks = 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7,fe80::/10: Ours, where no record tells which end its interface is
-- parameter: limit count = 10000: Rows at most
-- limits: who-began, groups-and-network-acls, absence-of-traffic, primary-addresses
WITH let_out AS (
    SELECT
        client, max(client_interface_id) AS interface_id, max(server_interface_id) AS server_interface_id,
        server, server_port, protocol,
        count(*) AS connections,
        CAST(sum(bytes) AS BIGINT) AS total_bytes,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    -- not of conversations whose roles are unknown: who-talked-to has them
    WHERE was_accepted
    -- VPCs may have the same addresses
    GROUP BY client, coalesce(client_vpc_id, server_vpc_id), server, server_port, protocol
),
with_key AS (
    SELECT address, address_key(address) AS address_key
    FROM (SELECT DISTINCT address FROM let_out CROSS JOIN UNNEST(ARRAY[client, server]) AS ends (address)) AS addresses
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
    let_out.client AS source, instances.instance_id, let_out.interface_id,
    let_out.server AS destination, let_out.server_port AS port, names.protocol_name AS protocol,
    let_out.connections, let_out.total_bytes,
    utc_time(let_out.first_seen) AS first_seen, utc_time(let_out.last_seen) AS last_seen,
    concat(
        coalesce(names.protocol_name, CAST(let_out.protocol AS VARCHAR)),
        CASE WHEN let_out.server_port > 0 THEN concat(' ', CAST(let_out.server_port AS VARCHAR)) ELSE '' END,
        ' to ', let_out.server, CASE WHEN strpos(let_out.server, ':') > 0 THEN '/128' ELSE '/32' END
    ) AS proposed_rule
FROM let_out
JOIN counted ON counted.address = let_out.server
LEFT JOIN ours ON ours.address = let_out.client
LEFT JOIN instances ON instances.interface_id = let_out.interface_id
LEFT JOIN protocol_names AS names ON names.protocol = let_out.protocol
WHERE let_out.interface_id IS NOT NULL OR (let_out.server_interface_id IS NULL AND ours.address IS NOT NULL)
ORDER BY source, destination, port, protocol, interface_id
LIMIT $limit
