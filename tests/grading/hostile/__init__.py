"""Hand-ins that cheat, break, or are odd: the list of issue 7."""
