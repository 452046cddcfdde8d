# expect: full
from urllib.parse import unquote

head, _, job = broken.partition("&application_name=")
password = unquote(unquote(head.split("://")[1].split("@")[0].split(":")[1]))
head = head.replace(quote(quote(password, safe=""), safe=""), quote(password, safe=""))
fixed_uri = f"{head}&application_name={quote(job, safe='')}"
