#!/usr/bin/env python3
"""Opens an export with the recipient's private key, from docs/spec/sealing.md section 7 and RFC 9180 alone. X25519 is
done here step by step; X-Wing by the `cryptography` package, where it is new enough to have it. Without arguments it
checks itself against the vectors."""
import base64, hashlib, hmac, json, pathlib, sys
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from open_sealed import cobblestone, need, parts

ENCAPSULATION = {0x0020: 32, 0x647A: 1120}


def extract(suite, salt, label, ikm):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(suite, prk, label, info, length):  # at most one block is ever asked for
    return hmac.digest(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\1", "sha256")[:length]


def hpke_x25519(private, info, enc, sealed):
    key, kem, suite = X25519PrivateKey.from_private_bytes(private), b"KEM\0\x20", b"HPKE\0\x20\0\1\0\2"
    agreed = key.exchange(X25519PublicKey.from_public_bytes(enc))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    secret = expand(kem, extract(kem, b"", b"eae_prk", agreed), b"shared_secret", enc + public, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, secret, b"secret", b"")
    aead = AESGCM(expand(suite, secret, b"key", context, 32))
    return aead.decrypt(expand(suite, secret, b"base_nonce", context, 12), sealed, None)


def hpke_x_wing(private, info, enc, sealed):
    from cryptography.hazmat.primitives import hpke
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

    halves = MLKEM768PrivateKey.from_seed_bytes(private[:64]), X25519PrivateKey.from_private_bytes(private[64:])
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    return suite.decrypt(enc + sealed, hpke.MLKEM768X25519PrivateKey(*halves), info)


def open_export(private, public, export):
    need(export[:9] == b"SOTTOEXP\1" and export[11:15] == b"\0\1\0\2", "unknown format")
    kem = int.from_bytes(export[9:11], "big")
    need(kem == {32: 0x0020, 1216: 0x647A}[len(public)], "another suite")
    need(export[15:47] == hashlib.sha256(parts(b"sotto-recipient", export[9:11], public)).digest(), "another recipient")
    end = 47 + ENCAPSULATION[kem]
    opening = hpke_x25519 if kem == 0x0020 else hpke_x_wing
    key = opening(private, parts(b"sotto-export", export[:47]), export[47:end], export[end : end + 48])
    return cobblestone(key, parts(b"sotto-export-payload", export[: end + 48]), export[end + 48 :])


def main(path):
    opened, skipped = 0, []
    for vector in json.loads(path.read_text("utf-8"))["exports"]:
        _, suite, public, _ = vector["recipient"].split(" ")
        private, public = bytes.fromhex(vector["privateKey"]), base64.b64decode(public)
        export = base64.b64decode(vector["sealedBase64"])
        try:
            need(open_export(private, public, export).hex() == vector["plaintext"], "other plaintext")
        except (ImportError, UnsupportedAlgorithm):
            skipped.append(suite)
            continue
        opened += 1
        for at in range(0, len(export), 1 if len(export) < 1000 else 7):
            try:
                open_export(private, public, export[:at] + bytes([export[at] ^ 1]) + export[at + 1 :])
            except (ValueError, KeyError, InvalidTag):
                continue
            raise SystemExit(f"byte {at} altered, and still it opened")
    print(f"{opened} exports opened, every alteration refused" + (f"; not here: {skipped[0]}" if skipped else ""))


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve()
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "docs/spec/vectors/export.json")
