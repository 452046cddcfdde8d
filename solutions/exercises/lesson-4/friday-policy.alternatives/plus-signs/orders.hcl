path "${MOUNT}/data/+/orders/+" { capabilities = ["read"] }
path "${MOUNT}/data/connections/orders/shop" { capabilities = ["read", "update"] }
