-- title: New server ports
-- question: On which interfaces did a server port accept its first connection in the last hours of the data?
-- parameter: hours steps = 24: So many hours before the last record are new, but no more than half of the data
-- parameter: limit count = 1000: Rows at most
-- limits: absence-of-traffic, no-data-and-skipped-data, who-began
WITH asked AS (
    SELECT min("start") AS data_from, max("start") AS data_to, max("start") - $hours * 3600 AS new_from FROM seen
),
ports AS (
    SELECT
        server, server_interface_id, server_port, protocol,
        count(*) AS connections, count(DISTINCT client) AS clients, CAST(sum(bytes) AS BIGINT) AS total_bytes,
        min(first_accepted) AS first_seen, max(last_seen) AS last_seen
    FROM conversations
    WHERE server_port > 0 AND was_accepted
    GROUP BY server, server_interface_id, server_port, protocol
)
SELECT
    ports.server_interface_id AS interface_id, ports.server, ports.server_port, names.protocol_name AS protocol,
    ports.connections, ports.clients, ports.total_bytes,
    utc_time(ports.first_seen) AS first_seen, utc_time(ports.last_seen) AS last_seen
FROM ports
-- what is new, is so beside at least as much time before it
JOIN asked ON ports.first_seen > asked.new_from AND 2 * ports.first_seen > asked.data_from + asked.data_to
LEFT JOIN protocol_names AS names ON names.protocol = ports.protocol
ORDER BY connections DESC, server, server_port, protocol, interface_id
LIMIT $limit
