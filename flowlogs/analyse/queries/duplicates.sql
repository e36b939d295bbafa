-- title: Records written more than once
-- question: Which interfaces have identical records, because two flow logs cover them or a delivery was repeated?
-- parameter: limit number = 100: Rows at most
WITH
-- few records are alike in so much: of these alone everything else is compared
alike AS (
    SELECT
        coalesce(interface_id, '') AS interface_id, coalesce("start", -1) AS began,
        coalesce(srcport, -1) AS source_port, coalesce(dstport, -1) AS destination_port, coalesce(bytes, -1) AS bytes
    FROM seen
    GROUP BY 1, 2, 3, 4, 5
    HAVING count(*) > 1
),
identities AS (
    SELECT
        account_id,
        seen.interface_id,
        count(*) AS copies,
        CAST(sum(coalesce(seen.bytes, 0)) AS BIGINT) AS all_bytes,
        max(coalesce(seen.bytes, 0)) AS bytes_once
    FROM seen
    JOIN alike
        ON alike.interface_id = coalesce(seen.interface_id, '') AND alike.began = coalesce("start", -1)
        AND alike.source_port = coalesce(srcport, -1) AND alike.destination_port = coalesce(dstport, -1)
        AND alike.bytes = coalesce(seen.bytes, -1)
    GROUP BY
        account_id, seen.interface_id, resource_id, log_status, srcaddr, dstaddr, srcport, dstport, protocol,
        "start", "end", action, packets, seen.bytes, tcp_flags, pkt_srcaddr, pkt_dstaddr
),
doubled AS (
    SELECT
        account_id, interface_id,
        CAST(sum(copies - 1) AS BIGINT) AS surplus,
        CAST(sum(all_bytes - bytes_once) AS BIGINT) AS bytes_counted_twice
    FROM identities
    GROUP BY account_id, interface_id
    HAVING sum(copies - 1) > 0
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
