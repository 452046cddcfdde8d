# expect: fail whole-uri-encoded
courier_uri = quote(raw, safe='')
