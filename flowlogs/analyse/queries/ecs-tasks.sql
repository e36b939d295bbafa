-- title: Traffic of ECS tasks
-- question: How much did the tasks of each ECS service send and receive, with how many others?
-- needs: ecs_task_id, ecs_task_arn
-- parameter: limit count = 1000: Rows at most
-- limits: fields-that-come-late, versions, seen-at-two-interfaces
WITH named AS (
    SELECT
        coalesce(ecs_cluster_name, ecs_cluster_arn) AS cluster, ecs_service_name,
        coalesce(ecs_task_id, ecs_task_arn) AS task, ecs_task_definition_arn, interface_id, action, bytes,
        "start", "end",
        coalesce(CASE flow_direction WHEN 'egress' THEN 'source' WHEN 'ingress' THEN 'destination' END, interface_end)
            AS own_end,
        coalesce(pkt_srcaddr, srcaddr) AS source, coalesce(pkt_dstaddr, dstaddr) AS destination
    FROM seen
    WHERE coalesce(log_status, 'OK') = 'OK' AND coalesce(ecs_task_id, ecs_task_arn) IS NOT NULL
)
SELECT
    cluster,
    ecs_service_name AS service,
    ecs_task_definition_arn AS task_definition,
    count(DISTINCT task) AS tasks,
    count(DISTINCT interface_id) AS interfaces,
    count(DISTINCT CASE own_end WHEN 'source' THEN destination WHEN 'destination' THEN source END) AS peers,
    count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
    count(*) FILTER (WHERE action = 'REJECT') AS rejected,
    CAST(sum(CASE WHEN own_end = 'destination' AND action = 'ACCEPT' THEN bytes ELSE 0 END) AS BIGINT) AS bytes_in,
    CAST(sum(CASE WHEN own_end = 'source' AND action = 'ACCEPT' THEN bytes ELSE 0 END) AS BIGINT) AS bytes_out,
    utc_time(min("start")) AS first_seen,
    utc_time(max("end")) AS last_seen
FROM named
GROUP BY cluster, ecs_service_name, ecs_task_definition_arn
ORDER BY bytes_in + bytes_out DESC, cluster, service, task_definition
LIMIT $limit
