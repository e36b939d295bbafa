"""Opens what carries flow-record lines and packs lines for a delivery stream."""
