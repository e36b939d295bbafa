-- title: Busiest servers
-- question: Which server ports were reached most, by how many clients, and with how many bytes?
-- parameter: limit count = 20: Rows at most
-- limits: who-began, seen-at-two-interfaces, traffic-is-not-the-bill
WITH servers AS (
    SELECT
        server, server_port, protocol,
        count(*) AS connections, count(DISTINCT client) AS clients,
        count(*) FILTER (WHERE NOT coalesce(was_accepted, accepted > 0)) AS refused,
        CAST(sum(bytes) AS BIGINT) AS total_bytes,
        CAST(sum(bytes_to_server) AS BIGINT) AS bytes_to_server,
        CAST(sum(bytes_to_client) AS BIGINT) AS bytes_to_client
    FROM conversations
    WHERE server IS NOT NULL
    GROUP BY server, server_port, protocol
    ORDER BY total_bytes DESC, server, server_port, protocol
    LIMIT $limit
)
SELECT
    servers.server, facts.country_name AS country, facts.as_organization, facts.network,
    servers.server_port, names.protocol_name AS protocol,
    servers.clients, servers.connections, servers.refused,
    servers.total_bytes, servers.bytes_to_server, servers.bytes_to_client
FROM servers
LEFT JOIN address_facts AS facts ON facts.address = servers.server
LEFT JOIN protocol_names AS names ON names.protocol = servers.protocol
ORDER BY total_bytes DESC, server, server_port, servers.protocol
