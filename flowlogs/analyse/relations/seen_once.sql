-- Copies are alike in interface, five-tuple, times, action and counts; formats may differ in flags and the packets' own
-- addresses: of such copies the one that tells most stands. A flow of unknown ends is nobody's copy.
SELECT $columns
FROM (
    SELECT
        *,
        row_number() OVER alike AS copy_number,
        first_value(told) OVER alike AS most_told,
        lag(tcp_flags) OVER alike AS flags_before,
        lag(pkt_srcaddr) OVER alike AS source_before,
        lag(pkt_dstaddr) OVER alike AS destination_before
    FROM (
        SELECT
            *,
            CASE WHEN pkt_srcaddr IS NOT NULL THEN 2 ELSE 0 END + CASE WHEN tcp_flags IS NOT NULL THEN 1 ELSE 0 END
                AS told
        FROM $source
        WHERE $window
    ) AS weighed
    WINDOW alike AS (
        PARTITION BY
            $within account_id, interface_id, resource_id, log_status, srcaddr, dstaddr, srcport, dstport, protocol,
            "start", "end", action, packets, bytes
        ORDER BY told DESC, tcp_flags, pkt_srcaddr, pkt_dstaddr, version DESC, "date", "timestamp"
    )
) AS numbered
WHERE copy_number = 1
    OR (action IS NOT NULL AND (srcaddr IS NULL OR dstaddr IS NULL OR srcport IS NULL OR dstport IS NULL))
    OR (
        told = most_told AND (
            tcp_flags IS DISTINCT FROM flags_before
            OR pkt_srcaddr IS DISTINCT FROM source_before
            OR pkt_dstaddr IS DISTINCT FROM destination_before
        )
    )
