# expect: fail unknown-option
sealed = connection_of(me.shop, me.shop.port, {"ssl_ca_cert": me.view.lab.ca_file})
