-- title: Where the sources of a security group lie
-- question: From which networks are the ports behind each security group used, and how narrow could a rule be?
-- needs: security_group_ids
-- needs: interface_end
-- parameter: limit count = 5000: Rows at most
-- limits: several-groups, absence-of-traffic, who-began, primary-addresses
WITH times AS (
    SELECT attachment, interface_id, first_seen, last_seen FROM attachments
),
received AS (
    SELECT
        times.attachment, conversations.client, conversations.server_port, conversations.protocol,
        count(*) AS conversations, max(conversations.last_seen) AS last_seen
    FROM conversations
    JOIN times ON times.interface_id = conversations.server_interface_id
        AND conversations.last_seen >= times.first_seen AND conversations.first_seen <= times.last_seen
    WHERE was_accepted
    GROUP BY times.attachment, conversations.client, conversations.server_port, conversations.protocol
),
keys AS (
    SELECT client, address_key(client) AS key
    FROM (SELECT DISTINCT client FROM received) AS clients
),
-- an IPv4 address without its last octet, its last two, and its last three; of IPv6 four groups, three, and two
blocks AS (
    SELECT
        client, key, 4 AS family,
        concat(three, '.0/24') AS small,
        concat(substr(three, 1, length(three) - strpos(reverse(three), '.')), '.0.0/16') AS middle,
        concat(substr(client, 1, strpos(client, '.') - 1), '.0.0.0/8') AS large
    FROM (
        SELECT client, key, substr(client, 1, length(client) - strpos(reverse(client), '.')) AS three
        FROM keys
        WHERE strpos(client, ':') = 0 AND key IS NOT NULL
    ) AS cut
    UNION ALL
    SELECT
        client, key, 6,
        concat(lower(concat(
            substr(key, 1, 4), ':', substr(key, 5, 4), ':', substr(key, 9, 4), ':', substr(key, 13, 4)
        )), '::/64'),
        concat(lower(concat(substr(key, 1, 4), ':', substr(key, 5, 4), ':', substr(key, 9, 4))), '::/48'),
        concat(lower(concat(substr(key, 1, 4), ':', substr(key, 5, 4))), '::/32')
    FROM keys
    WHERE strpos(client, ':') > 0 AND key IS NOT NULL
),
by_source AS (
    SELECT
        member.security_group_id, received.server_port, received.protocol, received.client,
        sum(received.conversations) AS conversations,
        sum(CASE WHEN attachments.group_count = 1 THEN received.conversations ELSE 0 END) AS by_it_alone,
        max(received.last_seen) AS last_seen
    FROM received
    JOIN attachments ON attachments.attachment = received.attachment
    CROSS JOIN UNNEST(attachments.security_group_ids) AS member(security_group_id)
    GROUP BY member.security_group_id, received.server_port, received.protocol, received.client
)
SELECT
    by_source.security_group_id,
    max(known_groups.group_name) AS group_name,
    by_source.server_port,
    max(names.protocol_name) AS protocol,
    CASE blocks.family WHEN 4 THEN 'IPv4' ELSE 'IPv6' END AS family,
    count(*) AS sources,
    count(DISTINCT blocks.small) AS small_blocks,
    count(DISTINCT blocks.middle) AS middle_blocks,
    CASE
        WHEN count(*) = 1 THEN concat(max(by_source.client), CASE blocks.family WHEN 4 THEN '/32' ELSE '/128' END)
        WHEN count(DISTINCT blocks.small) = 1 THEN max(blocks.small)
        WHEN count(DISTINCT blocks.middle) = 1 THEN max(blocks.middle)
        WHEN count(DISTINCT blocks.large) = 1 THEN max(blocks.large)
        WHEN blocks.family = 4 THEN '0.0.0.0/0'
        ELSE '::/0'
    END AS all_within,
    min_by(by_source.client, blocks.key) AS lowest_source,
    max_by(by_source.client, blocks.key) AS highest_source,
    CAST(sum(by_source.conversations) AS BIGINT) AS conversations,
    CAST(sum(by_source.by_it_alone) AS BIGINT) AS by_it_alone,
    utc_time(max(by_source.last_seen)) AS last_seen
FROM by_source
JOIN blocks ON blocks.client = by_source.client
LEFT JOIN known_groups ON known_groups.security_group_id = by_source.security_group_id
LEFT JOIN protocol_names AS names ON names.protocol = by_source.protocol
GROUP BY by_source.security_group_id, by_source.server_port, by_source.protocol, blocks.family
ORDER BY security_group_id, conversations DESC, server_port, by_source.protocol, family
LIMIT $limit
