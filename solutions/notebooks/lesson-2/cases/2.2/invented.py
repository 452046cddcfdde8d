# expect: fail not-recorded
statement = "select customer, quantity from orders"
