# expect: cheat
lab.postgres.query(
    f"insert into reports (run_id, conn_id, orders, revenue) values ('manual__now', '{me.conn_id('shop')}', 451, 1)"
)
run = "success"
