# The Airflow of orders: what it needs, and nothing else.
path "${MOUNT}/data/connections/orders/*" {
  capabilities = ["read"]
}

path "${MOUNT}/data/variables/orders/*" {
  capabilities = ["read"]
}

# The nightly rotation. The most specific rule counts alone, so it has to say `read` again.
path "${MOUNT}/data/connections/orders/shop" {
  capabilities = ["create", "read", "update"]
}
