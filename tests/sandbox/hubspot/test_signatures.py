"""Webhook signatures against the published vectors."""

from __future__ import annotations

import pytest

from include.sandbox.hubspot.webhooks import signatures

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URI = "https://www.example.com/webhook_uri"
SINGLE, DOUBLE = b"{'example_field':'example_value'}", b'{"example_field":"example_value"}'


@pytest.mark.parametrize(("body", "stamp", "digest"), [
    (SINGLE, 1693657560000, "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
    (SINGLE, 1700000300000, "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    (DOUBLE, 1693657560000, "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go="),
])  # fmt: skip
def test_version_3_signs_method_uri_body_and_time(body: bytes, stamp: int, digest: str) -> None:
    assert signatures.v3(SECRET, "POST", URI, body, stamp) == digest


def test_version_2_signs_method_uri_and_body() -> None:
    posted = "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"
    fetched = "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
    assert signatures.v2(SECRET, "POST", URI, DOUBLE) == posted
    assert signatures.v2(SECRET, "GET", URI, b"") == fetched


def test_version_1_signs_the_body_only() -> None:
    given = signatures.headers(SECRET, "POST", URI, DOUBLE, 5)
    assert given["X-HubSpot-Signature"] == signatures.v1(SECRET, DOUBLE)
    assert given["X-HubSpot-Signature-Version"] == "v1"
    assert signatures.headers(SECRET, "POST", URI, DOUBLE, 5, version="v2")["X-HubSpot-Signature"] == signatures.v2(
        SECRET, "POST", URI, DOUBLE)  # fmt: skip


def test_only_some_escapes_of_the_uri_are_decoded() -> None:
    given = "https://x.example/a%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B?q=%20%26%3D%25%C3%A9%2B"
    assert signatures.decoded(given) == "https://x.example/a:/?@!$'()*,;?q=%20%26%3D%25%C3%A9%2B"
