"""What may stand in ``repository``, and which registry it names."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.registry.challenges import challenges
from bluegreen.registry.ecr import in_ecr
from bluegreen.registry.reference import Repository, parse, repository

ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("nginx", "https://registry-1.docker.io/v2/library/nginx/manifests/"),
        ("ana/web", "https://registry-1.docker.io/v2/ana/web/manifests/"),
        ("docker.io/nginx", "https://registry-1.docker.io/v2/library/nginx/manifests/"),
        ("index.docker.io/ana/web", "https://registry-1.docker.io/v2/ana/web/manifests/"),
        ("ghcr.io/ana/web-app", "https://ghcr.io/v2/ana/web-app/manifests/"),
        ("registry.example.com:5000/a/b/c", "https://registry.example.com:5000/v2/a/b/c/manifests/"),
        ("localhost/web", "http://localhost/v2/web/manifests/"),
        ("localhost:5000/web", "http://localhost:5000/v2/web/manifests/"),
        ("127.0.0.9:5000/web", "http://127.0.0.9:5000/v2/web/manifests/"),
        ("[::1]:5000/web", "http://[::1]:5000/v2/web/manifests/"),
        ("[2001:db8::1]:5000/web", "https://[2001:db8::1]:5000/v2/web/manifests/"),
        ("https://localhost:5000/web", "https://localhost:5000/v2/web/manifests/"),
        ("http://registry.lan:5000/web", "http://registry.lan:5000/v2/web/manifests/"),
    ],
)
def test_where_it_is_asked(text: str, address: str) -> None:
    """The host is found as docker finds it, and HTTP is spoken to this machine or on demand only."""
    assert address == parse(text).manifests


@pytest.mark.parametrize(
    "text",
    [
        *("", "Web", "web:v1", "ghcr.io/web:v1", "ghcr.io/", "/web", "a//b", "ftp://a.b/web", "http://registry.lan"),
        *("a.b:99999/web", "a.b/we b", "a.b/web\n", "a.b/web?x=1", "a.b/../web", "ä.b/web", "a.b/" + "w" * 256),
    ],
)
def test_what_is_no_repository(text: str) -> None:
    """A version at the end, another scheme, blanks and names that no registry has are refused in one sentence."""
    with pytest.raises(ValueError, match="is not a repository such as"):
        repository(text)


@pytest.mark.parametrize("text", ["https://ana:canary@ghcr.io/web", "ana:canary@ghcr.io/web"])
def test_a_password_is_not_quoted(text: str) -> None:
    """Whoever writes a password there is told so, without the password."""
    with pytest.raises(ValueError, match="without a user") as caught:
        repository(text)
    assert "canary" not in str(caught.value)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_repository_or_is_refused(text: str) -> None:
    """Nothing but a sentence comes of a wrong text, and a right one cannot leave its place in the address."""
    try:
        found = parse(text)
    except ValueError:
        return
    address = urlsplit(found.manifests)
    host = "registry-1.docker.io" if found.host == "docker.io" else found.host
    assert (host, f"/v2/{found.name}/manifests/") == (address.netloc, address.path)
    assert "" == address.query + address.fragment


@pytest.mark.parametrize(
    ("host", "region"),
    [
        (f"{ACCOUNT}.dkr.ecr.ap-northeast-2.amazonaws.com", "ap-northeast-2"),
        (f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        (f"{ACCOUNT}.dkr-ecr.us-west-2.on.aws", "us-west-2"),
        (f"{ACCOUNT}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1"),
        (f"{ACCOUNT}.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        (f"{ACCOUNT}.dkr-ecr-fips.us-east-1.on.aws", "us-east-1"),
    ],
)
def test_which_are_amazons(host: str, region: str) -> None:
    """Every form that AWS documents is asked through the API, in its own region and account."""
    found = in_ecr(Repository("https", host, "team/web"), lambda region: None)
    assert found is not None
    assert (ACCOUNT, region, "team/web") == (found.account, found.region, found.name)


@pytest.mark.parametrize(
    "host",
    [
        "public.ecr.aws",
        "docker.io",
        f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com.evil.example",
        "1.dkr.ecr.a-b-1.on.aws",
    ],
)
def test_which_are_not(host: str) -> None:
    """The public gallery and look-alikes are registries like any other: no AWS credentials are used for them."""
    assert in_ecr(Repository("https", host, "web"), lambda region: None) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (
            'Bearer realm="https://a.b/t",service="s",scope="repository:a/b:pull,push"',
            {"bearer": {"realm": "https://a.b/t", "service": "s", "scope": "repository:a/b:pull,push"}},
        ),
        ('Basic realm="x, Bearer y"', {"basic": {"realm": "x, Bearer y"}}),
        (
            'Negotiate, Basic realm="x", BEARER Realm=y',
            {"negotiate": {}, "basic": {"realm": "x"}, "bearer": {"realm": "y"}},
        ),
        (r'Basic realm="a \"b\""', {"basic": {"realm": 'a "b"'}}),
        ("", {}),
    ],
)
def test_what_is_asked_for(header: str, found: dict[str, dict[str, str]]) -> None:
    """Several schemes, quoted commas and quotation marks are read as RFC 9110 writes them."""
    assert found == challenges(header)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_header_is_read(header: str) -> None:
    """A header of any kind is read without an error."""
    assert all(name == name.lower() for name in challenges(header))
