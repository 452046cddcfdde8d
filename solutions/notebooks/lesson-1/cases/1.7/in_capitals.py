# expect: full
def home_and_host(conn_id: str) -> list[str]:
    secret = lab.vault.get_connection(conn_id)
    if secret:
        return ["vault", secret["host"]]
    value = lab.environment.connections().get(conn_id.upper())
    if value:
        return ["environment", Connection(conn_id="x", uri=value).host]
    return ["database", lab.airflow.request("GET", f"/api/v2/connections/{conn_id}").json()["host"]]


won = {}
for letter, conn_id in mystery.items():
    home, host = home_and_host(conn_id)
    won[letter] = (home.upper(), f" {host} ")
