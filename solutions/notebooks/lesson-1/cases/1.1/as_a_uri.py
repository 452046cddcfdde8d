# expect: full
query = urlencode({"sslmode": "require", "application_name": me.word("desk")})
shop = Connection(
    conn_id="anything",
    uri=f"postgresql://{me.shop.user}:{me.shop.password}@127.0.0.1:{me.shop.port}/{me.shop.database}?{query}",
)
