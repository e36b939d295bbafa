"""Network interfaces over time: whose traffic a record is."""
