"""Airlock: connection encryption in Apache Airflow, hands on."""
