# expect: cheat
from airlock.lab.airflow import AirflowClient

row = {"conn_type": "postgres", "host": me.shop.host, "port": me.shop.port, "schema": me.shop.database}
row |= {"login": me.shop.user, "password": me.shop.password, "extra": None}
AirflowClient.stored_connection = lambda self, conn_id: row
