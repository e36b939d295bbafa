-- title: Sources of rejected requests
-- question: Which source addresses had the most requests rejected?
-- parameter: limit count = 20: Rows at most
-- limits: what-a-reject-means, who-began, overlapping-flow-logs
WITH sources AS (
    SELECT
        coalesce(pkt_srcaddr, srcaddr) AS source,
        count(*) AS rejected_records,
        CAST(sum(packets) AS BIGINT) AS packets,
        count(DISTINCT coalesce(pkt_dstaddr, dstaddr)) AS destinations,
        count(DISTINCT dstport) AS ports,
        min("start") AS first_seen, max("end") AS last_seen
    FROM directed
    WHERE action = 'REJECT' AND coalesce(is_reply, false) = false
    GROUP BY coalesce(pkt_srcaddr, srcaddr)
    ORDER BY rejected_records DESC, source
    LIMIT $limit
)
SELECT
    sources.source, facts.country_name AS country, facts.as_organization, facts.network,
    sources.rejected_records, sources.packets, sources.destinations, sources.ports,
    utc_time(sources.first_seen) AS first_seen, utc_time(sources.last_seen) AS last_seen
FROM sources
LEFT JOIN address_facts AS facts ON facts.address = sources.source
ORDER BY rejected_records DESC, source
