# expect: full
def contain(leak):
    find = "select pid from pg_stat_activity where usename = %s or (usename is null and backend_type = 'client backend')"
    with server.admin() as admin:
        lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})
        for (pid,) in admin.execute(find, [leak["user"]]).fetchall():
            admin.execute("select pg_terminate_backend(%s)", [pid])
    return True
