"""Readings from an MQTT broker: taken in groups, acknowledged to the broker once they are durable (QoS 1)."""

from backend.adapters.mqtt.listener import BrokerAddress, MqttListener

__all__ = ["BrokerAddress", "MqttListener"]
