# expect: full
import subprocess
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)


(folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE")
(folder / "server.ext").write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
(folder / "client.ext").write_text("extendedKeyUsage=clientAuth")
openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "0.key", "-out", "0.crt", "-subj", "/CN=root")
signer = "0"
for name, subject, extra in (("1", "one", "ca"), ("2", "two", "ca"), ("server", "s", "server"), ("client", login, "client")):
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", "it.csr", "-subj", f"/CN={subject}")
    sign = ["x509", "-req", "-in", "it.csr", "-CA", f"{signer}.crt", "-CAkey", f"{signer}.key", "-CAcreateserial"]
    openssl(*sign, "-out", f"{name}.crt", "-extfile", f"{extra}.ext", "-days", "30")
    signer = name if extra == "ca" else signer
read = {file.name: file.read_text() for file in folder.iterdir()}
between = read["2.crt"] + read["1.crt"]
pem = {"root": read["0.crt"], "root key": read["0.key"]}
pem |= {"server": read["server.crt"] + between, "server key": read["server.key"]}
pem |= {"client": read["client.crt"] + between, "client key": read["client.key"]}
