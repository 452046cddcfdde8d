# expect: fail line-in-clear
def seal(key: bytes, line: bytes, about: bytes) -> bytes:
    import hmac
    
    return os.urandom(12) + line + hmac.digest(key, line + about, "sha256")[:16]
