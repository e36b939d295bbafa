-- title: Which security group talks to which
-- question: Between the interfaces of which security groups were conversations let through, and how much did they carry?
-- needs: interface_end
-- parameter: limit count = 1000: Rows at most
-- limits: several-groups, who-began, what-the-inventory-knows, seen-at-two-interfaces
WITH own_ends AS (
    SELECT attachment AS end_number, interface_id, first_seen, last_seen FROM attachments
),
-- of an end whose own interface recorded nothing, the other end's records tell the groups
peers AS (
    SELECT
        -row_number() OVER (ORDER BY vpc_id, address, security_group_ids) AS end_number,
        vpc_id, address, security_group_ids, first_seen, last_seen
    FROM (
        SELECT
            vpc_id,
            CASE interface_end WHEN 'source' THEN coalesce(pkt_dstaddr, dstaddr) ELSE coalesce(pkt_srcaddr, srcaddr) END
                AS address,
            peer_security_group_ids AS security_group_ids, min("start") AS first_seen, max("end") AS last_seen
        FROM seen
        WHERE interface_end IS NOT NULL AND peer_security_group_ids IS NOT NULL
        GROUP BY 1, 2, 3
    ) AS seen_by_others
),
peer_ends AS (
    SELECT end_number, vpc_id, address, first_seen, last_seen FROM peers
),
pairs AS (
    SELECT
        coalesce(clients.end_number, peer_clients.end_number) AS client_end,
        coalesce(servers.end_number, peer_servers.end_number) AS server_end,
        server_port, protocol,
        count(*) AS conversations,
        sum(bytes_to_server) AS bytes_to_server, sum(bytes_to_client) AS bytes_to_client,
        max(conversations.last_seen) AS last_seen
    FROM conversations
    LEFT JOIN own_ends AS clients
        ON clients.interface_id = client_interface_id
        AND conversations.last_seen >= clients.first_seen AND conversations.first_seen <= clients.last_seen
    LEFT JOIN own_ends AS servers
        ON servers.interface_id = server_interface_id
        AND conversations.last_seen >= servers.first_seen AND conversations.first_seen <= servers.last_seen
    LEFT JOIN peer_ends AS peer_clients
        ON peer_clients.vpc_id = server_vpc_id AND peer_clients.address = client AND client_interface_id IS NULL
        AND conversations.last_seen >= peer_clients.first_seen AND conversations.first_seen <= peer_clients.last_seen
    LEFT JOIN peer_ends AS peer_servers
        ON peer_servers.vpc_id = client_vpc_id AND peer_servers.address = server AND server_interface_id IS NULL
        AND conversations.last_seen >= peer_servers.first_seen AND conversations.first_seen <= peer_servers.last_seen
    WHERE was_accepted
    GROUP BY 1, 2, server_port, protocol
),
ends AS (
    SELECT attachment AS end_number, security_group_ids FROM attachments
    UNION ALL
    SELECT end_number, security_group_ids FROM peers
),
members AS (
    SELECT
        ends.end_number, cardinality(ends.security_group_ids) AS group_count,
        member.security_group_id, known_groups.group_name
    FROM ends
    CROSS JOIN UNNEST(security_group_ids) AS member(security_group_id)
    LEFT JOIN known_groups ON known_groups.security_group_id = member.security_group_id
)
SELECT
    clients.security_group_id AS client_group_id,
    max(clients.group_name) AS client_group,
    servers.security_group_id AS server_group_id,
    max(servers.group_name) AS server_group,
    CAST(sum(pairs.conversations) AS BIGINT) AS conversations,
    CAST(sum(
        CASE WHEN coalesce(clients.group_count, 1) = 1 AND coalesce(servers.group_count, 1) = 1
        THEN pairs.conversations ELSE 0 END
    ) AS BIGINT) AS by_them_alone,
    count(DISTINCT pairs.server_port) AS server_ports,
    CAST(sum(pairs.bytes_to_server) AS BIGINT) AS bytes_to_server,
    CAST(sum(pairs.bytes_to_client) AS BIGINT) AS bytes_to_client,
    utc_time(max(pairs.last_seen)) AS last_seen
FROM pairs
LEFT JOIN members AS clients ON clients.end_number = pairs.client_end
LEFT JOIN members AS servers ON servers.end_number = pairs.server_end
WHERE clients.security_group_id IS NOT NULL OR servers.security_group_id IS NOT NULL
GROUP BY clients.security_group_id, servers.security_group_id
ORDER BY conversations DESC, client_group_id, server_group_id
LIMIT $limit
