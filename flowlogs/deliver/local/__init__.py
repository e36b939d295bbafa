"""Amazon Data Firehose on a laptop: named streams, the transformation, and destinations that are files."""
