"""The inventory: scheduled snapshots of interfaces and security groups, merged over time."""
