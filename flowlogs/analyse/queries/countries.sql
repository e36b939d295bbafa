-- title: Traffic by country
-- question: With which countries was traffic exchanged, who opened it, and how much went each way?
-- needs: source_country_code, destination_country_code
-- parameter: limit count = 250: Rows at most
-- limits: places-of-addresses, nat-gateways, seen-at-two-interfaces
WITH ends AS (
    SELECT
        CASE side WHEN 1 THEN low_address ELSE high_address END AS address,
        CASE side WHEN 1 THEN bytes_from_low ELSE bytes_from_high END AS bytes_from,
        CASE side WHEN 1 THEN bytes_from_high ELSE bytes_from_low END AS bytes_to,
        role = side AS opened,
        NOT coalesce(was_accepted, accepted > 0) AS refused
    FROM conversations
    CROSS JOIN (VALUES (1), (-1)) AS sides (side)
),
addresses AS (
    SELECT
        address, count(*) AS conversations,
        count(*) FILTER (WHERE opened) AS opened_there,
        count(*) FILTER (WHERE refused) AS refused,
        sum(bytes_from) AS bytes_from, sum(bytes_to) AS bytes_to
    FROM ends
    GROUP BY address
)
SELECT
    facts.country_code, facts.country_name AS country,
    count(*) AS addresses,
    CAST(sum(addresses.conversations) AS BIGINT) AS conversations,
    CAST(sum(addresses.opened_there) AS BIGINT) AS opened_there,
    CAST(sum(addresses.refused) AS BIGINT) AS refused,
    CAST(sum(addresses.bytes_from) AS BIGINT) AS bytes_from_there,
    CAST(sum(addresses.bytes_to) AS BIGINT) AS bytes_to_there
FROM addresses
JOIN address_facts AS facts ON facts.address = addresses.address
WHERE facts.country_code IS NOT NULL
GROUP BY facts.country_code, facts.country_name
ORDER BY bytes_from_there + bytes_to_there DESC, country_code
LIMIT $limit
