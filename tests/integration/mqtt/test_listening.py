"""Devices publish on a real broker: acknowledged once durable, let in by name and token, heard on their own topics."""

import datetime as dt
import json
import queue
import threading
import time

import numpy as np
import pytest

from backend.adapters.home import Home
from backend.adapters.mqtt import BrokerAddress
from backend.bootstrap import Wiring
from backend.bootstrap.listening import open_listener, write_broker_files
from backend.errors import InputError, StoreError
from backend.services.devices import add_device, revoke_device
from backend.services.load_community import load_community
from tests.integration.mqtt.broker import Broker, require_mosquitto
from tests.integration.settlement.small_community import DEFINITION

POINT = "ada-load"


@pytest.fixture
def wiring(tmp_path):
    require_mosquitto()
    wiring = Wiring(Home(tmp_path / "home"), environment={})
    wiring.home.create()
    load_community(wiring.context, DEFINITION, "toits.toml")
    yield wiring
    wiring.incoming.journal.close()
    wiring.store.close()


@pytest.fixture
def tokens(wiring):
    draw = np.random.default_rng(1).bytes
    return {
        name: add_device(wiring.store, wiring.clock, "toits", name, draw)[1] for name in ("box-1", "box-2")
    }


@pytest.fixture
def broker(wiring, tokens, tmp_path):
    folder = tmp_path / "broker"
    write_broker_files(wiring, folder)
    broker = Broker(folder, folder / "partage.conf")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listen(wiring, broker):
    running = []

    def start(address=None, authorities=None):
        listener = open_listener(wiring, address or f"mqtt://127.0.0.1:{broker.port}", authorities)
        thread = threading.Thread(target=listener.run)
        thread.start()
        running.append((listener, thread))
        assert listener.connected.wait(10)
        time.sleep(0.1)  # the broker takes the subscription
        return listener, thread

    yield start
    for listener, thread in running:
        listener.stop()
        thread.join(20)
        assert not thread.is_alive()


class Device:
    """A client as a device has one."""

    def __init__(self, broker, name, token, authorities=None):
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        self.name = name
        self.answers: queue.SimpleQueue = queue.SimpleQueue()
        self.refused = threading.Event()
        self.ready = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self.client.username_pw_set(f"toits/{name}", token)
        if authorities:
            self.client.tls_set(ca_certs=str(authorities))
        self.client.on_connect = self._connected
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = lambda _c, _d, message: self.answers.put(json.loads(message.payload))
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()

    def _connected(self, client, _data, _flags, reason, _properties):
        if reason.is_failure:
            self.refused.set()
        else:
            client.subscribe(f"partage/toits/{self.name}/answers", qos=1)

    def publish(self, batch, body, as_name=None):
        return self.client.publish(f"partage/toits/{as_name or self.name}/readings/{batch}", body, qos=1)

    def answer(self):
        return self.answers.get(timeout=15)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def connect(broker, tokens):
    devices = []

    def make(name="box-1", **options):
        device = Device(broker, name, options.pop("token", tokens.get(name)), **options)
        devices.append(device)
        assert device.ready.wait(10) or device.refused.is_set()
        return device

    yield make
    for device in devices:
        device.close()


def body_of(number, energy="0.5"):
    start = dt.datetime(2024, 5, 1, tzinfo=dt.UTC) + dt.timedelta(hours=number)
    return json.dumps([{"metering_point": POINT, "start": start.isoformat(), "energy_kwh": energy}])


def stored(wiring):
    wiring.incoming.seal("toits")
    span = wiring.intervals.span("toits")
    return [] if span is None else wiring.intervals.readings("toits", [POINT], *span).energy.tolist()


def test_a_batch_is_answered_and_in_force(wiring, listen, connect):
    listen()
    device = connect()
    device.publish("b-1", body_of(0))
    assert device.answer() == {"batch": "b-1", "readings": 1, "is_new": True, "findings": []}
    assert stored(wiring) == [500_000]
    device.publish("b-1", body_of(0))
    assert device.answer()["is_new"] is False
    csv = f"metering_point,start,resolution_minutes,energy_kwh,quality\n{POINT},2024-05-01T01:00:00Z,60,0.25,measured\n"
    device.publish("b-2", csv)
    assert device.answer()["readings"] == 1
    assert stored(wiring) == [500_000, 250_000]


