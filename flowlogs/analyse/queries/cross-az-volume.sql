-- title: Traffic between availability zones
-- question: Which interfaces exchange how much between availability zones, and what may that cost?
-- needs: next_hop_interface_id, peer_interface_id
-- parameter: price decimal = 0.01: Price of a GB, in USD, that each of both sides is charged
-- parameter: limit count = 1000: Rows at most
-- limits: traffic-is-not-the-bill, versions, what-the-inventory-knows, seen-at-two-interfaces
WITH
-- what one interface sends to another counts at the sender; at the receiver where the sender wrote no record of it
hops AS (
    SELECT
        interface_id, az_id, subnet_id,
        coalesce(next_hop_interface_id, peer_interface_id) AS other_interface_id,
        CASE WHEN next_hop_interface_id IS NOT NULL THEN next_hop_az_id END AS other_az_id,
        coalesce(flow_direction, CASE interface_end WHEN 'source' THEN 'egress' WHEN 'destination' THEN 'ingress' END)
            AS direction,
        sum(bytes) AS bytes, min("start") AS first_seen, max("end") AS last_seen
    FROM seen
    WHERE coalesce(log_status, 'OK') = 'OK' AND action = 'ACCEPT'
        AND coalesce(next_hop_interface_id, peer_interface_id) IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6
),
zones_of_subnets AS (
    SELECT subnet_id, max(az_id) AS az_id
    FROM known_subnets
    GROUP BY subnet_id
),
zones_of_interfaces AS (
    SELECT known_interfaces.interface_id, zones_of_subnets.az_id, known_interfaces.interface_owner
    FROM known_interfaces
    LEFT JOIN zones_of_subnets ON zones_of_subnets.subnet_id = known_interfaces.subnet_id
),
ways AS (
    SELECT
        CASE direction WHEN 'egress' THEN hops.interface_id ELSE hops.other_interface_id END AS from_interface_id,
        CASE direction WHEN 'egress' THEN hops.other_interface_id ELSE hops.interface_id END AS to_interface_id,
        coalesce(hops.az_id, own_subnet.az_id, own.az_id) AS own_az_id,
        coalesce(hops.other_az_id, other.az_id) AS far_az_id,
        direction, bytes, first_seen, last_seen
    FROM hops
    LEFT JOIN zones_of_subnets AS own_subnet ON own_subnet.subnet_id = hops.subnet_id
    LEFT JOIN zones_of_interfaces AS own ON own.interface_id = hops.interface_id
    LEFT JOIN zones_of_interfaces AS other ON other.interface_id = hops.other_interface_id
    WHERE direction IS NOT NULL
),
sent AS (
    SELECT DISTINCT from_interface_id, to_interface_id FROM ways WHERE direction = 'egress'
),
crossing AS (
    SELECT
        ways.from_interface_id, ways.to_interface_id,
        CASE ways.direction WHEN 'egress' THEN own_az_id ELSE far_az_id END AS from_az_id,
        CASE ways.direction WHEN 'egress' THEN far_az_id ELSE own_az_id END AS to_az_id,
        ways.bytes, ways.first_seen, ways.last_seen
    FROM ways
    LEFT JOIN sent ON sent.from_interface_id = ways.from_interface_id AND sent.to_interface_id = ways.to_interface_id
    WHERE own_az_id <> far_az_id AND (ways.direction = 'egress' OR sent.from_interface_id IS NULL)
)
SELECT
    crossing.from_az_id,
    crossing.to_az_id,
    crossing.from_interface_id,
    senders.interface_owner AS from_owner,
    crossing.to_interface_id,
    receivers.interface_owner AS to_owner,
    CAST(sum(crossing.bytes) AS BIGINT) AS total_bytes,
    round(CAST(sum(crossing.bytes) AS DOUBLE) / 1e9 * 2 * $price, 6) AS estimated_dollars,
    utc_time(min(crossing.first_seen)) AS first_seen,
    utc_time(max(crossing.last_seen)) AS last_seen
FROM crossing
LEFT JOIN zones_of_interfaces AS senders ON senders.interface_id = crossing.from_interface_id
LEFT JOIN zones_of_interfaces AS receivers ON receivers.interface_id = crossing.to_interface_id
GROUP BY
    crossing.from_az_id, crossing.to_az_id, crossing.from_interface_id, senders.interface_owner,
    crossing.to_interface_id, receivers.interface_owner
ORDER BY total_bytes DESC, from_interface_id, to_interface_id, from_az_id, to_az_id
LIMIT $limit
