"""``python -m airlock.cli``: the same as the `airlock` command."""

from airlock.cli.main import main

main()
