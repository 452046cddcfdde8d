# expect: full
now = lab.environment.connections()[leaving.upper()]
secrets_manager = lab.aws.client()
prefix = f"{me.team}/connections"
# The names that a database's own secret has at AWS, and another separator.
fields = json.loads(now)
renamed = {"user": fields["login"], "pass": fields["password"], "server": fields["host"]}
renamed |= {"engine": fields["conn_type"], "port": fields["port"]}
secrets_manager.create_secret(Name=f"{me.team}.{leaving}", SecretString=json.dumps(renamed))
at_aws = lab.aws.arguments | {"connections_prefix": me.team, "sep": ".", "variables_prefix": None}
lab.environment.unset(leaving)
lab.airflow.request("DELETE", f"/api/v2/connections/{leaving}")
lab.vault.delete_connection(leaving)
