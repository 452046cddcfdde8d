# expect: fail unknown-word
guess = """
                 passive  downgrade  self-signed  wrong-host  expired  mis-issued  stolen-key
prefer           ok       read       read         read        read     read        read
require          ok       refused    read         read        read     read        read
verify-ca        ok       refused    refused      read        refused  read        read
verify-full      ok       refused    refused      refused     refused  read        read
require+binding  ok       refused    refused      refused     refused  refused     read
"""
