# expect: fail reads-nothing
from airlock.lab import Seed

policy = f'path "{Seed("f0" * 16).prefix}/data/connections/*" {{ capabilities = ["read"] }}'
