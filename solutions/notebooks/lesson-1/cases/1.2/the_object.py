# expect: fail not-a-text
courier_uri = courier
