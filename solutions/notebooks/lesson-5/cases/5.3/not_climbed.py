# expect: partial not-a-connection
beaten = {"disable": "eavesdropper", "prefer": "downgrade", "require": "self-signed", "verify-ca": "wrong-host"}
climbed = dict()
