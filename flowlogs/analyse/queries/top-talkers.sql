-- title: Busiest pairs
-- question: Which pairs of addresses moved the most bytes, and how much went which way?
-- parameter: limit count = 10: Rows at most
-- limits: seen-at-two-interfaces, nat-gateways, traffic-is-not-the-bill
SELECT
    low_address AS one, high_address AS other,
    CAST(sum(bytes) AS BIGINT) AS total_bytes,
    CAST(sum(bytes_from_low) AS BIGINT) AS bytes_from_one,
    CAST(sum(bytes_from_high) AS BIGINT) AS bytes_from_other,
    count(*) AS conversations,
    count(*) FILTER (WHERE accepted = 0) AS refused
FROM conversations
GROUP BY low_address, high_address
ORDER BY total_bytes DESC, one, other
LIMIT $limit
