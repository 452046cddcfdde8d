# expect: fail extra-cut-off
fixed_uri = courier.get_uri() + "?" + broken.split("?")[1]
