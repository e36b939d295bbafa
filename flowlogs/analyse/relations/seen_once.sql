SELECT $columns
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                $within account_id, interface_id, resource_id, log_status, srcaddr, dstaddr, srcport, dstport, protocol,
                "start", "end", action, packets, bytes, tcp_flags, pkt_srcaddr, pkt_dstaddr
            ORDER BY version DESC, "date", "timestamp"
        ) AS copy_number
    FROM $source
    WHERE $window
) AS numbered
WHERE copy_number = 1
