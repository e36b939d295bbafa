-- title: Ports of security groups
-- question: Which server ports are used behind each security group, by how many sources, and which did nobody but refused clients ask for?
-- needs: security_group_ids
-- needs: interface_end
-- parameter: limit count = 5000: Rows at most
-- limits: several-groups, who-began, what-a-reject-means, absence-of-traffic
WITH times AS (
    SELECT attachment, interface_id, first_seen, last_seen FROM attachments
),
-- a conversation is of the groups that its interface had at that time
received AS (
    SELECT
        times.attachment, conversations.client, conversations.server_port, conversations.protocol,
        count(*) FILTER (WHERE was_accepted) AS let_in,
        count(*) FILTER (WHERE NOT was_accepted) AS refused,
        sum(bytes_to_server) FILTER (WHERE was_accepted) AS bytes_in,
        sum(bytes_to_client) FILTER (WHERE was_accepted) AS bytes_out,
        min(conversations.first_seen) AS first_seen,
        max(conversations.last_seen) AS last_seen
    FROM conversations
    JOIN times ON times.interface_id = conversations.server_interface_id
        AND conversations.last_seen >= times.first_seen AND conversations.first_seen <= times.last_seen
    GROUP BY times.attachment, conversations.client, conversations.server_port, conversations.protocol
)
SELECT
    member.security_group_id,
    max(known_groups.group_name) AS group_name,
    received.server_port,
    max(names.protocol_name) AS protocol,
    CAST(sum(received.let_in) AS BIGINT) AS conversations,
    CAST(sum(CASE WHEN attachments.group_count = 1 THEN received.let_in ELSE 0 END) AS BIGINT) AS by_it_alone,
    CAST(sum(received.refused) AS BIGINT) AS refused,
    count(DISTINCT CASE WHEN received.let_in > 0 THEN received.client END) AS sources,
    CAST(coalesce(sum(received.bytes_in), 0) AS BIGINT) AS bytes_in,
    CAST(coalesce(sum(received.bytes_out), 0) AS BIGINT) AS bytes_out,
    utc_time(min(received.first_seen)) AS first_seen,
    utc_time(max(received.last_seen)) AS last_seen
FROM received
JOIN attachments ON attachments.attachment = received.attachment
CROSS JOIN UNNEST(attachments.security_group_ids) AS member(security_group_id)
LEFT JOIN known_groups ON known_groups.security_group_id = member.security_group_id
LEFT JOIN protocol_names AS names ON names.protocol = received.protocol
GROUP BY member.security_group_id, received.server_port, received.protocol
ORDER BY security_group_id, conversations DESC, refused DESC, server_port, received.protocol
LIMIT $limit
