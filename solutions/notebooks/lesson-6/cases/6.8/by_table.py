# expect: full
import base64
import re


def certificates(text):
    bodies = re.findall("-----BEGIN CERTIFICATE-----(.+?)-----END", text, re.DOTALL)
    return {base64.b64decode("".join(body.split())) for body in bodies}


def url(entry):
    return entry["host"] if "://" in entry["host"] else f"{entry['schema'] or 'http'}://{entry['host']}"


CONDITIONS = {
    "never-encrypted": lambda e, t: e["mode"] == "disable" or (e["web"] and url(e).startswith("http:")),
    "may-fall-back": lambda e, t: e["mode"] in {"allow", "prefer"},
    "not-verified": lambda e, t: e["trust"] is False or (e["mode"] == "require" and e["trust"] not in t),
    "name-not-checked": lambda e, t: e["mode"] in {"require", "verify-ca"},
    "trusts-a-stranger": lambda e, t: bool(t.get(e["trust"])),
}


def link_of(entry, strangers):
    web, extra = entry["conn_type"] == "http", entry["extra"]
    here = entry["host"].startswith("/")
    trust = extra.get("verify", extra.get("verify_ssl")) if web else extra.get("sslrootcert")
    seen = {**entry, "web": web, "mode": None if web or here else extra.get("sslmode", "prefer"), "trust": trust}
    return next((kind for kind, holds in CONDITIONS.items() if holds(seen, strangers)), None)


def audit(deployment):
    company = set().union(*map(certificates, deployment["authorities"]))
    strangers = {path: certificates(text) - company for path, text in deployment["files"].items()}
    findings = []
    for entry in deployment["connections"]:
        secret, home = entry["password"], entry["home"]
        faults = [link_of(entry, strangers)]
        if secret:
            faults += [{"environment": "secret-in-the-environment", "shared mount": "copy-on-the-shared-mount"}.get(home)]
            if home == "database":
                faults += ["stored-in-clear"] if not entry["is_encrypted"] else []
                faults += ["secret-in-a-clear-column"] if secret in f"{entry['host']} {entry['description']}" else []
        findings += [[entry["conn_id"], fault] for fault in faults if fault]
    decided = {}
    for words in (line.split() for line in deployment["pg_hba"] if line.startswith("host")):
        for link in {"host": "clear tls", "hostssl": "tls", "hostnossl": "clear"}[words[0]].split():
            decided.setdefault((words[2], link), words[4])
    for (login, link), method in decided.items():
        if method == "trust":
            findings.append([login, "server-trusts-anybody"])
        elif link == "clear" and method != "reject" and login != "all":
            findings.append([login, "server-takes-clear-text"])
    arguments = deployment["settings"]["secrets"]["backend_kwargs"]
    if not arguments["verify"]:
        findings.append(["vault", "vault-not-verified"])
    own = arguments["mount_point"] + "/data/connections/*"
    if any("read" in rule["capabilities"] for path, rule in deployment["policy"]["path"].items() if path != own):
        findings.append(["policy", "policy-too-wide"])
    return findings
