import json
import sys


def machine(host):
    return host.split("://")[-1].rsplit("@", 1)[-1].split("/")[0].split(":")[0]


listed = json.load(sys.stdin)
for conn_id, each in listed.items():
    listed[conn_id] = {"conn_type": each["conn_type"], "port": each["port"], "host": machine(each["host"])}
print(json.dumps(listed))
