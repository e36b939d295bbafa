-- title: Security groups by traffic
-- question: How much do the interfaces of each security group talk, with how many others, and when did they last?
-- needs: security_group_ids
-- parameter: limit count = 1000: Rows at most
-- limits: several-groups, who-began, absence-of-traffic, what-the-inventory-knows
WITH times AS (
    SELECT attachment, interface_id, first_seen, last_seen FROM attachments
),
-- a conversation is of the groups that its interface had at that time
received AS (
    SELECT
        times.attachment, conversations.client AS peer, conversations.server_port, conversations.protocol,
        count(*) FILTER (WHERE NOT was_accepted) AS refused,
        count(*) FILTER (WHERE was_accepted) AS let_in
    FROM conversations
    JOIN times ON times.interface_id = conversations.server_interface_id
        AND conversations.last_seen >= times.first_seen AND conversations.first_seen <= times.last_seen
    GROUP BY times.attachment, conversations.client, conversations.server_port, conversations.protocol
),
asked AS (
    SELECT times.attachment, count(*) AS opened
    FROM conversations
    JOIN times ON times.interface_id = conversations.client_interface_id
        AND conversations.last_seen >= times.first_seen AND conversations.first_seen <= times.last_seen
    GROUP BY times.attachment
),
members AS (
    SELECT member.security_group_id, attachments.*
    FROM attachments
    CROSS JOIN UNNEST(security_group_ids) AS member(security_group_id)
),
by_records AS (
    SELECT
        members.security_group_id,
        count(DISTINCT members.interface_id) AS interfaces,
        count(DISTINCT CASE WHEN members.group_count > 1 THEN members.interface_id END) AS shared_interfaces,
        CAST(sum(members.bytes_in) AS BIGINT) AS bytes_in,
        CAST(sum(members.bytes_out) AS BIGINT) AS bytes_out,
        CAST(sum(CASE WHEN members.group_count = 1 THEN members.bytes_in + members.bytes_out ELSE 0 END) AS BIGINT)
            AS bytes_of_it_alone,
        CAST(coalesce(sum(asked.opened), 0) AS BIGINT) AS conversations_out,
        max(members.last_accepted) AS last_accepted
    FROM members
    LEFT JOIN asked ON asked.attachment = members.attachment
    GROUP BY members.security_group_id
),
by_clients AS (
    SELECT
        members.security_group_id,
        CAST(sum(received.let_in) AS BIGINT) AS conversations_in,
        CAST(sum(received.refused) AS BIGINT) AS refused_in,
        count(DISTINCT CASE WHEN received.let_in > 0 THEN received.peer END) AS sources,
        count(DISTINCT CASE
            WHEN received.let_in > 0 THEN coalesce(received.server_port, 0) * 256 + received.protocol
        END) AS server_ports
    FROM members
    JOIN received ON received.attachment = members.attachment
    GROUP BY members.security_group_id
)
SELECT
    by_records.security_group_id,
    known_groups.group_name,
    by_records.interfaces,
    by_records.shared_interfaces,
    coalesce(by_clients.conversations_in, 0) AS conversations_in,
    by_records.conversations_out,
    coalesce(by_clients.refused_in, 0) AS refused_in,
    coalesce(by_clients.sources, 0) AS sources,
    coalesce(by_clients.server_ports, 0) AS server_ports,
    by_records.bytes_in,
    by_records.bytes_out,
    by_records.bytes_of_it_alone,
    utc_time(by_records.last_accepted) AS last_accepted
FROM by_records
LEFT JOIN by_clients ON by_clients.security_group_id = by_records.security_group_id
LEFT JOIN known_groups ON known_groups.security_group_id = by_records.security_group_id
ORDER BY bytes_in + bytes_out DESC, security_group_id
LIMIT $limit
