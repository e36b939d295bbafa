"""The decorator: Firehose's transformation of flow-record lines into documents."""
