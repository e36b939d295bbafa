-- title: Long connections
-- question: Which connections lasted longest, and how long did they pause in between?
-- parameter: seconds number = 3600: Shown from so many seconds on
-- parameter: silence number = 3600: A longer pause ends a connection: the same ports are then taken for used again
-- parameter: limit count = 1000: Rows at most
-- limits: aggregation, who-began, no-data-and-skipped-data
WITH candidates AS (
    SELECT *, row_number() OVER (ORDER BY first_seen, low_address, low_port, high_address, high_port) AS candidate
    FROM conversations
    WHERE accepted > 0 AND low_port > 0 AND high_port > 0 AND last_seen - first_seen >= $seconds
),
-- of candidates alone it is asked which pauses they had
in_order AS (
    SELECT
        candidates.candidate,
        coalesce(keyed.interface_id, keyed.resource_id) AS interface_id,
        keyed.bytes, keyed."start" AS began, keyed."end" AS ended,
        max(keyed."end") OVER (
            PARTITION BY candidates.candidate
            ORDER BY keyed."start", keyed."end"
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS ended_before
    FROM keyed
    JOIN candidates
        ON candidates.low_address = keyed.low_address AND candidates.low_port = keyed.low_port
        AND candidates.high_address = keyed.high_address AND candidates.high_port = keyed.high_port
        AND candidates.scope = keyed.scope AND coalesce(candidates.protocol, -1) = keyed.protocol_key
    WHERE keyed.action = 'ACCEPT'
),
parts AS (
    SELECT
        *,
        sum(CASE WHEN began - ended_before > $silence THEN 1 ELSE 0 END) OVER (
            PARTITION BY candidate
            ORDER BY began, ended
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS part
    FROM in_order
),
-- what several interfaces recorded counts once
at_interfaces AS (
    SELECT
        candidate, part, interface_id,
        count(*) AS records, sum(bytes) AS bytes, min(began) AS first_seen, max(ended) AS last_seen,
        max(CASE WHEN began - ended_before BETWEEN 1 AND $silence THEN began - ended_before ELSE 0 END) AS longest_pause
    FROM parts
    GROUP BY candidate, part, interface_id
),
connections AS (
    SELECT
        candidate,
        CAST(sum(records) AS BIGINT) AS records, CAST(max(bytes) AS BIGINT) AS total_bytes,
        min(first_seen) AS first_seen, max(last_seen) AS last_seen, max(longest_pause) AS longest_pause
    FROM at_interfaces
    GROUP BY candidate, part
    HAVING max(last_seen) - min(first_seen) >= $seconds
)
SELECT
    coalesce(candidates.client, candidates.low_address) AS client,
    CASE WHEN candidates.role = 0 THEN candidates.low_port ELSE candidates.client_port END AS client_port,
    coalesce(candidates.server, candidates.high_address) AS server,
    CASE WHEN candidates.role = 0 THEN candidates.high_port ELSE candidates.server_port END AS server_port,
    names.protocol_name AS protocol,
    candidates.confidence AS confidence_of_roles,
    connections.last_seen - connections.first_seen AS seconds,
    connections.longest_pause,
    connections.records,
    connections.total_bytes,
    utc_time(connections.first_seen) AS first_seen,
    utc_time(connections.last_seen) AS last_seen
FROM connections
JOIN candidates ON candidates.candidate = connections.candidate
LEFT JOIN protocol_names AS names ON names.protocol = candidates.protocol
ORDER BY
    seconds DESC, client, client_port, server, server_port, candidates.protocol, candidates.scope,
    connections.first_seen
LIMIT $limit
