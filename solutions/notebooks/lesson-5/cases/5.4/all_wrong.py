# expect: full
guess = """
                 passive  downgrade  self-signed  wrong-host  expired  mis-issued  stolen-key
prefer           safe     refused       refused         refused        refused     refused        refused
require          safe     safe    refused         refused        refused     refused        refused
verify-ca        safe     safe    safe      refused        safe  refused        refused
verify-full      safe     safe    safe      safe     safe  refused        refused
require+binding  safe     safe    safe      safe     safe  safe     refused
"""
