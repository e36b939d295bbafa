-- Who talked to whom in `seen`: one row a conversation, that is two ends (address and port) and a protocol, and which
-- of them is the client. How it is judged, and how often that is right: docs/conversations.md.
-- The ends are `low` and `high` in the order of texts, `up` goes from low to high. A hint is 1 where it says that low
-- is the client, -1 that high is, 0 where it does not tell.
-- What may be told of a conversation are the bits of `told`, since one aggregate costs less than one for each of them:
--   1 accepted up      4 rejected up      16 low is the client by its SYN      64 flags told, but not the client
--   2 accepted down    8 rejected down    32 high is
-- and of an interface that recorded it:
--   128 it rejected all that went up      512 it is high's own and accepted some of it     1024 and rejected all of it
--   256 it rejected all that went down   2048 it is low's own and accepted some of it      4096 and rejected all of it
WITH hinted AS (
    SELECT
        scope, low_address, low_port, high_address, high_port, protocol_key, up, vpc_id,
        coalesce(interface_id, resource_id, '') AS interface_id, "start" AS began, "end" AS ended, bytes, packets,
        action,
        -- beyond a NAT gateway is another host, of which the gateway's interface has no address. Secondary addresses of
        -- an interface, which stand in packets alone, are private.
        CASE
            WHEN own_address <> own_hop AND NOT (
                own_address LIKE '10.%' OR own_address LIKE '192.168.%'
                OR (own_address LIKE '172.__.%' AND substr(own_address, 5, 2) BETWEEN '16' AND '31')
                OR (own_address LIKE '100.__.%' AND substr(own_address, 5, 2) BETWEEN '64' AND '99')
                OR (own_address LIKE '100.1__.%' AND substr(own_address, 5, 3) BETWEEN '100' AND '127')
            ) THEN NULL
            WHEN up = (interface_end = 'source') THEN 1
            WHEN interface_end IS NOT NULL THEN 2
        END AS own_end,
        CASE action WHEN 'ACCEPT' THEN CASE WHEN up THEN 1 ELSE 2 END WHEN 'REJECT' THEN CASE WHEN up THEN 4 ELSE 8 END
            ELSE 0 END
        -- SYN (2) without ACK (16) comes from who opens a connection, both together go to it
        + CASE
            WHEN tcp_flags % 4 < 2 THEN 64
            WHEN up = (tcp_flags % 32 < 16) THEN 16
            WHEN tcp_flags IS NOT NULL THEN 32
            ELSE 0
        END AS told
    FROM (
        SELECT
            keyed.*,
            CASE interface_end WHEN 'source' THEN packet_source WHEN 'destination' THEN packet_destination END
                AS own_address,
            CASE interface_end WHEN 'source' THEN srcaddr WHEN 'destination' THEN dstaddr END AS own_hop
        FROM keyed
        WHERE packet_source IS NOT NULL AND packet_destination IS NOT NULL
    ) AS with_own_address
),
-- one row a conversation and interface that recorded it
sides AS (
    SELECT
        interface_id, scope, low_address, low_port, high_address, high_port, protocol_key AS protocol,
        max(vpc_id) AS vpc_id,
        max(own_end) AS own_end,
        min(began) FILTER (WHERE up) AS began_up,
        min(began) FILTER (WHERE NOT up) AS began_down,
        min(began) FILTER (WHERE action = 'ACCEPT') AS first_accepted,
        max(ended) AS ended,
        sum(bytes) FILTER (WHERE up) AS bytes_up,
        sum(bytes) FILTER (WHERE NOT up) AS bytes_down,
        sum(packets) FILTER (WHERE up) AS packets_up,
        sum(packets) FILTER (WHERE NOT up) AS packets_down,
        count(*) AS records,
        count(*) FILTER (WHERE action = 'ACCEPT') AS accepted,
        count(*) FILTER (WHERE action = 'REJECT') AS rejected,
        bitwise_or_agg(told) AS told
    FROM hinted
    GROUP BY 1, 2, 3, 4, 5, 6, 7
),
-- one row a conversation: what several interfaces recorded counts once, as the one that recorded most of it
pairs AS (
    SELECT
        scope, low_address, low_port, high_address, high_port, protocol,
        max(CASE WHEN own_end = 1 THEN nullif(interface_id, '') END) AS low_interface_id,
        max(CASE WHEN own_end = 2 THEN nullif(interface_id, '') END) AS high_interface_id,
        max(CASE WHEN own_end = 1 THEN vpc_id END) AS low_vpc_id,
        max(CASE WHEN own_end = 2 THEN vpc_id END) AS high_vpc_id,
        min(began_up) AS began_up,
        min(began_down) AS began_down,
        min(first_accepted) AS first_accepted,
        max(ended) AS ended,
        coalesce(max(bytes_up), 0) AS bytes_up,
        coalesce(max(bytes_down), 0) AS bytes_down,
        coalesce(max(packets_up), 0) AS packets_up,
        coalesce(max(packets_down), 0) AS packets_down,
        sum(records) AS records,
        sum(accepted) AS accepted,
        sum(rejected) AS rejected,
        bitwise_or_agg(
            told
            + CASE
                WHEN bitwise_and(told, 1 + 4) = 4 THEN CASE WHEN own_end = 2 THEN 128 + 1024 ELSE 128 END
                WHEN bitwise_and(told, 1) > 0 AND own_end = 2 THEN 512
                ELSE 0
            END
            + CASE
                WHEN bitwise_and(told, 2 + 8) = 8 THEN CASE WHEN own_end = 1 THEN 256 + 4096 ELSE 256 END
                WHEN bitwise_and(told, 2) > 0 AND own_end = 1 THEN 2048
                ELSE 0
            END
        ) AS told,
        count(*) AS interfaces
    FROM sides
    GROUP BY 1, 2, 3, 4, 5, 6
),
-- grades: 0 where only servers have the port, 3 where clients get theirs
graded AS (
    SELECT
        pairs.*,
        port_grade(low_port) AS low_grade,
        port_grade(high_port) AS high_grade,
        bitwise_and(told, 1) > 0 AS accepted_up,
        bitwise_and(told, 2) > 0 AS accepted_down,
        bitwise_and(told, 4) > 0 AS rejected_up,
        bitwise_and(told, 8) > 0 AS rejected_down,
        bitwise_and(told, 16 + 32 + 64) > 0 AS has_flags,
        -- whether it was let through as far as its destination: its own interface knows; of others, none has to have
        -- rejected all of it
        CASE
            WHEN bitwise_and(told, 512 + 1024) > 0 THEN bitwise_and(told, 512) > 0
            ELSE bitwise_and(told, 1 + 128) = 1
        END AS reached_high,
        CASE
            WHEN bitwise_and(told, 2048 + 4096) > 0 THEN bitwise_and(told, 2048) > 0
            ELSE bitwise_and(told, 2 + 256) = 2
        END AS reached_low
    FROM pairs
),
-- ends that talk with many others; not those that ask many services from one port of their own. Up to three packets of
-- TCP are a probe and no talk.
popular AS (
    SELECT scope, address, port, protocol, count(*) AS peers
    FROM (
        SELECT
            scope, protocol,
            CASE each WHEN 1 THEN low_address ELSE high_address END AS address,
            CASE each WHEN 1 THEN low_port ELSE high_port END AS port,
            CASE each WHEN 1 THEN high_port ELSE low_port END AS far_port,
            CASE each WHEN 1 THEN high_grade ELSE low_grade END AS far_grade
        FROM graded
        CROSS JOIN UNNEST(ARRAY[1, 2]) AS ends(each)
        WHERE (accepted_up OR accepted_down) AND low_port > 0 AND high_port > 0
            AND (protocol <> 6 OR packets_up + packets_down > 3)
    ) AS talking
    WHERE port <> 20
    GROUP BY scope, address, port, protocol
    HAVING count(*) >= 3 AND min(far_port) <> max(far_port) AND count_if(far_grade < 2) * 10 <= count(*)
),
evidence AS (
    SELECT
        graded.*,
        CASE bitwise_and(told, 16 + 32) WHEN 16 THEN 1 WHEN 32 THEN -1 ELSE 0 END AS by_syn,
        CASE
            WHEN coalesce(high.peers, 1) >= 3 * coalesce(low.peers, 1) THEN 1
            WHEN coalesce(low.peers, 1) >= 3 * coalesce(high.peers, 1) THEN -1
            ELSE 0
        END AS by_peers,
        -- what began before the asked time may show its answer first
        CASE
            WHEN graded.protocol = 6 AND has_flags THEN 0
            WHEN began_up < began_down AND began_up > earliest + 600 THEN 1
            WHEN began_down < began_up AND began_down > earliest + 600 THEN -1
            ELSE 0
        END AS by_beginning,
        -- a server's late packets, after its connection is closed, are rejected too
        CASE
            WHEN graded.protocol = 6 AND has_flags THEN 0
            WHEN rejected_up AND NOT rejected_down AND NOT accepted_down
                AND NOT (low_grade < 2 AND high_grade >= 2) THEN 1
            WHEN rejected_down AND NOT rejected_up AND NOT accepted_up
                AND NOT (high_grade < 2 AND low_grade >= 2) THEN -1
            ELSE 0
        END AS by_reject,
        CASE
            WHEN low_port <= 0 OR high_port <= 0 OR low_grade = high_grade THEN 0
            WHEN low_grade > high_grade THEN 1
            ELSE -1
        END AS by_ports
    FROM graded
    LEFT JOIN popular AS low ON low.scope = graded.scope AND low.address = low_address AND low.port = low_port
        AND low.protocol = graded.protocol
    LEFT JOIN popular AS high ON high.scope = graded.scope AND high.address = high_address AND high.port = high_port
        AND high.protocol = graded.protocol
    CROSS JOIN (SELECT min("start") AS earliest FROM seen) AS beginning
),
judged AS (
    SELECT
        *,
        CASE
            WHEN by_syn <> 0 THEN by_syn
            WHEN by_peers <> 0 THEN by_peers
            WHEN by_beginning <> 0 AND by_beginning <> -by_ports THEN by_beginning
            WHEN by_reject <> 0 THEN by_reject
            ELSE by_ports
        END AS role,
        CASE
            WHEN by_syn <> 0 THEN 'syn'
            WHEN by_peers <> 0 THEN 'many-peers'
            WHEN by_beginning <> 0 AND by_beginning <> -by_ports THEN 'began-first'
            WHEN by_reject <> 0 THEN 'rejected'
            WHEN by_ports <> 0 THEN 'port-numbers'
            ELSE 'unknown'
        END AS reason
    FROM evidence
)
SELECT
    CASE role WHEN 1 THEN low_address WHEN -1 THEN high_address END AS client,
    CASE role WHEN 1 THEN high_address WHEN -1 THEN low_address END AS server,
    nullif(CASE role WHEN 1 THEN low_port WHEN -1 THEN high_port END, -1) AS client_port,
    nullif(CASE role WHEN 1 THEN high_port WHEN -1 THEN low_port END, -1) AS server_port,
    nullif(protocol, -1) AS protocol,
    CASE
        WHEN reason = 'unknown' THEN 'none'
        WHEN reason = 'syn' THEN 'high'
        WHEN reason = 'port-numbers' OR by_ports = -role THEN 'low'
        WHEN reason = 'many-peers' AND by_ports = role THEN 'high'
        ELSE 'medium'
    END AS confidence,
    reason,
    CASE WHEN began_up IS NULL OR began_down < began_up THEN began_down ELSE began_up END AS first_seen,
    ended AS last_seen,
    first_accepted,
    CAST(CASE role WHEN 1 THEN bytes_up WHEN -1 THEN bytes_down END AS BIGINT) AS bytes_to_server,
    CAST(CASE role WHEN 1 THEN bytes_down WHEN -1 THEN bytes_up END AS BIGINT) AS bytes_to_client,
    CAST(CASE role WHEN 1 THEN packets_up WHEN -1 THEN packets_down END AS BIGINT) AS packets_to_server,
    CAST(CASE role WHEN 1 THEN packets_down WHEN -1 THEN packets_up END AS BIGINT) AS packets_to_client,
    CAST(bytes_up + bytes_down AS BIGINT) AS bytes,
    CAST(bytes_up AS BIGINT) AS bytes_from_low,
    CAST(bytes_down AS BIGINT) AS bytes_from_high,
    CAST(packets_up + packets_down AS BIGINT) AS packets,
    CAST(records AS BIGINT) AS records,
    CAST(accepted AS BIGINT) AS accepted,
    CAST(rejected AS BIGINT) AS rejected,
    -- who answers was asked
    CASE role WHEN 1 THEN reached_high OR accepted_down WHEN -1 THEN reached_low OR accepted_up END
        AS was_accepted,
    CASE role WHEN 1 THEN reached_low WHEN -1 THEN reached_high END AS was_answered,
    interfaces,
    CASE role WHEN 1 THEN low_interface_id WHEN -1 THEN high_interface_id END AS client_interface_id,
    CASE role WHEN 1 THEN high_interface_id WHEN -1 THEN low_interface_id END AS server_interface_id,
    CASE role WHEN 1 THEN low_vpc_id WHEN -1 THEN high_vpc_id END AS client_vpc_id,
    CASE role WHEN 1 THEN high_vpc_id WHEN -1 THEN low_vpc_id END AS server_vpc_id,
    scope, low_address, low_port, high_address, high_port, role
FROM judged
