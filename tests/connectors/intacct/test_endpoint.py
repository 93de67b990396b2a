from __future__ import annotations

import pytest

from include.connectors.intacct.endpoint import check_url, trusted_endpoint
from include.core.errors import SettingsError

OWN = "https://api.intacct.com/ia/xml/xmlgw.phtml"
SANDBOX = "http://127.0.0.1:8765/ia/xml/xmlgw.phtml"

HOSTILE = [
    "",
    " ",
    "/ia/xml/xmlgw.phtml",
    "//na12.intacct.com/ia/xml/xmlgw.phtml",
    "na12.intacct.com",
    "http://na12.intacct.com/ia/xml/xmlgw.phtml",
    "ftp://na12.intacct.com/",
    "file:///etc/passwd",
    "javascript:https://api.intacct.com",
    "https://",
    "https:///ia/xml/xmlgw.phtml",
    "https:na12.intacct.com",
    "https://evil.example/ia/xml/xmlgw.phtml",
    "https://intacct.com.evil.example/",
    "https://api.intacct.com.evil.example/",
    "https://evilintacct.com/",
    "https://api.evilintacct.com/",
    "https://api-intacct.com/",
    "https://intacct.com/",
    "https://.intacct.com/",
    "https://a..intacct.com/",
    "https://api.intacct.com./",
    "https://-api.intacct.com/",
    "https://api_x.intacct.com/",
    "https://intacct.comx/",
    "https://api.intacct.co/",
    "https://api.intacct.com@evil.example/",
    "https://api.intacct.com:443@evil.example/",
    "https://user:pass@api.intacct.com/",
    "https://user@na12.intacct.com/",
    "https://evil.example#@api.intacct.com/",
    "https://evil.example/#.intacct.com",
    "https://evil.example/?.intacct.com",
    "https://evil.example\\.intacct.com/",
    "https://evil.example\\@api.intacct.com/",
    "https://evil.example/.intacct.com/",
    "https://evil.example%2f.intacct.com/",
    "https://evil.example%00.intacct.com/",
    "https://evil.example\x00.intacct.com/",
    "https://api.intacct.com\n.evil.example/",
    "https://api.intacct.com\t/",
    "https://\u0430pi.intacct.com/",
    "https://api.int\u0430cct.com/",
    "https://api.intacct\u3002com/",
    "https://api\uff0eintacct.com/",
    "https://api.intacct.com:8443/",
    "https://api.intacct.com:0/",
    "https://api.intacct.com:99999/",
    "https://api.intacct.com:/",
    "https://127.0.0.1/ia/xml/xmlgw.phtml",
    "https://[::1]/ia/xml/xmlgw.phtml",
    "https://[::ffff:10.0.0.1]/",
    "https://[api.intacct.com]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://localhost/",
    "https://na12.intacct.com/x#fragment",
    "HTTPS://EVIL.EXAMPLE/.INTACCT.COM",
    "https://api.intacct.com,evil.example/",
    "https://api.intacct.com evil.example/",
    "https://*.intacct.com/",
]


@pytest.mark.parametrize("endpoint", HOSTILE)
@pytest.mark.parametrize("own", [OWN, SANDBOX])
def test_a_hostile_endpoint_is_never_followed(endpoint: str, own: str) -> None:
    with pytest.raises(SettingsError, match="another address"):
        trusted_endpoint(endpoint, own)


def test_there_are_enough_hostile_endpoints() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize(
    ("endpoint", "own"),
    [
        ("https://na12.intacct.com/ia/xml/xmlgw.phtml", OWN),
        ("https://www-p303.intacct.com:443/ia/xml/xmlgw.phtml", OWN),
        ("https://API.Intacct.COM/ia/xml/xmlgw.phtml", OWN),
        ("https://eu1.na.intacct.com/ia/xml/xmlgw.phtml?x=1", OWN),
        (SANDBOX, SANDBOX),
        ("http://127.0.0.1:8765/elsewhere", SANDBOX),
        ("https://na12.intacct.com/ia/xml/xmlgw.phtml", SANDBOX),
        ("https://gw.example:8443/x", "https://gw.example:8443/ia/xml/xmlgw.phtml"),
    ],
)
def test_the_own_origin_and_hosts_under_intacct_com_are_followed(endpoint: str, own: str) -> None:
    assert trusted_endpoint(endpoint, own) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:8766/ia/xml/xmlgw.phtml", "https://127.0.0.1:8765/", "http://127.0.0.2:8765/"],
)
def test_another_port_scheme_or_address_is_another_origin(endpoint: str) -> None:
    with pytest.raises(SettingsError):
        trusted_endpoint(endpoint, SANDBOX)


@pytest.mark.parametrize(
    "url", [OWN, SANDBOX, "http://localhost:8765/x", "http://sandbox:8765/x", "http://host.docker.internal:8765/x"]
)
def test_a_connection_may_use_https_or_a_near_host(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url", ["http://api.intacct.com/ia/xml/xmlgw.phtml", "http://10.0.0.7/x", "http://gw.example/x"]
)
def test_passwords_are_not_sent_in_clear_over_a_network(url: str) -> None:
    with pytest.raises(SettingsError, match="https"):
        check_url(url)


@pytest.mark.parametrize("url", ["api.intacct.com", "", "https://", "https://u:secret-pass@api.intacct.com/x"])
def test_an_address_that_is_no_plain_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError, match="whole one") as refused:
        check_url(url)
    assert "secret-pass" not in str(refused.value)
