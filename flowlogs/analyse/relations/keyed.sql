-- The records of `seen`, each with the key of its conversation: scope, the two ends, called low and high in the order
-- of texts, and protocol_key. `up` is true of records that go from low to high. A record without addresses has no key.
-- An end has the address of its packets where the record tells it; -1 stands for a port or protocol it does not tell.
-- The scope keeps apart the conversations of VPCs that have the same addresses. It is the VPC, but '' where another VPC
-- may have recorded the same conversation, or the VPC is unknown; private addresses are told roughly, which will do.
SELECT
    ordered.*,
    CASE WHEN up THEN packet_source ELSE packet_destination END AS low_address,
    CASE WHEN up THEN source_port ELSE destination_port END AS low_port,
    CASE WHEN up THEN packet_destination ELSE packet_source END AS high_address,
    CASE WHEN up THEN destination_port ELSE source_port END AS high_port,
    CASE
        WHEN vpc_id IS NULL OR packet_source LIKE '%:%' THEN ''
        WHEN peer_interface_id IS NOT NULL THEN vpc_id
        WHEN (
            packet_source LIKE '10.%' OR packet_source LIKE '172.%'
            OR packet_source LIKE '192.168.%' OR packet_source LIKE '100.%'
        ) AND (
            packet_destination LIKE '10.%' OR packet_destination LIKE '172.%'
            OR packet_destination LIKE '192.168.%' OR packet_destination LIKE '100.%'
        ) THEN ''
        ELSE vpc_id
    END AS scope
FROM (
    SELECT
        *,
        packet_source < packet_destination
            OR (packet_source = packet_destination AND source_port <= destination_port) AS up
    FROM (
        SELECT
            *,
            coalesce(pkt_srcaddr, srcaddr) AS packet_source,
            coalesce(pkt_dstaddr, dstaddr) AS packet_destination,
            coalesce(srcport, -1) AS source_port,
            coalesce(dstport, -1) AS destination_port,
            coalesce(protocol, -1) AS protocol_key
        FROM seen
    ) AS named
) AS ordered
