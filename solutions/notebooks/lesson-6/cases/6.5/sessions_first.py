# expect: partial came-back
def contain(leak):
    with server.admin() as admin:
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [leak["user"]])
    time.sleep(0.5)
    lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})
    return 0
