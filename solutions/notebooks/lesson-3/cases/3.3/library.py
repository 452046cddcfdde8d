# expect: full
made = Fernet(Fernet.generate_key())._get_unverified_token_data(token)[0]
blocks = (len(base64.urlsafe_b64decode(token)) - 57) // 16
size = (16 * blocks - 16, 16 * blocks - 1)
