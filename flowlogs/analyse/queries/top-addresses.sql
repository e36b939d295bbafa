-- title: Busiest addresses
-- question: Which addresses sent and received the most bytes?
-- parameter: limit count = 10: Rows at most
-- limits: seen-at-two-interfaces, nat-gateways, traffic-is-not-the-bill
WITH ends AS (
    SELECT
        CASE side WHEN 1 THEN low_address ELSE high_address END AS address,
        CASE side WHEN 1 THEN high_address ELSE low_address END AS peer,
        CASE side WHEN 1 THEN bytes_from_low ELSE bytes_from_high END AS sent,
        CASE side WHEN 1 THEN bytes_from_high ELSE bytes_from_low END AS received
    FROM conversations
    CROSS JOIN (VALUES (1), (-1)) AS sides (side)
),
busiest AS (
    SELECT
        address,
        CAST(sum(sent) + sum(received) AS BIGINT) AS total_bytes,
        CAST(sum(sent) AS BIGINT) AS bytes_sent,
        CAST(sum(received) AS BIGINT) AS bytes_received,
        count(*) AS conversations, count(DISTINCT peer) AS peers
    FROM ends
    GROUP BY address
    ORDER BY total_bytes DESC, address
    LIMIT $limit
)
SELECT
    busiest.address, facts.country_name AS country, facts.as_organization, facts.network,
    busiest.total_bytes, busiest.bytes_sent, busiest.bytes_received, busiest.conversations, busiest.peers
FROM busiest
LEFT JOIN address_facts AS facts ON facts.address = busiest.address
ORDER BY total_bytes DESC, address
