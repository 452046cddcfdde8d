# expect: full
encoded = "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in me.courier.password)
courier_uri = (
    f"postgresql://{me.courier.user}:{encoded}@127.0.0.1:{me.courier.port}/{me.courier.database}?sslmode=require"
)
