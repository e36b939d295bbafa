"""The watch stage: counts, alarms, saved queries and a dashboard for everything before it."""
