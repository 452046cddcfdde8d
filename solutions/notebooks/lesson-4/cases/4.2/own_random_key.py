# expect: full
import base64

ring = [base64.urlsafe_b64encode(os.urandom(32)).decode(), lab.fernet.keys()[0]]
with lab.steady(watched) as seen:
    lab.fernet.configure(*ring)
    lab.fernet.rotate()
    lab.fernet.configure(*ring[:1])
