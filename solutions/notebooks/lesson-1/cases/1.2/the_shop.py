# expect: fail other-login
courier_uri = shop.get_uri()
