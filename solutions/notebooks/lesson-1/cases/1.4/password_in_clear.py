# expect: fail password-not-encoded
job = broken.split("application_name=")[1]
fixed_uri = raw + "?" + urlencode({"application_name": job})
