"""`python -m flows` is `valueprism`."""

from flows.cli import main

main()
