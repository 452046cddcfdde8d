{
  "path": {
    "${MOUNT}/data/connections/orders/*": {"capabilities": ["read"]},
    "${MOUNT}/data/variables/orders/*": {"capabilities": ["read"]},
    "${MOUNT}/data/connections/orders/shop": {"capabilities": ["read", "create", "update", "patch"]}
  }
}
