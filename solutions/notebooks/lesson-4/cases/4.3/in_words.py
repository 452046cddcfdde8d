# expect: fail not-a-policy
policy = "read connections, and nothing else"
