"""Network interfaces over time, and the other resources they are understood by: whose traffic a record is.

Start at `updating`: one run of the inventory function. What it and the others use, in order:
tables         kinds, interval, network_interface
asking         calls, call, size, follow_ups, answers, taking
reading        reading, readers, uses, describe, owner, zones
history        lives, merge, interface_changes, interface_events, cloudtrail, recent_events
a run          updating, scope_record, publication, daily_tables, states, json_lines, history
looking up     inventory, in_memory, lookup_file, lookup_tables, network_interfaces, asking_ec2
files          files, documents, own_form, pulled, comparing
"""
