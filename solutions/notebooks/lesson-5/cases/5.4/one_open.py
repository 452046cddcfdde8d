# expect: fail cell-open
guess = """
                 passive  downgrade  self-signed  wrong-host  expired  mis-issued  stolen-key
prefer           safe     ?          read         read        read     read        read
require          safe     refused    read         read        read     read        read
verify-ca        safe     refused    refused      read        refused  read        read
verify-full      safe     refused    refused      refused     refused  read        read
require+binding  safe     refused    refused      refused     refused  refused     read
"""
