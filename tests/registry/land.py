"""Registries to look into: Debian's docker-registry as a process, a server of tokens, and a small impostor."""

from __future__ import annotations

import base64
import contextlib
import datetime
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from attrs import define, field

USER, SECRET = "ana", "canary-7f3a-not-for-any-screen"
HTPASSWD = "ana:$2b$04$abcdefghijklmnopqrstuuaA9SHETtEgbC7mbkMLh25g60pMdnhDa\n"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CACHE = Path(sys.prefix) / "docker-registry"
"""In the checkout's .venv, so that it goes when that is made anew."""


def binary() -> Path:
    """Return Debian's docker-registry, unpacked from its package without being root; skip where it cannot be had."""
    if found := shutil.which("docker-registry"):
        return Path(found)
    path = CACHE / "usr" / "bin" / "docker-registry"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with (CACHE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                _unpack(CACHE)
    return path


def _unpack(folder: Path) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        pytest.skip("there is no docker-registry, and no apt-get to fetch Debian's with")
    if not _fetched(folder) and not (_run(folder, "apt-get", *_own_lists(folder), "update") and _fetched(folder, True)):
        pytest.skip("there is no docker-registry, and Debian's package cannot be fetched (`apt-get download`)")
    (package,) = folder.glob("docker-registry_*.deb")
    if not _run(folder, "dpkg-deb", "-x", package.name, "unpacked"):
        pytest.skip("Debian's docker-registry cannot be unpacked")
    (folder / "unpacked" / "usr").rename(folder / "usr")  # whole: another worker runs it as soon as it is there


def _fetched(folder: Path, own: bool = False) -> bool:
    return _run(folder, "apt-get", *(_own_lists(folder) if own else ()), "download", "docker-registry")


def _own_lists(folder: Path) -> tuple[str, ...]:
    """Return options under which apt keeps its lists here, where whoever runs the tests may write."""
    lists = folder / "apt"
    (lists / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (lists / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    return "-o", f"Dir::State::lists={lists}/lists", "-o", f"Dir::Cache={lists}/cache"


def _run(folder: Path, *words: str) -> bool:
    done = subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


@define
class Shelf:
    """A real registry; ``header`` is how the tests themselves get in, ``issuer`` the host that hands out its tokens."""

    host: str
    header: Callable[[str], Mapping[str, str]] = lambda name: {}
    issuer: str = ""
    http: urllib3.PoolManager = field(factory=urllib3.PoolManager)

    def push(self, name: str, *tags: str) -> str:
        """Push a tiny image under each tag and return its digest."""
        config = self._blob(name, json.dumps({"architecture": "amd64", "os": "linux"}).encode())
        body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
        return [self.put(name, tag, MANIFEST, body) for tag in tags][-1]

    def put(self, name: str, tag: str, kind: str, manifest: Mapping[str, Any]) -> str:
        """Put a manifest under a tag and return its digest."""
        body = json.dumps(manifest).encode()
        self._ask("PUT", f"/v2/{name}/manifests/{tag}", name, body, 201, {"Content-Type": kind})
        return f"sha256:{hashlib.sha256(body).hexdigest()}"

    def _blob(self, name: str, body: bytes) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        place = urlsplit(self._ask("POST", f"/v2/{name}/blobs/uploads/", name, b"", 202)["Location"])
        kind = {"Content-Type": "application/octet-stream"}
        self._ask("PUT", f"{place.path}?{place.query}&digest={digest}", name, body, 201, kind)
        return {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(body)}

    def _ask(
        self, method: str, path: str, name: str, body: bytes, wanted: int, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        known = {**self.header(name), **(headers or {})}
        reply = self.http.request(method, f"http://{self.host}{path}", body=body, headers=known)
        assert wanted == reply.status, reply.data
        return reply.headers


@contextlib.contextmanager
def running(folder: Path, **auth: Any) -> Iterator[str]:
    """Run docker-registry with that ``auth`` in its configuration, and yield its host."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    storage = {"filesystem": {"rootdirectory": str(folder / "images")}}
    settings = {"version": 0.1, "log": {"level": "error"}, "storage": storage, "http": {"addr": host}, **auth}
    (folder / "config.yml").write_text(json.dumps(settings))  # JSON is YAML
    with (folder / "log").open("wb") as log:
        words = (binary(), "serve", folder / "config.yml")
        process = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, "OTEL_TRACES_EXPORTER": "none"})
    try:
        _await(host, process, folder / "log")
        yield host
    finally:
        process.terminate()
        process.wait(10)


def _await(host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    name, _, port = host.partition(":")
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((name, int(port)), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"docker-registry does not start: {log.read_text()[-2000:]}")


@define
class Request:
    """What a small server was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


Reply = tuple[int, Mapping[str, str], bytes]


@define
class Server:
    """A small server in a thread; ``answer`` says what it answers."""

    answer: Callable[[Request], Reply]
    asked: list[Request] = field(factory=list)
    host: str = ""


@contextlib.contextmanager
def serving(answer: Callable[[Request], Reply], address: str = "127.0.0.1", context: Any = None) -> Iterator[Server]:
    """Run a small server; with a TLS ``context`` over HTTPS."""
    server = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, sent)
            server.asked.append(request)
            status, headers, body = server.answer(request)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(b"" if self.command == "HEAD" else body)

        do_HEAD = do_CONNECT = do_POST = do_PUT = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    web = ThreadingHTTPServer((address, 0), Handler)
    if context is not None:
        web.socket = context.wrap_socket(web.socket, server_side=True)
    server.host = f"{address}:{web.server_address[1]}"
    threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()


@define
class Issuer:
    """Signs tokens as docker-registry wants them: ES256, the certificate within (distribution, spec/auth/jwt)."""

    service: str = "registry.test"
    key: Any = None
    certificate: Any = None

    def __attrs_post_init__(self) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(hours=12))
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = builder.sign(self.key, hashes.SHA256())

    def pem(self, folder: Path) -> Path:
        """Write the certificate, and the key beside it, and return the certificate's path."""
        from cryptography.hazmat.primitives import serialization as form

        plain = form.NoEncryption()
        (folder / "key.pem").write_bytes(
            self.key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, plain)
        )
        path = folder / "certificate.pem"
        path.write_bytes(self.certificate.public_bytes(form.Encoding.PEM))
        return path

    def token(self, name: str, *actions: str) -> str:
        """Return a token for a repository."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        der = base64.b64encode(self.certificate.public_bytes(form.Encoding.DER)).decode()
        now = int(time.time())
        access = [{"type": "repository", "name": name, "actions": list(actions)}] if actions else []
        claims = {"iss": "tests", "sub": "", "aud": self.service, "exp": now + 300, "nbf": now - 10, "iat": now}
        head = {"typ": "JWT", "alg": "ES256", "x5c": [der]}
        signed = ".".join(map(_web64, (_json(head), _json({**claims, "jti": str(now), "access": access}))))
        r, s = utils.decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_web64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def answer(self, request: Request) -> Reply:
        """Hand a token out: to everybody for names that begin with ``public/``, for others to the one user."""
        query = parse_qs(urlsplit(request.path).query)
        _, name, _ = query["scope"][0].split(":")
        given = request.headers.get("authorization")
        if given not in (None, basic()):
            return 401, {}, b"{}"
        allowed = ("pull",) if given or name.startswith("public/") else ()
        return 200, {}, _json({"token": self.token(name, *allowed)})


def basic(user: str = USER, secret: str = SECRET) -> str:
    """Return the header of a user and a secret."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def knows(user: str = USER, secret: str = SECRET) -> Callable[[str], tuple[str, str]]:
    """Return a keyring that knows one secret, whatever it is asked for."""
    return lambda host: (user, secret)


def _json(plain: Any) -> bytes:
    return json.dumps(plain, separators=(",", ":")).encode()


def _web64(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()
