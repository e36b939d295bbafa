-- title: Unusual protocols
-- question: Who used an IP protocol that is not on the list of those allowed?
-- parameter: allowed texts = tcp,udp,icmp,ipv6-icmp: IANA's names of the protocols that are expected, in lower case
-- parameter: limit count = 1000: Rows at most
-- limits: seen-at-two-interfaces, never-logged
WITH by_interface AS (
    SELECT
        interface_id, protocol, protocol_name,
        coalesce(pkt_srcaddr, srcaddr) AS source, coalesce(pkt_dstaddr, dstaddr) AS destination,
        CAST(sum(bytes) AS BIGINT) AS total_bytes,
        count(*) FILTER (WHERE action = 'ACCEPT') AS accepted_records,
        count(*) FILTER (WHERE action = 'REJECT') AS rejected_records,
        min("start") AS first_seen, max("end") AS last_seen
    FROM seen
    WHERE coalesce(log_status, 'OK') = 'OK' AND protocol IS NOT NULL AND coalesce(protocol_name, '') NOT IN $allowed
    GROUP BY interface_id, protocol, protocol_name, coalesce(pkt_srcaddr, srcaddr), coalesce(pkt_dstaddr, dstaddr)
)
SELECT
    protocol AS protocol_number, protocol_name AS protocol, source, destination,
    -- what two interfaces recorded is counted once, as the one that recorded most
    max(total_bytes) AS total_bytes,
    CAST(sum(accepted_records) AS BIGINT) AS accepted_records,
    CAST(sum(rejected_records) AS BIGINT) AS rejected_records,
    count(*) AS interfaces,
    utc_time(min(first_seen)) AS first_seen, utc_time(max(last_seen)) AS last_seen
FROM by_interface
GROUP BY protocol, protocol_name, source, destination
ORDER BY total_bytes DESC, protocol_number, source, destination
LIMIT $limit
