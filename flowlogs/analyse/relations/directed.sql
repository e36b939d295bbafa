-- The records of `seen`, each with the roles of its ends and whether it goes from server to client (NULL: unknown).
SELECT
    keyed.*,
    known.client, known.server, known.client_port, known.server_port, known.confidence, known.reason,
    CASE WHEN known.role <> 0 THEN up <> (known.role = 1) END AS is_reply
FROM keyed
LEFT JOIN conversations AS known
    ON known.scope = keyed.scope AND known.low_address = keyed.low_address AND known.low_port = keyed.low_port
    AND known.high_address = keyed.high_address AND known.high_port = keyed.high_port
    AND coalesce(known.protocol, -1) = protocol_key
