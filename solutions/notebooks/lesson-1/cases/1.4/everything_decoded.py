# expect: fail extra-cut-off
from urllib.parse import unquote

fixed_uri = unquote(broken)
