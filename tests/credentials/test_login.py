"""``login``, ``logout`` and ``credentials`` as real processes, with a keyring in this process' memory."""

from __future__ import annotations

import json

import pytest

from tests.credentials.keyrings import Memory
from tests.credentials.processes import Place, on_terminal

ID, SECRET = "AKIA0CANARY0CANARY00", "c4nary+secret/access=key0123456789ABCDEF"
CREATED = json.dumps({"AccessKey": {"UserName": "ci", "AccessKeyId": ID, "SecretAccessKey": SECRET}})
HANDED_OUT = {"Version": 1, "AccessKeyId": ID, "SecretAccessKey": SECRET}


@pytest.mark.parametrize("piped", [f"{ID}\n{SECRET}", f"{ID}\n{SECRET}\n", f"{ID}\r\n{SECRET}\r\n", CREATED])
def test_keys_in_and_out(place: Place, memory: Memory, piped: str) -> None:
    """Piped in, two lines or AWS's own JSON, the keys are handed out again by `credentials`, and by nothing else."""
    kept = place.run("login", "aws", "--profile", "ci", "--stdin", piped=piped)
    out = place.run("credentials", "--profile", "ci")
    assert (0, "", 0, HANDED_OUT, "") == (
        kept.returncode,
        kept.stdout,
        out.returncode,
        json.loads(out.stdout),
        out.stderr,
    )
    assert (["bluegreen:aws:ci"], False) == (list(memory.held), SECRET in kept.stderr or ID in kept.stderr)


def test_keys_on_a_terminal(place: Place, memory: Memory) -> None:
    """Asked for on a terminal, nothing of what is typed is seen."""
    status, screen = on_terminal(place, "login", "aws", typed=(ID, SECRET))
    assert (0, {"id": ID, "secret": SECRET}) == (status, json.loads(memory.held["bluegreen:aws:default"]))
    assert (False, False, True) == (ID in screen, SECRET in screen, "Secret access key (not shown)" in screen)


def test_registry_on_a_terminal(place: Place, memory: Memory) -> None:
    """The user's name may be seen, the password not."""
    status, screen = on_terminal(place, "login", "registry", "https://Registry.Example.com/", typed=("ana", SECRET))
    held = json.loads(memory.held["bluegreen:registry:registry.example.com"])
    assert (0, {"user": "ana", "secret": SECRET}, False) == (status, held, SECRET in screen)


def test_a_webhook_is_not_used_yet(place: Place) -> None:
    """Whoever keeps an address is told beforehand that nothing reads it yet."""
    done = place.run("login", "webhook", "--help")
    assert (0, True) == (done.returncode, "Nothing uses it yet" in " ".join(done.stdout.split()))


def test_logout_forgets(place: Place, memory: Memory) -> None:
    """What was kept is gone after the logout; the second one finds nothing, and that is no error."""
    place.run("login", "webhook", "chat", "--stdin", piped="https://hooks.example.com/T0/B0/c4nary\n")
    held = list(memory.held)
    first, second = place.run("logout", "webhook", "chat"), place.run("logout", "webhook", "chat")
    assert (["bluegreen:webhook:chat"], {}) == (held, memory.held)
    assert [
        (0, "the keyring keeps nothing for webhook chat any more\n"),
        (0, "there was nothing to forget\n"),
    ] == [(done.returncode, done.stderr) for done in (first, second)]


@pytest.mark.parametrize(
    ("words", "piped", "sentence"),
    [
        (("login", "aws"), "", "nobody can be asked for a secret here"),
        (("login", "registry", "example.com"), "", "nobody can be asked for a secret here"),
        (("login", "registry", "example.com", "--stdin"), SECRET, "--stdin reads the password alone: say --username"),
        (("login", "registry", "a b"), "", "this is no registry such as"),
        (
            ("login", "registry", f"ana:{SECRET}@example.com"),
            "",
            "this is no registry such as",
        ),
        (
            ("login", "webhook", f"https://example.com/{SECRET}"),
            "",
            "this is no name that a secret of webhook could",
        ),
        (
            ("login", "aws", "--stdin"),
            SECRET,
            "stdin has the access key id on its first line and the secret",
        ),
        (("login", "aws", "--stdin"), f"{ID}\n{SECRET}\nmore", "stdin has the access key id on its first line"),
        (("login", "aws", "--stdin"), f"{SECRET}\n{ID}", "this is no access key id: 16 to 128 letters and digits"),
        (("login", "aws", "--stdin"), f"ASIA{ID}\n{SECRET}", "these are temporary keys, and only long-lived ones are"),
        (
            ("login", "aws", "--stdin"),
            f"{ID}\n{SECRET} {SECRET}",
            "the secret access key is empty, or there are",
        ),
        (("login", "webhook", "chat", "--stdin"), 70_000 * "x", "what was piped in is longer than 65536 characters"),
        (("login", "webhook", "chat", "--stdin"), "", "the address is empty, or there are blanks in it"),
        (("login", "webhook", "a\nb", "--stdin"), SECRET, "this is no name that a secret of webhook could"),
    ],
)
def test_refused(place: Place, memory: Memory, words: tuple[str, ...], piped: str, sentence: str) -> None:
    """What cannot be kept is refused with status 2 and one sentence, which quotes nothing of it."""
    done = place.run(*words, piped=piped)
    assert (2, True, {}) == (done.returncode, done.stderr.startswith(sentence), memory.held), done.stderr
    assert (False, False) == (SECRET in done.stdout + done.stderr, ID in done.stdout + done.stderr)


def test_no_secret_is_an_argument(place: Place) -> None:
    """There is no place for a secret among the words; one that was typed there all the same is not repeated."""
    tries = [(SECRET,), ("aws", SECRET), ("registry", "example.com", SECRET), ("aws", "--secret", SECRET)]
    done = [place.run("login", *words) for words in tries]
    assert [(2, "", False)] * 4 == [(one.returncode, one.stdout, SECRET in one.stderr) for one in done]


def test_credentials_are_not_shown(place: Place) -> None:
    """On a terminal `credentials` shows nothing, and says where it belongs."""
    place.run("login", "aws", "--stdin", piped=CREATED)
    status, screen = on_terminal(place, "credentials")
    assert (2, False) == (status, SECRET in screen or ID in screen)
    assert "this would show a secret key on the terminal" in screen.splitlines()
    assert "credential_process = bluegreen credentials --profile default" in screen


def test_no_keys_for_a_profile(place: Place) -> None:
    """Without keys `credentials` writes nothing to stdout, so that no tool takes it for an answer."""
    done = place.run("credentials", "--profile", "ci")
    assert (78, "") == (done.returncode, done.stdout)
    assert "no AWS keys of ci are to be had from the keyring" == done.stderr.splitlines()[0]


@pytest.mark.parametrize("words", [("login", "aws"), ("login", "registry", "registry.example.com")])
def test_nobody_is_asked_for_what_could_not_be_kept(place: Place, words: tuple[str, ...]) -> None:
    """Where there is no keyring, that is said before anything is typed."""
    status, screen = on_terminal(place, *words, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    assert (78, True, False) == (status, "There is no keyring here" in screen, "not shown" in screen)
