"""What a flow record is: its fields, the formats that order them, how a line is read."""
