-- title: Bytes to the Internet
-- question: Which of our hosts send the most to the Internet, and what may that cost?
-- needs: interface_end
-- parameter: price decimal = 0.09: Price of a GB sent out, in USD; the first tier in us-east-1 and eu-west-1, lower tiers are not considered
-- parameter: internal networks = 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7,fe80::/10: Addresses that are not on the Internet; add your own IPv6 networks
-- parameter: limit count = 1000: Rows at most
-- limits: traffic-is-not-the-bill, nat-gateways, direction, versions
WITH
-- counted where the host sent it: a NAT gateway's own records are the same bytes again. Answers count too: what leaves
-- is charged, whoever asked. traffic_path 3 to 6 leads to other networks, 7 through a gateway endpoint, which is free.
sent AS (
    SELECT
        account_id, interface_id, instance_id, interface_owner,
        coalesce(pkt_srcaddr, srcaddr) AS host,
        coalesce(pkt_dstaddr, dstaddr) AS destination,
        pkt_dst_aws_service AS aws_service,
        sum(bytes) AS bytes, min("start") AS first_seen, max("end") AS last_seen
    FROM seen
    WHERE coalesce(log_status, 'OK') = 'OK' AND action = 'ACCEPT' AND interface_end = 'source'
        AND coalesce(interface_type, '') <> 'nat_gateway'
        AND coalesce(interface_owner, '') NOT LIKE 'nat-gateway%'
        AND coalesce(traffic_path, 0) NOT IN (3, 4, 5, 6, 7)
        AND peer_interface_id IS NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7
),
with_key AS (
    SELECT destination, address_key(destination) AS address_key
    FROM (SELECT DISTINCT destination FROM sent) AS destinations
),
inside AS (
    SELECT DISTINCT with_key.destination
    FROM with_key
    JOIN internal ON with_key.address_key BETWEEN internal.first_key AND internal.last_key
)
SELECT
    sent.host,
    sent.interface_id,
    max(sent.instance_id) AS instance_id,
    max(sent.interface_owner) AS interface_owner,
    count(DISTINCT sent.destination) AS destinations,
    CAST(sum(sent.bytes) AS BIGINT) AS total_bytes,
    CAST(sum(CASE WHEN sent.aws_service IS NOT NULL THEN sent.bytes ELSE 0 END) AS BIGINT) AS bytes_to_aws,
    round(CAST(sum(sent.bytes) AS DOUBLE) / 1e9 * $price, 6) AS estimated_dollars,
    utc_time(min(sent.first_seen)) AS first_seen,
    utc_time(max(sent.last_seen)) AS last_seen
FROM sent
LEFT JOIN inside ON inside.destination = sent.destination
WHERE inside.destination IS NULL
GROUP BY sent.account_id, sent.host, sent.interface_id
ORDER BY total_bytes DESC, host, interface_id, sent.account_id
LIMIT $limit
