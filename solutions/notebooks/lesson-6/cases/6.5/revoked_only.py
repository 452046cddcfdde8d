# expect: partial session-survives
def contain(leak):
    lab.vault.admin.write_data("sys/leases/revoke", data={"lease_id": leak["lease"], "sync": True})
    return 0
