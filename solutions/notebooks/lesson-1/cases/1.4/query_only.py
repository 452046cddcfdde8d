# expect: fail encoded-twice
job = broken.split("application_name=")[1]
fixed_uri = broken.split("?")[0] + "?" + urlencode({"sslmode": "require", "application_name": job})
