"""An address that a steward typed reaches no network behind the machine."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from commentsite.integrations import outgoing_requests
from commentsite.integrations.outgoing_requests import (
    BadCertificate,
    ConnectionFailed,
    ForbiddenAddress,
    HostNotFound,
    NeedsHttps,
    Request,
    TimedOut,
    is_public,
    send,
    send_all,
)
from tests.support.receivers import run_receiver

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::", "fec0::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_recognised_in_every_notation(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_recognised(address):
    assert is_public(ip_address(address))


def request(url):
    return Request(url, {"Content-Type": "application/json"}, b"{}")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "127.1", "[::1]", "[::ffff:7f00:1]"]
)  # fmt: skip
def test_other_spellings_of_a_private_address_are_refused(host):
    with pytest.raises((ForbiddenAddress, HostNotFound)):
        send(request(f"https://{host}/hook"), timeout=2)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    """A name that changes its address after the check gains nothing, because it is looked up once."""
    lookups = []

    def resolve(host, port, **_options):
        lookups.append(host)
        address = "127.0.0.1" if len(lookups) == 1 else "127.0.0.99"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with run_receiver() as receiver:
        port = receiver.server.server_port
        monkeypatch.setattr(outgoing_requests.socket, "getaddrinfo", resolve)
        monkeypatch.setattr(
            outgoing_requests.socket, "create_connection", connect_to(monkeypatch, lookups)
        )
        answer = send(request(f"http://rebind.example:{port}/hook"), timeout=5, allowed=LOOPBACK)
    assert answer.status == 204
    assert lookups == ["rebind.example"]
    assert receiver.received[0].headers["Host"] == f"rebind.example:{port}"


def connect_to(monkeypatch, lookups):
    del monkeypatch

    def connect(address, timeout):
        assert address[0] == "127.0.0.1", lookups
        connection = socket.socket()
        connection.settimeout(timeout)
        connection.connect(address)
        return connection

    return connect


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    def resolve(_host, port, **_options):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("93.184.216.34", "10.0.0.1")
        ]

    monkeypatch.setattr(outgoing_requests.socket, "getaddrinfo", resolve)
    with pytest.raises(ForbiddenAddress):
        send(request("https://mixed.example/"), timeout=2)


def test_plain_http_is_used_in_named_networks_only(monkeypatch):
    def resolve(_host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(outgoing_requests.socket, "getaddrinfo", resolve)
    with pytest.raises(NeedsHttps):
        send(request("http://public.example/"), timeout=2, allowed=LOOPBACK)


def test_a_closed_port_a_plain_server_and_an_endless_answer_are_told_apart():
    with run_receiver() as receiver:
        receiver.body = b"x" * 1_000_000
        url = receiver.url
        assert send(request(url), timeout=5, allowed=LOOPBACK).status == 204
        with pytest.raises((BadCertificate, ConnectionFailed)):
            send(request(url.replace("http:", "https:")), timeout=5, allowed=LOOPBACK)
        receiver.gate.clear()
        assert isinstance(send_all([request(url)], timeout=0.2, allowed=LOOPBACK)[0], TimedOut)
    with pytest.raises(ConnectionFailed):
        send(request(url), timeout=5, allowed=LOOPBACK)
