-- title: VPCs and subnets by traffic
-- question: How much traffic did the interfaces of each VPC and subnet record?
-- parameter: limit count = 100: Rows at most
SELECT
    vpc_id,
    subnet_id,
    count(DISTINCT interface_id) AS interfaces,
    count(*) AS records,
    CAST(sum(coalesce(packets, 0)) AS BIGINT) AS total_packets,
    CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS total_bytes
FROM seen
WHERE coalesce(log_status, 'OK') = 'OK'
GROUP BY vpc_id, subnet_id
ORDER BY total_bytes DESC, vpc_id, subnet_id
LIMIT $limit
