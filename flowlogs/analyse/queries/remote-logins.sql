-- title: Remote logins
-- question: Who reached SSH or RDP of which server, from where, and how much went each way?
-- parameter: ports ports = 22,3389: Server ports of remote logins
-- parameter: trusted networks = 255.255.255.255/32: Networks whose addresses are left out, say your VPN's (the default leaves out none)
-- parameter: limit count = 1000: Rows at most
-- limits: no-contents, who-began, places-of-addresses, aggregation
WITH logins AS (
    SELECT
        client, coalesce(server_vpc_id, client_vpc_id) AS vpc_id, server, server_port, protocol,
        count(*) AS connections,
        CAST(sum(bytes_to_server) AS BIGINT) AS bytes_to_server,
        CAST(sum(bytes_to_client) AS BIGINT) AS bytes_to_client,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    WHERE protocol IN (6, 17) AND server_port IN $ports AND was_accepted
    GROUP BY client, coalesce(server_vpc_id, client_vpc_id), server, server_port, protocol
),
trusted_clients AS (
    SELECT DISTINCT clients.client
    FROM (SELECT client, address_key(client) AS client_key FROM logins GROUP BY client) AS clients
    JOIN trusted ON clients.client_key BETWEEN trusted.first_key AND trusted.last_key
)
SELECT
    logins.client, facts.country_name AS country, facts.as_organization, facts.network,
    logins.vpc_id, logins.server, logins.server_port, names.protocol_name AS protocol,
    logins.connections, logins.bytes_to_server, logins.bytes_to_client,
    utc_time(logins.first_seen) AS first_seen, utc_time(logins.last_seen) AS last_seen
FROM logins
LEFT JOIN trusted_clients ON trusted_clients.client = logins.client
LEFT JOIN address_facts AS facts ON facts.address = logins.client
LEFT JOIN protocol_names AS names ON names.protocol = logins.protocol
WHERE trusted_clients.client IS NULL
ORDER BY connections DESC, client, server, server_port, protocol, vpc_id
LIMIT $limit
