-- title: New destinations
-- question: To which countries and networks did connections go for the first time in the last hours of the data?
-- needs: source_country_code, destination_country_code, source_network, destination_network, source_asn, destination_asn
-- parameter: hours steps = 24: So many hours before the last record are new, but no more than half of the data
-- parameter: limit count = 1000: Rows at most
-- limits: places-of-addresses, absence-of-traffic, who-began
WITH asked AS (
    SELECT min("start") AS data_from, max("start") AS data_to, max("start") - $hours * 3600 AS new_from FROM seen
),
servers AS (
    SELECT
        server, count(*) AS connections, sum(bytes_to_server) AS bytes_sent, sum(bytes_to_client) AS bytes_received,
        min(first_accepted) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    WHERE was_accepted
    GROUP BY server
),
destinations AS (
    SELECT
        facts.country_code, facts.country_name, facts.asn, facts.as_organization,
        count(*) AS addresses, CAST(sum(servers.connections) AS BIGINT) AS connections,
        CAST(sum(servers.bytes_sent) AS BIGINT) AS bytes_sent,
        CAST(sum(servers.bytes_received) AS BIGINT) AS bytes_received,
        min(servers.first_seen) AS first_seen, max(servers.last_seen) AS last_seen
    FROM servers
    JOIN address_facts AS facts ON facts.address = servers.server
    WHERE facts.country_code IS NOT NULL OR facts.asn IS NOT NULL
    GROUP BY facts.country_code, facts.country_name, facts.asn, facts.as_organization
)
SELECT
    destinations.country_code, destinations.country_name AS country, destinations.asn, destinations.as_organization,
    destinations.addresses, destinations.connections, destinations.bytes_sent, destinations.bytes_received,
    utc_time(destinations.first_seen) AS first_seen, utc_time(destinations.last_seen) AS last_seen
FROM destinations
-- what is new, is so beside at least as much time before it
JOIN asked ON destinations.first_seen > asked.new_from AND 2 * destinations.first_seen > asked.data_from + asked.data_to
ORDER BY bytes_sent DESC, country_code, asn, as_organization
LIMIT $limit
