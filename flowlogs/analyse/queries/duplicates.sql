-- title: Records written more than once
-- question: Which interfaces have identical records, because two flow logs cover them or a delivery was repeated?
-- parameter: limit number = 100: Rows at most
WITH identities AS (
    SELECT
        account_id,
        interface_id,
        count(*) AS copies,
        CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS all_bytes,
        max(coalesce(bytes, 0)) AS bytes_once
    FROM seen
    GROUP BY
        account_id, interface_id, resource_id, log_status, srcaddr, dstaddr, srcport, dstport, protocol,
        "start", "end", action, packets, bytes, tcp_flags, pkt_srcaddr, pkt_dstaddr
)
SELECT
    account_id,
    interface_id,
    CAST(sum(copies) AS BIGINT) AS records,
    CAST(sum(copies - 1) AS BIGINT) AS surplus,
    CAST(sum(all_bytes - bytes_once) AS BIGINT) AS bytes_counted_twice
FROM identities
GROUP BY account_id, interface_id
HAVING sum(copies - 1) > 0
ORDER BY surplus DESC, interface_id, account_id
LIMIT $limit
