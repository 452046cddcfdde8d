# expect: fail old-copy-moved
now = lab.environment.connections()[leaving.upper()]
secrets_manager = lab.aws.client()
prefix = f"{me.team}/connections"
secrets_manager.create_secret(Name=f"{prefix}/{leaving}", SecretString=json.dumps(lab.vault.get_connection(leaving)))
at_aws = lab.aws.arguments | {"connections_prefix": prefix}
