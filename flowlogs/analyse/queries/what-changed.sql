-- title: What changed
-- question: Which server ports had more or fewer bytes and connections in the last day than in the day before and the same day a week ago?
-- parameter: limit count = 100: Rows at most
-- limits: absence-of-traffic, no-data-and-skipped-data, seen-at-two-interfaces, who-began
WITH asked AS (
    SELECT min("start") AS data_from, max("start") AS data_to FROM seen WHERE coalesce(log_status, 'OK') = 'OK'
),
dated AS (
    SELECT
        directed.*,
        CASE
            WHEN directed."start" > asked.data_to - 86400 THEN 0
            WHEN directed."start" > asked.data_to - 172800 THEN 1
            WHEN directed."start" > asked.data_to - 691200 AND directed."start" <= asked.data_to - 604800 THEN 7
        END AS days_ago
    FROM directed
    CROSS JOIN asked
    WHERE directed.action = 'ACCEPT' AND directed.server IS NOT NULL
),
by_interface AS (
    SELECT
        days_ago, interface_id, server, server_port, protocol, client, client_port,
        CAST(sum(bytes) AS BIGINT) AS total_bytes
    FROM dated
    WHERE days_ago IS NOT NULL
    GROUP BY days_ago, interface_id, server, server_port, protocol, client, client_port
),
-- what two interfaces recorded is counted once, as the one that recorded most
once AS (
    SELECT days_ago, server, server_port, protocol, max(total_bytes) AS total_bytes
    FROM by_interface
    GROUP BY days_ago, server, server_port, protocol, client, client_port
),
days AS (
    SELECT
        server, server_port, protocol,
        CAST(coalesce(sum(total_bytes) FILTER (WHERE days_ago = 0), 0) AS BIGINT) AS bytes_last_day,
        CAST(coalesce(sum(total_bytes) FILTER (WHERE days_ago = 1), 0) AS BIGINT) AS bytes_day_before,
        CAST(coalesce(sum(total_bytes) FILTER (WHERE days_ago = 7), 0) AS BIGINT) AS bytes_week_ago,
        count(*) FILTER (WHERE days_ago = 0) AS connections_last_day,
        count(*) FILTER (WHERE days_ago = 1) AS connections_day_before,
        count(*) FILTER (WHERE days_ago = 7) AS connections_week_ago
    FROM once
    GROUP BY server, server_port, protocol
),
-- a day of which the data lack more than an hour has no figure, rather than a small one
known AS (
    SELECT
        days.server, days.server_port, days.protocol, days.bytes_last_day, days.connections_last_day,
        CASE WHEN asked.data_from <= asked.data_to - 169200 THEN days.bytes_day_before END AS bytes_day_before,
        CASE WHEN asked.data_from <= asked.data_to - 169200 THEN days.connections_day_before END
            AS connections_day_before,
        CASE WHEN asked.data_from <= asked.data_to - 687600 THEN days.bytes_week_ago END AS bytes_week_ago,
        CASE WHEN asked.data_from <= asked.data_to - 687600 THEN days.connections_week_ago END AS connections_week_ago
    FROM days
    CROSS JOIN asked
)
SELECT
    known.server, known.server_port, names.protocol_name AS protocol,
    known.bytes_last_day, known.bytes_day_before, known.bytes_week_ago,
    known.connections_last_day, known.connections_day_before, known.connections_week_ago
FROM known
LEFT JOIN protocol_names AS names ON names.protocol = known.protocol
ORDER BY abs(bytes_last_day - coalesce(bytes_day_before, bytes_week_ago, 0)) DESC, server, server_port, protocol
LIMIT $limit
