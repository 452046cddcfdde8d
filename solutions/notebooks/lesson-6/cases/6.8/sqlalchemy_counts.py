# expect: fail missed-may-fall-back
def audit(deployment: dict) -> list[tuple[str, str]]:
    """Every fault of a deployment: subject and kind."""
    found = set()
    company = {fingerprint for text in deployment["authorities"] for fingerprint in fingerprints(text)}
    for entry in deployment["connections"]:
        link = http_link if entry["conn_type"] == "http" else postgres_link
        for fault in (link(entry, deployment["files"], company), home_of(entry)):
            if fault:
                found.add((entry["conn_id"], fault))
    for login in {entry["login"] for entry in deployment["connections"] if entry["password"]}:
        if fault := rule_for(login, deployment["pg_hba"]):
            found.add((login, fault))
    arguments = deployment["settings"]["secrets"].get("backend_kwargs", {})
    if arguments.get("verify") is False:
        found.add(("vault", "vault-not-verified"))
    needed = f"{arguments.get('mount_point')}/data/connections/"
    for path, rule in deployment["policy"]["path"].items():
        if "read" in rule["capabilities"] and not path.startswith(needed):
            found.add(("policy", "policy-too-wide"))
    return sorted(found)


def fingerprints(text: str) -> set[bytes]:
    return {each.fingerprint(hashes.SHA256()) for each in x509.load_pem_x509_certificates(text.encode())}


def stranger(path: object, files: dict, company: set) -> str | None:
    return "trusts-a-stranger" if path in files and fingerprints(files[path]) - company else None


def postgres_link(entry: dict, files: dict, company: set) -> str | None:
    extra = entry["extra"]
    extra = extra | extra.get("sqlalchemy_query", {})
    mode, root = extra.get("sslmode", "prefer"), extra.get("sslrootcert")
    if entry["host"].startswith("/"):
        return None
    if mode == "disable":
        return "never-encrypted"
    if mode in ("allow", "prefer"):
        return "may-fall-back"
    if mode == "require" and root not in files:
        return "not-verified"
    return "name-not-checked" if mode in ("require", "verify-ca") else stranger(root, files, company)


def http_link(entry: dict, files: dict, company: set) -> str | None:
    scheme, separator, _ = entry["host"].partition("://")
    if (scheme if separator else entry["schema"] or "http") == "http":
        return "never-encrypted"
    verify = entry["extra"].get("verify", entry["extra"].get("verify_ssl", True))
    return "not-verified" if verify is False else stranger(verify, files, company)


def home_of(entry: dict) -> str | None:
    if not entry["password"]:
        return None
    if entry["home"] == "environment":
        return "secret-in-the-environment"
    if entry["home"] == "shared mount":
        return "copy-on-the-shared-mount"
    if entry["home"] == "database" and not entry["is_encrypted"]:
        return "stored-in-clear"
    in_clear = entry["home"] == "database" and entry["password"] in entry["description"] + entry["host"]
    return "secret-in-a-clear-column" if in_clear else None


def rule_for(login: str, lines: list[str]) -> str | None:
    mine = [line.split() for line in lines if line.split()[:1] != ["#"] and login in line.split()]
    clear = next((words[-1] for words in mine if words[0] in ("host", "hostnossl")), "reject")
    secure = next((words[-1] for words in mine if words[0] in ("host", "hostssl")), "reject")
    if secure == "trust":
        return "server-trusts-anybody"
    return None if clear == "reject" else "server-takes-clear-text"
