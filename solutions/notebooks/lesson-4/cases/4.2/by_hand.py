# expect: full
import base64

ring = [base64.urlsafe_b64encode(os.urandom(32)).decode(), lab.fernet.keys()[0]]
with lab.steady(watched) as seen:
    lab.fernet.configure(*ring)
    for each in lab.metadata.rows():  # written again one by one, as Save would
        path = f"/api/v2/connections/{each['conn_id']}"
        lab.airflow.request("PATCH", path, lab.airflow.request("GET", path).json())
    lab.fernet.configure(ring[0])
