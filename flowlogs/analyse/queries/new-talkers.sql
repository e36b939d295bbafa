-- title: New talkers
-- question: Which addresses were accepted for the first time in the last hours of the data?
-- parameter: hours steps = 24: So many hours before the last record are new, but no more than half of the data
-- parameter: limit count = 1000: Rows at most
-- limits: absence-of-traffic, no-data-and-skipped-data, delivery, who-began
WITH ends AS (
    SELECT
        CASE side WHEN 1 THEN low_address ELSE high_address END AS address,
        CASE side WHEN 1 THEN high_address ELSE low_address END AS peer,
        bytes, first_accepted, last_seen
    FROM conversations
    CROSS JOIN (VALUES (1), (-1)) AS sides (side)
    WHERE accepted > 0 AND (side = 1 OR high_address <> low_address)
),
asked AS (
    SELECT min("start") AS data_from, max("start") AS data_to, max("start") - $hours * 3600 AS new_from FROM seen
),
talkers AS (
    SELECT
        address, count(*) AS conversations, count(DISTINCT peer) AS peers, CAST(sum(bytes) AS BIGINT) AS total_bytes,
        min(first_accepted) AS first_seen, max(last_seen) AS last_seen
    FROM ends
    GROUP BY address
)
SELECT
    talkers.address, facts.country_name AS country, facts.as_organization, facts.network,
    talkers.conversations, talkers.peers, talkers.total_bytes,
    utc_time(talkers.first_seen) AS first_seen, utc_time(talkers.last_seen) AS last_seen
FROM talkers
-- what is new, is so beside at least as much time before it
JOIN asked ON talkers.first_seen > asked.new_from AND 2 * talkers.first_seen > asked.data_from + asked.data_to
LEFT JOIN address_facts AS facts ON facts.address = talkers.address
ORDER BY total_bytes DESC, address
LIMIT $limit
