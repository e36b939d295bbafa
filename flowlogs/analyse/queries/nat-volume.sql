-- title: Traffic through NAT gateways
-- question: Which hosts send how much through NAT gateways, to which services or networks, and what may that cost?
-- needs: interface_type, interface_owner, resource_id
-- needs: interface_end, pkt_srcaddr, pkt_dstaddr
-- parameter: price decimal = 0.045: Price of a GB that a NAT gateway processes, in USD, either way; 0.045 in us-east-1, more elsewhere
-- parameter: instances texts = none: Interfaces of NAT instances of your own, with commas between; nothing is charged there
-- parameter: internal networks = 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7,fe80::/10: Ours: what tells hosts behind a gateway from what lies beyond
-- parameter: limit count = 1000: Rows at most
-- limits: nat-gateways, traffic-is-not-the-bill, versions, overlapping-flow-logs
WITH
-- what passes is recorded twice at the gateway: between host and gateway, and beyond. The former counts: there the
-- gateway's own address stands where the packet has that of the far end.
at_gateways AS (
    SELECT
        coalesce(interface_id, resource_id) AS gateway_interface,
        coalesce(interface_owner, resource_id, interface_type) AS gateway,
        coalesce(interface_id IN $instances, false) AS is_instance,
        srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr, interface_end,
        pkt_src_aws_service, pkt_dst_aws_service,
        sum(bytes) AS bytes, min("start") AS first_seen, max("end") AS last_seen
    FROM seen
    WHERE coalesce(log_status, 'OK') = 'OK' AND action = 'ACCEPT' AND (
        interface_type = 'nat_gateway'
        OR interface_owner LIKE 'nat-gateway%'
        OR resource_id LIKE 'nat-%'
        OR interface_id IN $instances
    )
    GROUP BY
        interface_id, resource_id, interface_owner, interface_type, srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr,
        interface_end, pkt_src_aws_service, pkt_dst_aws_service
),
inner_side AS (
    SELECT
        *,
        CASE
            WHEN pkt_dstaddr <> dstaddr THEN true
            WHEN pkt_srcaddr <> srcaddr THEN false
            WHEN pkt_srcaddr IS NULL AND interface_end = 'destination' THEN true
            WHEN pkt_srcaddr IS NULL AND interface_end = 'source' THEN false
        END AS is_out
    FROM at_gateways
),
by_host AS (
    SELECT
        gateway, gateway_interface, is_instance, is_out,
        CASE WHEN is_out THEN srcaddr ELSE dstaddr END AS host,
        CASE WHEN is_out THEN pkt_dstaddr ELSE pkt_srcaddr END AS far,
        CASE WHEN is_out THEN pkt_dst_aws_service ELSE pkt_src_aws_service END AS aws_service,
        bytes, first_seen, last_seen
    FROM inner_side
    WHERE is_out IS NOT NULL
),
with_key AS (
    SELECT address, address_key(address) AS address_key
    FROM (SELECT DISTINCT address FROM by_host CROSS JOIN UNNEST(ARRAY[host, far]) AS ends (address)) AS addresses
),
ours AS (
    SELECT DISTINCT with_key.address
    FROM with_key
    JOIN internal ON with_key.address_key BETWEEN internal.first_key AND internal.last_key
)
SELECT
    by_host.gateway,
    by_host.gateway_interface,
    by_host.host,
    coalesce(by_host.aws_service, facts.network, facts.as_organization, 'unknown') AS destination,
    count(DISTINCT by_host.far) AS addresses,
    CAST(sum(CASE WHEN is_out THEN bytes ELSE 0 END) AS BIGINT) AS bytes_out,
    CAST(sum(CASE WHEN is_out THEN 0 ELSE bytes END) AS BIGINT) AS bytes_in,
    CAST(sum(bytes) AS BIGINT) AS total_bytes,
    round(CAST(sum(CASE WHEN is_instance THEN 0 ELSE bytes END) AS DOUBLE) / 1e9 * $price, 6) AS estimated_dollars,
    utc_time(min(by_host.first_seen)) AS first_seen,
    utc_time(max(by_host.last_seen)) AS last_seen
FROM by_host
LEFT JOIN ours ON ours.address = by_host.host
LEFT JOIN ours AS far_ours ON far_ours.address = by_host.far
LEFT JOIN address_facts AS facts ON facts.address = by_host.far
-- a far end of ours with a host that is not: beyond the gateway, under a secondary address of its own
WHERE ours.address IS NOT NULL OR (by_host.far IS NOT NULL AND far_ours.address IS NULL)
GROUP BY
    by_host.gateway, by_host.gateway_interface, by_host.host,
    coalesce(by_host.aws_service, facts.network, facts.as_organization, 'unknown')
ORDER BY total_bytes DESC, gateway_interface, host, destination
LIMIT $limit
