# expect: full
courier_uri = courier.get_uri()
