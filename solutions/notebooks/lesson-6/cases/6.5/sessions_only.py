# expect: fail not-revoked
def contain(leak):
    with server.admin() as admin:
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [leak["user"]])
    return 0
