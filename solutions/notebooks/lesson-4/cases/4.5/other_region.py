# expect: fail other-region
now = lab.environment.connections()[leaving.upper()]
secrets_manager = lab.aws.client()
prefix = f"{me.team}/connections"
secrets_manager.create_secret(Name=f"{prefix}/{leaving}", SecretString=now)
at_aws = lab.aws.arguments | {"connections_prefix": prefix, "region_name": "us-east-1"}
