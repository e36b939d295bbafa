-- title: Records written more than once
-- question: Which interfaces have identical records, because two flow logs cover them or a delivery was repeated?
-- limits: overlapping-flow-logs
-- parameter: limit count = 100: Rows at most
WITH
-- few records are alike in so much: of these alone everything else is compared. A flow of unknown ends is left out.
alike AS (
    SELECT
        coalesce(interface_id, '') AS interface_id, coalesce("start", -1) AS began,
        coalesce(srcport, -1) AS source_port, coalesce(dstport, -1) AS destination_port, coalesce(bytes, -1) AS bytes
    FROM seen
    WHERE action IS NULL
        OR (srcaddr IS NOT NULL AND dstaddr IS NOT NULL AND srcport IS NOT NULL AND dstport IS NOT NULL)
    GROUP BY 1, 2, 3, 4, 5
    HAVING count(*) > 1
),
identities AS (
    SELECT
        account_id, seen.interface_id, resource_id, log_status, srcaddr, dstaddr, srcport, dstport, protocol,
        "start", "end", action, packets, seen.bytes,
        CASE WHEN pkt_srcaddr IS NOT NULL THEN 2 ELSE 0 END + CASE WHEN tcp_flags IS NOT NULL THEN 1 ELSE 0 END AS told,
        count(*) AS copies
    FROM seen
    JOIN alike
        ON alike.interface_id = coalesce(seen.interface_id, '') AND alike.began = coalesce("start", -1)
        AND alike.source_port = coalesce(srcport, -1) AND alike.destination_port = coalesce(dstport, -1)
        AND alike.bytes = coalesce(seen.bytes, -1)
    WHERE action IS NULL OR (srcaddr IS NOT NULL AND dstaddr IS NOT NULL)
    GROUP BY
        account_id, seen.interface_id, resource_id, log_status, srcaddr, dstaddr, srcport, dstport, protocol,
        "start", "end", action, packets, seen.bytes, tcp_flags, pkt_srcaddr, pkt_dstaddr
),
-- what a format tells that has no flags or packets' addresses is a copy of what another tells with them
compared AS (
    SELECT
        account_id, interface_id, copies, bytes, told,
        max(told) OVER (
            PARTITION BY
                account_id, interface_id, resource_id, log_status, srcaddr, dstaddr, srcport, dstport, protocol,
                "start", "end", action, packets, bytes
        ) AS most_told
    FROM identities
),
doubled AS (
    SELECT
        account_id, interface_id,
        CAST(sum(copies - CASE WHEN told = most_told THEN 1 ELSE 0 END) AS BIGINT) AS surplus,
        CAST(sum((copies - CASE WHEN told = most_told THEN 1 ELSE 0 END) * coalesce(bytes, 0)) AS BIGINT)
            AS bytes_counted_twice
    FROM compared
    GROUP BY account_id, interface_id
    HAVING sum(copies - CASE WHEN told = most_told THEN 1 ELSE 0 END) > 0
),
whole AS (
    SELECT coalesce(account_id, '') AS account_id, coalesce(interface_id, '') AS interface_id, count(*) AS records
    FROM seen
    GROUP BY 1, 2
)
SELECT
    doubled.account_id,
    doubled.interface_id,
    whole.records,
    doubled.surplus,
    doubled.bytes_counted_twice
FROM doubled
JOIN whole
    ON whole.account_id = coalesce(doubled.account_id, '') AND whole.interface_id = coalesce(doubled.interface_id, '')
ORDER BY surplus DESC, doubled.interface_id, doubled.account_id
LIMIT $limit
