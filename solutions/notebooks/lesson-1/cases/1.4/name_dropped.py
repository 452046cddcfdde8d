# expect: fail extra-dropped
fixed_uri = courier.get_uri() + "?sslmode=require"
