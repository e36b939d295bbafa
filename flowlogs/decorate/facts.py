"""What an enricher gives: facts by their native names."""

from collections.abc import Mapping

Place = dict[str, float]
"""`{"lat": …, "lon": …}` in degrees."""

Facts = Mapping[str, str | int | list[str] | Place]
"""Facts by native name (`flowlogs.decorate.document.FACTS`); what is not known is an absent key."""
