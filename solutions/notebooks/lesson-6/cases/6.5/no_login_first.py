# expect: full
def contain(leak):
    from psycopg import sql

    name = sql.Identifier(leak["user"])
    with server.admin() as admin:
        admin.execute(sql.SQL("alter role {} nologin").format(name))
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [leak["user"]])
        lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})
    return "done"
