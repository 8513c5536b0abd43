"""The world as services see it, joined to the real one: databases, files, chains, clocks and keys.

Each adapter implements a Protocol of ``backend.ports``; only ``backend.bootstrap`` knows both adapters and services.
"""
