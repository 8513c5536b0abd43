"""The home: where it is, who may read it, who writes to it, and the keys in it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from backend.adapters.durable_files import create_durably, write_durably
from backend.adapters.home import Home, HomeLock
from backend.adapters.key_vault import KeyVault, draw_password
from backend.errors import NotFoundError, StoreBusyError, StoreError
from backend.ports.failpoints import Crash, armed

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
def vault(home: Home) -> KeyVault:
    return KeyVault(home.keys)


# the folder


def test_the_home_is_the_one_the_environment_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Home.from_environment({}).root == tmp_path / ".partage"
    assert Home.from_environment({"PARTAGE_HOME": ""}).root == tmp_path / ".partage"
    assert Home.from_environment({"PARTAGE_HOME": "other"}).root == tmp_path / "other"
    assert not Home.from_environment({}).exists()


def test_a_home_is_its_owners_alone_and_making_it_again_changes_nothing(home):
    before = sorted(home.root.rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in (home.root, home.keys, home.intervals, home.files)} == {
        0o700
    }
    assert sorted(home.create().root.rglob("*")) == before


def test_a_place_that_cannot_be_a_home_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/home cannot be made into a home .*set PARTAGE_HOME"):
        Home(tmp_path / "file" / "home").create()


# the lock


def test_a_second_command_waits_then_says_who_holds_the_home(home):
    entered = threading.Event()
    done = threading.Event()

    def work():
        with HomeLock(home).hold("settle roof"):
            entered.set()
            done.wait(20)

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(20)
    waiting = HomeLock(home, wait_seconds=0.1)
    expected = rf"held by process {os.getpid()} \(settle roof\) since .*; waited 0\.1 s\. Wait until it ends"
    with pytest.raises(StoreBusyError, match=expected), waiting.hold("demo"):
        pass
    done.set()
    thread.join()
    with waiting.hold("demo"):
        pass


def test_the_thread_that_holds_the_home_may_take_it_again(home):
    lock = HomeLock(home, wait_seconds=0)
    with lock.hold("demo"):
        with lock.hold("settle"):
            pass
        with pytest.raises(StoreBusyError, match="demo"), HomeLock(home, 0).hold("load"):
            pass
    with HomeLock(home, 0).hold("load"):
        pass


def test_the_kernel_lets_go_of_a_home_whose_holder_is_killed(home):
    script = (
        "import sys, time; from pathlib import Path; from backend.adapters.home import Home, HomeLock\n"
        "with HomeLock(Home(Path(sys.argv[1]))).hold('demo'):\n    print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(home.root)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with (
        pytest.raises(StoreBusyError, match=rf"process {process.pid} \(demo\)"),
        HomeLock(home, 0).hold("load"),
    ):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with HomeLock(home, 0).hold("load"):
        pass


# files


def test_a_file_is_there_whole_or_as_it_was(tmp_path):
    path = tmp_path / "file"
    write_durably(path, b"old")
    with pytest.raises(Crash), armed("files.partial_written"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert not create_durably(path, b"other")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


# keys


def test_a_key_is_drawn_once_and_stays(home, vault):
    address = vault.account("steward").address
    assert KeyVault(home.keys).account("steward").address == address
    assert vault.account("operator").address != address
    assert vault.names() == ["operator", "steward"]
    assert vault.require("steward").address == address
    assert vault.secret() == KeyVault(home.keys).secret()
    assert len(vault.secret()) == 32
    assert vault.secret() not in {vault.secret("other"), bytes(vault.account("steward").key)}
    with pytest.raises(NotFoundError, match=r"no key settler in .*; there are: operator, steward"):
        vault.require("settler")


def test_keys_are_their_owners_alone(home, vault):
    vault.account("steward")
    vault.secret()
    assert home.keys.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in home.keys.iterdir()} == {0o600}
    assert {path.name for path in home.keys.iterdir()} == {"steward.key", "api.secret"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_may_read_or_write_is_refused(home, vault, mode):
    vault.account("steward")
    path = home.keys / "steward.key"
    path.chmod(mode)
    with pytest.raises(
        StoreError,
        match=rf"steward\.key may be read or written by others \(mode {mode:03o}\); run: chmod 600",
    ):
        KeyVault(home.keys).account("steward")
    path.chmod(0o600)
    home.keys.chmod(0o750)
    with pytest.raises(
        StoreError, match=r"keys may be read or written by others \(mode 750\); run: chmod 700"
    ):
        KeyVault(home.keys).account("steward")


def test_a_damaged_key_is_named_and_never_shown_or_replaced(home, vault):
    vault.account("steward")
    path = home.keys / "steward.key"
    content = path.read_text()
    for damaged in ("", content[:-3], content + "00", "g" + content[1:]):
        path.write_text(damaged)
        with pytest.raises(StoreError, match=r"steward\.key is damaged") as raised:
            KeyVault(home.keys).account("steward")
        assert content[4:20] not in str(raised.value)
        assert path.read_text() == damaged
    path.unlink()
    path.symlink_to(home.keys / "elsewhere")
    (home.keys / "elsewhere").write_text(content)
    with pytest.raises(StoreError, match="a key is a plain file of its owner"):
        KeyVault(home.keys).account("steward")


def test_a_key_made_elsewhere_is_kept_and_replaces_none(home, vault):
    vault.import_key("funder", b"\x01" * 32)
    vault.import_key("funder", b"\x01" * 32)
    assert vault.account("funder").address == "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
    with pytest.raises(StoreError, match="holds another key; a key is never replaced"):
        vault.import_key("funder", b"\x02" * 32)
    for wrong in (b"", b"\x00" * 32, b"\xff" * 32, b"\x01" * 31):
        with pytest.raises(StoreError, match="is no private key"):
            vault.import_key("other", wrong)


@pytest.mark.parametrize("name", ["", "../steward", "a/b", ".hidden", "Steward"])
def test_a_key_stays_in_its_folder(vault, name):
    with pytest.raises(StoreError, match="is no key's name"):
        vault.account(name)


def test_threads_that_ask_for_a_new_key_at_once_get_the_same(home):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(KeyVault(home.keys).account("steward").address))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in home.keys.iterdir()] == ["steward.key"]


def test_nothing_of_a_key_shows_in_its_vault(vault):
    key = vault.account("steward").key.hex()
    assert key[:12] not in repr(vault)
    assert key[:12] not in str(vars(vault))


def test_passwords_are_long_readable_and_never_the_same():
    passwords = {draw_password() for _ in range(200)}
    assert len(passwords) == 200
    for password in passwords:
        assert [len(group) for group in password.split("-")] == [5, 5, 5, 5]
        assert not set(password) & set("0O1lI")
