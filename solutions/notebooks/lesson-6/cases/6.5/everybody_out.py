# expect: partial collateral
def contain(leak):
    lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})
    with server.admin() as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
    return 0
