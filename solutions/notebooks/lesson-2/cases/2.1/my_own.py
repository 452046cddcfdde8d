# expect: fail own-password
stolen = (me.shop.user, me.shop.password)
