#!/usr/bin/env python3
"""Opens what Sotto sealed, from docs/spec/sealing.md alone. Needs the `cryptography` package (AES-GCM is not in the
standard library). Without arguments it checks itself against the vectors; see README.md."""
import base64, hashlib, hmac, json, pathlib, sys, uuid
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK, TAG = 16384, 16


def need(condition, otherwise):
    if not condition:
        raise ValueError(otherwise)


def parts(*values):
    return b"".join(len(v).to_bytes(4, "big") + v for v in values)


def cobblestone(key, context, message):
    salt, commitment, body = message[:24], message[24:56], message[56:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    t1 = hmac.digest(key, info + b"\1", "sha512")
    okm = t1 + hmac.digest(key, t1 + info + b"\2", "sha512")
    need(hmac.compare_digest(okm[44:76], commitment), "wrong key or context")
    need(len(body) % (CHUNK + TAG) >= TAG, "cut")
    aead, nonce = AESGCM(okm[:32]), int.from_bytes(okm[32:44], "big")
    chunks = [body[i : i + CHUNK + TAG] for i in range(0, len(body), CHUNK + TAG)]
    return b"".join(aead.decrypt((nonce ^ n).to_bytes(12, "big"), c, None) for n, c in enumerate(chunks))


def unwrap(kek, c, wrapped):
    need(wrapped[0] == 1, "unknown version")
    text = [c[k].encode() for k in ("level", "tenant", "name", "owner")]
    tail = [c["version"].to_bytes(4, "big"), c["tier"].encode(), uuid.UUID(c["keyId"]).bytes]
    return cobblestone(kek, parts(b"sotto-wrapped-key", b"\1", *text, *tail), wrapped[1:])


def open_sealed(record_key, record_key_id, c, sealed):
    need(sealed[0] == 1 and sealed[1:17] == uuid.UUID(record_key_id).bytes, "unknown version or key")
    text = [c[k].encode() for k in ("tenant", "dataClass", "recordType", "recordId", "field")]
    return cobblestone(record_key, parts(b"\1", *text, c["rowVersion"].to_bytes(8, "big")), sealed[17:])


def main(path):
    vectors, opened = json.loads(path.read_text("utf-8")), 0
    keys = {}  # from the root key down: every key but the first is unwrapped with the one above it
    for w in vectors["wraps"]:
        kek = keys.setdefault(w["kek"], bytes.fromhex(w["kek"]))
        key = unwrap(kek, w["context"], bytes.fromhex(w["wrapped"]))
        need(key.hex() == w["key"], w["name"])
        keys[w["key"]] = key
    for v in vectors["fields"] + vectors["streams"]:
        if "sealed" in v or "sealedBase64" in v:
            sealed = bytes.fromhex(v["sealed"]) if "sealed" in v else base64.b64decode(v["sealedBase64"])
            plain = open_sealed(keys[v["recordKey"]], v["recordKeyId"], v["context"], sealed)
            need(hashlib.sha256(plain).hexdigest() == v["plaintextSha256"], "other plaintext")
            opened += 1
            for at in range(0, len(sealed), 1 if len(sealed) < 1000 else 997):
                altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
                try:
                    open_sealed(keys[v["recordKey"]], v["recordKeyId"], v["context"], altered)
                except (ValueError, InvalidTag):
                    continue
                raise SystemExit(f"byte {at} altered, and still it opened")
    for b in vectors["blindIndexes"]:
        message = parts(b"sotto-blind-index", b["purpose"].encode(), *[p.encode() for p in b["parts"]])
        need(hmac.digest(bytes.fromhex(b["key"]), message, "sha256")[:16].hex() == b["hash"], "other hash")
    for s in vectors["subjectHashes"]:
        message = parts(b"sotto-subject-hash", uuid.UUID(s["subject"]).bytes)
        need(hmac.digest(bytes.fromhex(s["key"]), message, "sha256").hex() == s["hash"], "other hash")
    print(f"{len(vectors['wraps'])} keys unwrapped, {opened} values opened, every alteration refused")


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve()
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2] / "docs/spec/vectors/sealing.json")
