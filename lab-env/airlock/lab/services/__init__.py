"""The lab's services, one small module each, in the order a reader meets them."""

from airlock.lab.service import Service
from airlock.lab.services.airflow import AirflowApi, AirflowDatabase, AirflowScheduler
from airlock.lab.services.aws import Aws
from airlock.lab.services.billing import Billing
from airlock.lab.services.jupyter import Jupyter
from airlock.lab.services.openbao import OpenBao
from airlock.lab.services.postgres import Postgres
from airlock.lab.services.wire import Wire

LAB: tuple[Service, ...] = (
    Postgres(),
    OpenBao(),
    Aws(),
    Billing(),
    Wire(),
    AirflowDatabase(),
    AirflowApi(),
    AirflowScheduler(),
)
JUPYTER: Service = Jupyter()

__all__ = ["JUPYTER", "LAB"]