def test_what_is_wrong_is_told_to_the_device_and_not_given_again(wiring, listen, connect):
    listen()
    device = connect()
    device.publish("b-1", body_of(0, energy="-1"))
    told = device.answer()
    assert told["findings"][0]["rule"] == "energy"
    assert "problem" in told
    device.publish("b-2", body_of(1))
    assert device.answer()["batch"] == "b-2"
    assert stored(wiring) == [500_000]


def test_what_comes_while_nobody_listens_is_taken_later(wiring, listen, connect):
    listener, thread = listen()
    listener.stop()
    thread.join(20)
    device = connect()
    for number in range(50):
        device.publish(f"b-{number}", body_of(number)).wait_for_publish(10)
    listen()
    for _ in range(50):
        device.answer()
    assert len(stored(wiring)) == 50


def test_what_the_store_cannot_keep_is_given_again(wiring, listen, connect, monkeypatch):
    journal = wiring.incoming.journal
    append_all = journal.append_all
    failed: list[int] = []

    def fail_first(community, batches):
        if len(failed) < 2:
            failed.append(len(batches))
            return [StoreError("the disk is full") for _ in batches]
        return append_all(community, batches)

    monkeypatch.setattr(journal, "append_all", fail_first)
    listen()
    device = connect()
    for number in range(10):
        device.publish(f"b-{number}", body_of(number))
    found = {device.answer()["batch"] for _ in range(10)}
    assert found == {f"b-{number}" for number in range(10)}
    assert len(stored(wiring)) == 10
    assert len(failed) == 2


def test_a_device_cannot_publish_as_another_nor_read_its_answers(wiring, listen, connect):
    listen()
    one, other = connect("box-1"), connect("box-2")
    one.client.subscribe("partage/toits/box-2/answers", qos=1)
    one.publish("stolen", body_of(0), as_name="box-2")
    other.publish("mine", body_of(1))
    assert other.answer()["batch"] == "mine"
    one.publish("own", body_of(2))
    assert one.answer()["batch"] == "own"
    assert one.answers.empty()
    assert len(stored(wiring)) == 2


def test_a_wrong_token_and_a_revoked_device_are_kept_out(wiring, broker, listen, connect, tokens):
    assert connect(token="wrong").refused.is_set()
    listen()
    device = connect("box-1")
    revoke_device(wiring.store, wiring.clock, "toits", "box-1")
    time.sleep(2.1)
    device.publish("late", body_of(0))
    assert "revoked" in device.answer()["problem"]
    assert stored(wiring) == []
    write_broker_files(wiring, broker.folder)
    broker.reload()
    assert connect("box-1").refused.is_set()
    assert not connect("box-2").refused.is_set()


def test_a_broker_that_restarts_is_found_again(wiring, broker, listen, connect):
    listener, _ = listen()
    broker.reload()
    assert listener.connected.wait(20)
    time.sleep(0.2)
    device = connect()
    device.publish("after", body_of(0))
    assert device.answer()["batch"] == "after"


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves a refused line open
def test_lines_are_encrypted_and_the_broker_proves_itself(wiring, tokens, tmp_path):
    authority = make_certificate(tmp_path)
    folder = tmp_path / "broker"
    write_broker_files(wiring, folder)
    lines = [f"certfile {tmp_path}/broker.crt", f"keyfile {tmp_path}/broker.key"]
    broker = Broker(folder, folder / "partage.conf", lines)
    broker.start()
    listener = open_listener(wiring, f"mqtts://localhost:{broker.port}", authority)
    thread = threading.Thread(target=listener.run)
    thread.start()
    try:
        assert listener.connected.wait(10)
        stranger = open_listener(wiring, f"mqtts://localhost:{broker.port}")
        with pytest.raises(StoreError, match="cannot be reached"):
            stranger.run()
    finally:
        listener.stop()
        thread.join(20)
        broker.stop()


def make_certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "broker.crt"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "broker.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.mark.parametrize("url", ["http://x", "mqtt://", "mqtts://u:p@x", "mqtt://x:99999", "mqtt://x/y", "x"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(InputError, match="no broker's address"):
        BrokerAddress.of_url(url)
