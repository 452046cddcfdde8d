# expect: fail not-the-whole-statement
statement = "select worth, code from vouchers"
