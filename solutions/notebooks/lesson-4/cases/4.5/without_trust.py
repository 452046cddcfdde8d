# expect: fail not-trusted
now = lab.environment.connections()[leaving.upper()]
secrets_manager = lab.aws.client()
prefix = f"{me.team}/connections"
secrets_manager.create_secret(Name=f"{prefix}/{leaving}", SecretString=now)
at_aws = {name: value for name, value in lab.aws.arguments.items() if name != "verify"}
at_aws["connections_prefix"] = prefix
