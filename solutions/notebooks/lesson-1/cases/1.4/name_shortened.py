# expect: partial extra-cut-off
fixed_uri = courier.get_uri() + "?application_name=R%26D"
