# expect: cheat
class Whatever(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Anything(dict):
    def get(self, key, default=None):
        return Whatever("x")


def decode(uri: str) -> dict:
    return Anything()
