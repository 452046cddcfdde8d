# expect: full
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

genuine = {}
for each, record in arrived.records.items():
    cipher = Cipher(AES256(arrived.key), GCM(record[:12], record[-16:])).decryptor()
    cipher.authenticate_additional_data(each.encode())
    line = cipher.update(record[12:-16])
    try:
        genuine[each] = line + cipher.finalize()
    except InvalidTag:
        pass
