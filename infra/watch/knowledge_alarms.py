"""Rows of the table of alarms: the inventory and the geo databases."""

from infra.watch.alarm_row import AlarmRow, Of, Where

KNOWLEDGE_ALARMS = (
    AlarmRow(
        name="inventory is old",
        of=Of.READS_INVENTORY,
        where=Where.FUNCTIONS,
        metric="InventoryAge",
        statistic="Maximum",
        threshold=1800,  # seconds; three runs where they are further apart
        meaning="Documents are made with an inventory of more than 30 minutes ago, or of three runs: what is new since "
        "then has no security groups.",
        first="look at errors and throttles of the inventory function, then at its warnings in the saved query.",
    ),
    AlarmRow(
        name="accounts fail",
        of=Of.INVENTORY,
        where=Where.FUNCTIONS,
        metric="ScopesFailed",
        statistic="Maximum",
        compare=">=",
        threshold=1,
        periods=3,  # each as long as it is from one run to the next
        meaning="In each of three runs in a row some account or region could not be taken, one always or others in "
        "turn; their last state is kept.",
        first="read the inventory function's warnings, which name account, region and cause: mostly the role "
        "(accounts/inventory-role.yaml) is missing there, or does not trust the function.",
    ),
    AlarmRow(
        name="geo databases old",
        of=Of.READS_GEO,
        where=Where.FUNCTIONS,
        metric="GeoDatabaseAge",
        statistic="Maximum",
        threshold=62,  # days: a month and the one before; fewer where a licence ends sooner
        meaning="Places and networks come from databases of more than 62 days ago (MaxMind's: 21, for at 30 their "
        "licence ends and they are used no longer).",
        first="look at the geoip function's errors and warnings: it keeps the last good databases when it cannot fetch "
        "newer ones. Databases in a place of your own are yours to renew.",
    ),
    AlarmRow(
        name="geo fetch failed",
        of=Of.GEOIP,
        where=Where.FUNCTIONS,
        metric="GeoFetchesFailed",
        meaning="A database or list could not be fetched, or was not good; the last good one stays in use.",
        first="read the geoip function's warnings: they name the file and say what to check.",
    ),
    AlarmRow(
        name="slow geo reader",
        of=Of.READS_GEO,
        where=Where.FUNCTIONS,
        metric="GeoReaderSlow",
        statistic="Maximum",
        compare=">=",
        threshold=1,
        meaning="The decorator reads databases without maxminddb's C extension, some thirty times slower.",
        first="deploy again from a clean checkout, after `make setup`: the bundle lacks the extension.",
    ),
)
