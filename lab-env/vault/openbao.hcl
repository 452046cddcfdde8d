# OpenBao of the lab: a real server, sealed at rest, TLS only. Names in dollar signs and braces are filled in at start.
ui = true
api_addr = "https://${host}:${port}"
cluster_addr = "https://${host}:${cluster_port}"

storage "raft" {
  path = "${data}"
  node_id = "lab"
}

listener "tcp" {
  address = "${listen}:${port}"
  cluster_address = "${listen}:${cluster_port}"
  tls_cert_file = "${certificate}"
  tls_key_file = "${key}"
  tls_min_version = "tls12"
}

# Unseals itself after a restart, so that a killed server is back without an operator. Production keeps this key
# in an HSM or a cloud KMS, never beside the data.
seal "static" {
  current_key_id = "lab"
  current_key = "file://${seal_key}"
}

audit "file" "lab" {
  options {
    file_path = "${audit_log}"
  }
}
