"""Start a DAG for whoever brings a ticket.

A ticket is a Fernet token under the key that both teams have; inside is {"dag": …}.

Usage: TICKET_KEY=… python door.py DAG < ticket.txt
"""

import json
import os
import sys

from cryptography.fernet import Fernet, InvalidToken

TEN_MINUTES = 600


def welcome(dag: str, ticket: bytes) -> bool:
    """Whether this ticket opens the door for this DAG."""
    try:
        content = Fernet(os.environ["TICKET_KEY"]).decrypt(ticket, ttl=TEN_MINUTES)
    except InvalidToken:
        return False
    return json.loads(content) == {"dag": dag}


if __name__ == "__main__":
    if "TICKET_KEY" not in os.environ:
        sys.exit("TICKET_KEY is not set: nobody can be let in.")
    asked = sys.argv[1]
    if not welcome(asked, sys.stdin.read().strip().encode()):
        sys.exit(f"The ticket does not open {asked}.")
    print("start", asked)
