-- title: Who talked to an address
-- question: Who talked to this address, in which role, on which port, when and how much?
-- parameter: address address such as 10.0.0.7: The address asked about
-- parameter: limit count = 1000: Rows at most
-- limits: who-began, absence-of-traffic, primary-addresses, never-logged
WITH talks AS (
    SELECT
        CASE WHEN low_address = $address THEN high_address ELSE low_address END AS peer,
        CASE WHEN client = $address THEN 'client' WHEN server = $address THEN 'server' ELSE 'unknown' END AS role,
        server_port, protocol, accepted, was_accepted, first_seen, last_seen,
        CASE WHEN low_address = $address THEN bytes_from_low ELSE bytes_from_high END AS bytes_sent,
        CASE WHEN low_address = $address THEN bytes_from_high ELSE bytes_from_low END AS bytes_received
    FROM conversations
    WHERE low_address = $address OR high_address = $address
),
by_peer AS (
    SELECT
        peer, role, server_port, protocol,
        count(*) AS conversations,
        count(*) FILTER (WHERE NOT coalesce(was_accepted, accepted > 0)) AS refused,
        CAST(sum(bytes_sent) AS BIGINT) AS bytes_sent, CAST(sum(bytes_received) AS BIGINT) AS bytes_received,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM talks
    GROUP BY peer, role, server_port, protocol
)
SELECT
    by_peer.peer, facts.country_name AS country, facts.as_organization, facts.network,
    by_peer.role, by_peer.server_port, names.protocol_name AS protocol,
    by_peer.conversations, by_peer.refused, by_peer.bytes_sent, by_peer.bytes_received,
    utc_time(by_peer.first_seen) AS first_seen, utc_time(by_peer.last_seen) AS last_seen
FROM by_peer
LEFT JOIN address_facts AS facts ON facts.address = by_peer.peer
LEFT JOIN protocol_names AS names ON names.protocol = by_peer.protocol
ORDER BY bytes_sent + bytes_received DESC, peer, role, server_port, protocol
LIMIT $limit
