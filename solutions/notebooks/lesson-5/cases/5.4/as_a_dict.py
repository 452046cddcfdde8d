# expect: fail no-table
guess = {"prefer": {"passive": "safe"}}
