"""`python -m flowlogs`."""

from flowlogs.cli.main import main

main()
