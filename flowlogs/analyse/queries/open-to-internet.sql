-- title: Ports open to the Internet
-- question: Which ports of our servers let clients in from public addresses, and how much did they answer?
-- parameter: internal networks = 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7,fe80::/10: Addresses that are not public; add your own IPv6 networks
-- parameter: limit count = 1000: Rows at most
-- limits: who-began, groups-and-network-acls, absence-of-traffic, places-of-addresses
WITH let_in AS (
    SELECT
        server, server_port, protocol, client, server_interface_id, client_interface_id,
        count(*) AS connections,
        count(*) FILTER (WHERE was_answered) AS answered,
        sum(bytes_to_server) AS bytes_to_server, sum(bytes_to_client) AS bytes_to_client,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    WHERE was_accepted
    GROUP BY server, server_port, protocol, client, server_interface_id, client_interface_id
),
with_key AS (
    SELECT address, address_key(address) AS address_key
    FROM (SELECT DISTINCT address FROM let_in CROSS JOIN UNNEST(ARRAY[client, server]) AS ends (address)) AS addresses
),
inside AS (
    SELECT DISTINCT with_key.address
    FROM with_key
    JOIN internal ON with_key.address_key BETWEEN internal.first_key AND internal.last_key
)
SELECT
    let_in.server, max(let_in.server_interface_id) AS interface_id,
    let_in.server_port, names.protocol_name AS protocol,
    count(DISTINCT let_in.client) AS clients, count(DISTINCT facts.country_code) AS countries,
    CAST(sum(let_in.connections) AS BIGINT) AS connections, CAST(sum(let_in.answered) AS BIGINT) AS answered,
    CAST(sum(let_in.bytes_to_server) AS BIGINT) AS bytes_to_server,
    CAST(sum(let_in.bytes_to_client) AS BIGINT) AS bytes_to_client,
    utc_time(min(let_in.first_seen)) AS first_seen, utc_time(max(let_in.last_seen)) AS last_seen
FROM let_in
LEFT JOIN inside AS inside_clients ON inside_clients.address = let_in.client
LEFT JOIN inside AS inside_servers ON inside_servers.address = let_in.server
LEFT JOIN address_facts AS facts ON facts.address = let_in.client
LEFT JOIN protocol_names AS names ON names.protocol = let_in.protocol
WHERE inside_clients.address IS NULL AND let_in.client_interface_id IS NULL
    AND (let_in.server_interface_id IS NOT NULL OR inside_servers.address IS NOT NULL)
GROUP BY let_in.server, let_in.server_port, let_in.protocol, names.protocol_name
ORDER BY clients DESC, connections DESC, server, server_port, protocol
LIMIT $limit
