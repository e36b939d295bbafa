-- title: Flows recorded at several interfaces
-- question: Which flows did two or more of our interfaces record, and how many bytes does a sum of all records count again?
-- parameter: limit count = 1000: Rows at most
-- limits: seen-at-two-interfaces, nat-gateways, overlapping-flow-logs
WITH at_interfaces AS (
    SELECT
        scope, low_address, low_port, high_address, high_port, protocol_key,
        coalesce(interface_id, resource_id) AS interface_id,
        count(*) AS records,
        coalesce(sum(bytes) FILTER (WHERE up), 0) AS bytes_up,
        coalesce(sum(bytes) FILTER (WHERE NOT up), 0) AS bytes_down,
        min("start") AS first_seen, max("end") AS last_seen
    FROM keyed
    WHERE low_address IS NOT NULL AND high_address IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7
),
several AS (
    SELECT
        scope, low_address, low_port, high_address, high_port, protocol_key,
        array_agg(interface_id ORDER BY interface_id) AS interface_ids,
        CAST(sum(records) AS BIGINT) AS records,
        CAST(sum(bytes_up + bytes_down) AS BIGINT) AS bytes_recorded,
        CAST(max(bytes_up) + max(bytes_down) AS BIGINT) AS bytes_once,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM at_interfaces
    GROUP BY scope, low_address, low_port, high_address, high_port, protocol_key
    HAVING count(interface_id) > 1
)
SELECT
    several.low_address AS one,
    nullif(several.low_port, -1) AS one_port,
    several.high_address AS other,
    nullif(several.high_port, -1) AS other_port,
    names.protocol_name AS protocol,
    several.interface_ids,
    several.records,
    several.bytes_recorded,
    several.bytes_once,
    several.bytes_recorded - several.bytes_once AS bytes_again,
    utc_time(several.first_seen) AS first_seen,
    utc_time(several.last_seen) AS last_seen
FROM several
LEFT JOIN protocol_names AS names ON names.protocol = several.protocol_key
ORDER BY bytes_again DESC, one, one_port, other, other_port, protocol_key, scope
LIMIT $limit
