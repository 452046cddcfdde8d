# The Airflow of orders.

# Friday, 18:40: new connections could not be read. This helps. Tighten on Monday.
path "${MOUNT}/*" {
  capabilities = ["create", "read", "update", "list"]
}

# HR is none of our business.
path "${MOUNT}/data/connections/hr/*" {
  capabilities = ["deny"]
}
