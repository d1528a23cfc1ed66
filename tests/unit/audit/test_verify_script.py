"""The verification program for readers: signatures against the vectors of RFC 8032, and its size."""

from hashlib import sha512

import pytest

from tests.support.verifier import FILE, VERIFIER

# RFC 8032, 7.1: public key, message, signature of TEST 1, 2, 3 and SHA(abc)
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        b"\x72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        b"\xaf\x82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        sha512(b"abc").digest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_signatures_of_the_standard_are_valid_and_altered_ones_are_not(public, message, signature):
    public, signature = bytes.fromhex(public), bytes.fromhex(signature)
    assert VERIFIER.is_signed(public, message, signature)
    assert not VERIFIER.is_signed(public, message + b"x", signature)
    larger_scalar = int.from_bytes(signature[32:], "little") + VERIFIER.ORDER
    twin = signature[:32] + larger_scalar.to_bytes(
        32, "little"
    )  # RFC 8032, 5.1.7: a verifier must reject it, or each signature has a second valid form
    assert not VERIFIER.is_signed(public, message, twin)


def test_the_program_has_fewer_than_100_lines_and_imports_only_the_standard_library():
    text = FILE.read_text()
    assert len(text.splitlines()) < 100
    imports = [line for line in text.splitlines() if line.startswith(("import", "from"))]
    assert imports == [
        "import json, sys",
        "from functools import reduce",
        "from hashlib import sha256, sha512",
    ]
