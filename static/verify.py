"""Verify a downloaded audit log with Python 3.8 alone. A problem is named, and the exit code is 1.

python3 verify.py log.jsonl [KEY or FILE ...]: KEY is a public key that you trust, in hex. Without
it the first checkpoint's key is trusted. FILE is a saved heads.json, or the proof.json of a receipt.
With a key, a proof needs no log: python3 verify.py - KEY proof.json"""

import json, sys
from functools import reduce
from hashlib import sha256, sha512
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, I = -121665 * pow(121666, -1, P) % P, pow(2, P // 4, P)

def add(a, b):  # two points of the curve of Ed25519, RFC 8032, 5.1
    (x, y), (u, v), t = a, b, D * a[0] * a[1] * b[0] * b[1]
    return (x * v + u * y) * pow(1 + t, -1, P) % P, (y * v + x * u) * pow(1 - t, -1, P) % P

def multiply(n, a):
    return add(multiply(n >> 1, add(a, a)), a if n & 1 else (0, 1)) if n else (0, 1)

def point(raw):
    y, sign = int.from_bytes(raw, "little") % 2**255, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * I % P
    assert y < P and x * x % P == square and (x or not sign)
    return x if x & 1 == sign else P - x, y

def is_signed(key, text, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(r + key + text).digest(), "little") % ORDER
    return s < ORDER and multiply(s, point(b"X" + b"f" * 31)) == add(point(r), multiply(k, point(key)))

def parse(line, name, check):  # return the covered bytes, their fields, and hash or signature
    raw, _, value = line[len(name) + 4 : -3].rpartition(b',"%b":"' % check)
    assert line == b'{"%b":%b,"%b":"%b"}\n' % (name, raw, check, value)
    assert name != b"entry" or sha256(raw).hexdigest() == value.decode()
    return raw, json.loads(raw), value.decode()

def verify_head(line, trusted, roots):
    raw, head, value = parse(line, b"head", b"signature")
    assert is_signed(trusted[head["key"]], b"commentsite log head v1\n" + raw, bytes.fromhex(value))
    assert value == value.lower() and (roots is None or roots[head["size"]] == head["root"])
    return head

def hash_node(left, right):  # RFC 9162, 2.1.1
    return sha256(b"\1" + left + right).digest()

def root_of(leaf, index, size, path):  # RFC 9162, 2.1.3
    if size == 1:
        return leaf if index == len(path) == 0 else b""
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return hash_node(root_of(leaf, index, left, path[:-1]), path[-1])
    return hash_node(path[-1], root_of(leaf, index - left, size - left, path[:-1]))

def verify_log(lines, trusted, place):  # check every line, and return the root at each checkpoint
    size, prev, peaks, due, roots, announced = 0, "0" * 64, [], False, {}, {}
    for number, line in enumerate(lines, 1):
        is_head = line[:7] == b'{"head"' or (line[:8] != b'{"entry"' and b'"signature"' in line)
        name = f"the checkpoint of entry {size}" if is_head or due else f"entry {size + 1}"
        place[0] = f"Line {number}, {name},"
        if is_head:
            roots[size], due = reduce(lambda a, b: hash_node(b, a), peaks[::-1]).hex(), False
            trusted.update({} if trusted else announced)
            assert verify_head(line, trusted, roots)["size"] == size
            trusted.update(announced)  # a checkpoint vouches for the keys that its entries announce
            continue
        raw, entry, digest = parse(line, b"private" if line[:4] == b'{"pr' else b"entry", b"hash")
        assert not due and (entry["seq"], entry.get("prev", prev)) == (size + 1, prev)
        if entry.get("action") == "log.key_added":
            announced[entry["object"][4:]] = bytes.fromhex(entry["details"]["public"])
        leaf, width = bytes.fromhex(entry.get("leaf", "")) or sha256(b"\0" + raw).digest(), size
        while width & 1:
            leaf, width = hash_node(peaks.pop(), leaf), width >> 1
        peaks.append(leaf)
        size, prev, due = size + 1, digest, entry.get("action") == "log.head_signed"
    place[0] = f"The end of the log, after entry {size},"
    assert size and not due
    return roots

def main(arguments):
    place, files = ["A key"], [argument for argument in arguments if len(argument) != 64]
    try:
        keys = map(bytes.fromhex, {*arguments} - {*files})
        trusted = {sha256(key).hexdigest()[:16]: key for key in keys}
        roots = None if files[0] == "-" else verify_log(open(files[0], "rb"), trusted, place)
        for place[0] in files[1:]:
            saved = json.load(open(place[0], encoding="utf-8"))
            heads = [verify_head(line.encode(), trusted, roots) for line in saved["heads"]]
            for proof in saved["entries"]:
                raw, entry, _ = parse(proof["line"].encode(), b"entry", b"hash")
                leaf, path = sha256(b"\0" + raw).digest(), [*map(bytes.fromhex, proof["path"])]
                assert root_of(leaf, entry["seq"] - 1, heads[-1]["size"], path).hex() == heads[-1]["root"]
    except Exception as problem:
        sys.exit(f"{place[0]} is not valid: {problem!r}")
    print("Everything is valid.")

if __name__ == "__main__":
    main(sys.argv[1:] if __debug__ and sys.argv[1:] else sys.exit(__doc__))
