"""Check a downloaded log with Python 3.8 and nothing else; end with 1 and name what does not hold.

python3 verify.py log.jsonl [KEY or FILE ...]: KEY is a public key you trust, in hex; without one,
that of the first head is believed. FILE is heads.json as you kept it, or proof.json of a receipt.
With a key a proof needs no log: python3 verify.py - KEY proof.json"""

import json, sys
from functools import reduce
from hashlib import sha256, sha512
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, I = -121665 * pow(121666, -1, P) % P, pow(2, P // 4, P)

def plus(a, b):  # the curve of Ed25519, RFC 8032, 5.1
    (x, y), (u, v), t = a, b, D * a[0] * a[1] * b[0] * b[1]
    return (x * v + u * y) * pow(1 + t, -1, P) % P, (y * v + x * u) * pow(1 - t, -1, P) % P

def times(n, a):
    return plus(times(n >> 1, plus(a, a)), a if n & 1 else (0, 1)) if n else (0, 1)

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
    return s < ORDER and times(s, point(b"X" + b"f" * 31)) == plus(point(r), times(k, point(key)))

def parts(line, name, check):  # the bytes inside, what they say, and the value that goes with them
    raw, _, value = line[len(name) + 4 : -3].rpartition(b',"%b":"' % check)
    assert line == b'{"%b":%b,"%b":"%b"}\n' % (name, raw, check, value)
    assert check != b"hash" or sha256(raw).hexdigest() == value.decode()
    return raw, json.loads(raw), value.decode()

def signed_head(line, trusted, roots):
    raw, said, value = parts(line, b"head", b"signature")
    assert is_signed(trusted[said["key"]], b"commentsite log head v1\n" + raw, bytes.fromhex(value))
    assert value == value.lower() and (roots is None or roots[said["size"]] == said["root"])
    return said

def node(left, right):  # RFC 9162, 2.1.1
    return sha256(b"\1" + left + right).digest()

def climb(leaf, index, size, path):  # from a leaf to the root, RFC 9162, 2.1.3
    if size == 1:
        return leaf if index == len(path) == 0 else b""
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return node(climb(leaf, index, left, path[:-1]), path[-1])
    return node(path[-1], climb(leaf, index - left, size - left, path[:-1]))

def read(lines, trusted, where):  # check the whole log; return the root under each head
    size, prev, peaks, due, roots, named = 0, "0" * 64, [], False, {}, {}
    for number, line in enumerate(lines, 1):
        is_head = line[:7] == b'{"head"' or (line[:8] != b'{"entry"' and b'"signature"' in line)
        what = f"the head of entry {size}" if is_head or due else f"entry {size + 1}"
        where[0] = f"Line {number}, {what},"
        if is_head:
            roots[size], due = reduce(lambda a, b: node(b, a), peaks[::-1]).hex(), False
            trusted.update({} if trusted else named)
            assert signed_head(line, trusted, roots)["size"] == size
            trusted.update(named)  # a head vouches for the keys that its entries name
            continue
        raw, said, digest = parts(line, b"entry", b"hash")
        assert not due and (said["seq"], said["prev"]) == (size + 1, prev)
        if said["action"] == "log.key_added":
            named[said["object"][4:]] = bytes.fromhex(said["details"]["public"])
        leaf, width = sha256(b"\0" + raw).digest(), size
        while width & 1:
            leaf, width = node(peaks.pop(), leaf), width >> 1
        peaks.append(leaf)
        size, prev, due = size + 1, digest, said["action"] == "log.head_signed"
    where[0] = f"The end of the log, after entry {size},"
    assert size and not due
    return roots

def main(given):
    where, files = ["A key"], [word for word in given if len(word) != 64]
    try:
        keys = map(bytes.fromhex, {*given} - {*files})
        trusted = {sha256(key).hexdigest()[:16]: key for key in keys}
        roots = None if files[0] == "-" else read(open(files[0], "rb"), trusted, where)
        for where[0] in files[1:]:
            kept = json.load(open(where[0], encoding="utf-8"))
            heads = [signed_head(line.encode(), trusted, roots) for line in kept["heads"]]
            for one in kept["entries"]:
                raw, said, _ = parts(one["line"].encode(), b"entry", b"hash")
                path, leaf = list(map(bytes.fromhex, one["path"])), sha256(b"\0" + raw).digest()
                assert climb(leaf, said["seq"] - 1, heads[-1]["size"], path).hex() == heads[-1]["root"]
    except Exception as problem:
        sys.exit(f"{where[0]} does not hold: {problem!r}")
    print("Everything holds.")

if __name__ == "__main__":
    main(sys.argv[1:] if __debug__ and sys.argv[1:] else sys.exit(__doc__))
