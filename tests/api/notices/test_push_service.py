"""Which addresses may be called as push services: those of the list, over TLS, and none that only looks like one."""

import pytest

from services.adapters.config.push_service import PUSH_HOSTS, check_push_key, is_push_service, read_push_hosts

HOSTS = read_push_hosts(PUSH_HOSTS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:APA91b",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA",
        "https://updates.push.services.mozilla.com:443/wpush/v2/gAAAAA",
        "https://db5p.notify.windows.com/w/?token=BQYAAAB",
        "https://web.push.apple.com/QGuQyavXutnMH",
    ],
)
def test_the_push_services_of_browsers_may_be_called(endpoint: str) -> None:
    """Each browser's own push service is on the list that is in force without a setting."""
    assert is_push_service(endpoint, HOSTS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com:0/fcm/send/abc",
        "https://fcm.googleapis.com:99999/",
        "https://fcm.googleapis.com@10.0.0.1/",
        "https://10.0.0.1\\@fcm.googleapis.com/",
        "https://user:word@fcm.googleapis.com/",
        "https://fcm.googleapis.com.example.org/",
        "https://evilfcm.googleapis.com/",
        "https://notify.windows.com/",
        "https://.notify.windows.com.example/",
        "https://evilnotify.windows.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://redis:6379/",
        "https://example.org/#https://fcm.googleapis.com/",
        "https://example.org/?https://fcm.googleapis.com/",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/\r\nHost: example.org",
        "https://fcm.googleap\u0131s.com/",
        "https://fcm.googleapis.com/" + "a" * 1_000,
        "https:fcm.googleapis.com",
        "//fcm.googleapis.com/",
        "",
    ],
)
def test_no_other_address_may_be_called(endpoint: str) -> None:
    """A shelter's token makes the API call no address inside, no other port, and no host that ends or begins like one of the list."""
    assert not is_push_service(endpoint, HOSTS)


@pytest.mark.parametrize("hosts", ["", "*", "*.com,", "https://a.example", "a.example:443", "127.0.0.1", "localhost", "a.example/path"])
def test_a_list_of_hosts_has_names_alone(hosts: str) -> None:
    """A list that would let in more than hosts by name is refused at the start."""
    with pytest.raises(ValueError, match="names of hosts"):
        read_push_hosts(hosts)


@pytest.mark.parametrize("key", ["", "short", "=" * 43, "A" * 44])
def test_a_push_key_has_its_form(key: str) -> None:
    """A key that is not 32 bytes in base64url is refused at the start, with the command that makes one."""
    with pytest.raises(ValueError, match="openssl"):
        check_push_key(key)
