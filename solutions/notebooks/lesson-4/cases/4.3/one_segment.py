# expect: full
policy = f"""
# What Airflow's backend reads.
path "{lab.vault.mount}/data/connections/+" {{
  capabilities = ["read"]
}}
"""
