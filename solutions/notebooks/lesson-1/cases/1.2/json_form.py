# expect: fail json-not-uri
courier_uri = courier.as_json()
