-- title: Busiest clients
-- question: Which clients opened the most connections, to how many servers and ports, and with how many bytes?
-- parameter: limit count = 20: Rows at most
-- limits: who-began, seen-at-two-interfaces
WITH clients AS (
    SELECT
        client,
        count(*) AS connections, count(DISTINCT server) AS servers, count(DISTINCT server_port) AS server_ports,
        count(*) FILTER (WHERE NOT coalesce(was_accepted, accepted > 0)) AS refused,
        CAST(sum(bytes_to_server) AS BIGINT) AS bytes_sent,
        CAST(sum(bytes_to_client) AS BIGINT) AS bytes_received
    FROM conversations
    WHERE client IS NOT NULL
    GROUP BY client
    ORDER BY connections DESC, client
    LIMIT $limit
)
SELECT
    clients.client, facts.country_name AS country, facts.as_organization, facts.network,
    clients.connections, clients.servers, clients.server_ports, clients.refused,
    clients.bytes_sent, clients.bytes_received
FROM clients
LEFT JOIN address_facts AS facts ON facts.address = clients.client
ORDER BY connections DESC, client
