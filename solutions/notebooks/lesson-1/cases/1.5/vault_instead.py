# expect: fail other-home
lab.vault.put_connection(me.conn_id("shop"), {"conn_uri": shop.get_uri()})
