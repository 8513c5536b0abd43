"""A real Mosquitto on this machine."""

import getpass
import os
import shutil
import socket
import subprocess
import time

import pytest

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def require_mosquitto():
    if MOSQUITTO is None:
        pytest.skip("there is no Mosquitto here; scripts/setup --dev installs it where it can")


class Broker:
    """Starts and stops a broker on one port, with the files that ``write_broker_files`` wrote."""

    def __init__(self, folder, settings, listener_lines=()):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        lines = [settings.read_text(), f"listener {self.port} 127.0.0.1", *listener_lines, "persistence true"]
        lines += [f"persistence_location {folder}/", f"user {getpass.getuser()}", "autosave_interval 1"]
        (folder / "broker.conf").write_text("\n".join(lines) + "\n")
        self._process = None

    def start(self):
        assert MOSQUITTO is not None
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [MOSQUITTO, "-c", str(self.folder / "broker.conf")], stdout=subprocess.DEVNULL, stderr=log
            )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self._process.poll() is None, (self.folder / "broker.log").read_text()
                assert time.monotonic() < deadline, "the broker does not listen"
                time.sleep(0.05)

    def reload(self):
        self.stop()
        self.start()

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
