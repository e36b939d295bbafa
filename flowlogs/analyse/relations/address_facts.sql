-- Each address of the records, with what is known of it. Facts of two readings are not told apart: the last in the
-- order of texts stands.
SELECT
    address,
    max(country_code) AS country_code, max(country_name) AS country_name,
    max(asn) AS asn, max(as_organization) AS as_organization, max(network) AS network
FROM (
    SELECT
        coalesce(pkt_srcaddr, srcaddr) AS address,
        source_country_code AS country_code, source_country_name AS country_name,
        source_asn AS asn, source_as_organization AS as_organization, source_network AS network
    FROM seen
    UNION ALL
    SELECT
        coalesce(pkt_dstaddr, dstaddr),
        destination_country_code, destination_country_name,
        destination_asn, destination_as_organization, destination_network
    FROM seen
) AS ends
WHERE country_code IS NOT NULL OR asn IS NOT NULL OR network IS NOT NULL
GROUP BY address
