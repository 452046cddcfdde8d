# expect: full
policy = json.dumps({"path": {f"{me.team}/data/connections/*": {"capabilities": ["read"]}}})
