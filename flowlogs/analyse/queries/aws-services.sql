-- title: AWS services
-- question: Which AWS services do our addresses talk to, and how much?
-- needs: pkt_src_aws_service, pkt_dst_aws_service
-- limits: versions, nat-gateways, seen-at-two-interfaces
-- parameter: limit count = 100: Rows at most
SELECT
    coalesce(pkt_dst_aws_service, pkt_src_aws_service) AS service,
    CASE WHEN pkt_dst_aws_service IS NOT NULL THEN 'to the service' ELSE 'from the service' END AS way,
    count(DISTINCT coalesce(
        CASE WHEN pkt_dst_aws_service IS NOT NULL THEN pkt_srcaddr ELSE pkt_dstaddr END,
        CASE WHEN pkt_dst_aws_service IS NOT NULL THEN srcaddr ELSE dstaddr END
    )) AS our_addresses,
    count(*) AS records,
    CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS total_bytes
FROM seen
WHERE coalesce(log_status, 'OK') = 'OK' AND (pkt_dst_aws_service IS NOT NULL OR pkt_src_aws_service IS NOT NULL)
GROUP BY
    coalesce(pkt_dst_aws_service, pkt_src_aws_service),
    CASE WHEN pkt_dst_aws_service IS NOT NULL THEN 'to the service' ELSE 'from the service' END
ORDER BY total_bytes DESC, service, way
LIMIT $limit
