import base64
import json
import os
import ssl
from urllib.request import Request, urlopen

pair = f"{os.environ['LOGIN']}:{os.environ['PASSWORD']}".encode()
request = Request(
    os.environ["BILLING"] + "/invoices?limit=3", headers={"Authorization": "Basic " + base64.b64encode(pair).decode()}
)
with urlopen(request, timeout=10, context=ssl.create_default_context(cafile=os.environ["CA_FILE"])) as answer:
    for invoice in json.load(answer)["invoices"]:
        print(invoice["id"])
