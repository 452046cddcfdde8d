# expect: full
from airflow.sdk import Connection

now = lab.environment.connections()[leaving.upper()]
secrets_manager = lab.aws.client()
prefix = f"{me.team}/connections"
uri = Connection.from_json(now, conn_id=leaving).get_uri()
secrets_manager.create_secret(Name=f"{prefix}/{leaving}", SecretString=uri)
at_aws = {**lab.aws.arguments, "connections_prefix": f"{prefix}/"}
lab.environment.unset(leaving)
lab.airflow.request("DELETE", f"/api/v2/connections/{leaving}")
lab.vault.delete_connection(leaving)
