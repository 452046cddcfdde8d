# expect: partial session-survives
def contain(leak):
    lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})
    with server.admin() as admin:
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [leak["user"]])
    return 0
