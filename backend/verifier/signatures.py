"""Who signed: EIP-712 hashes of a case's papers, and the account behind a signature (SEC 1, 4.1.6; secp256k1).

A signature shows what it shows to anyone, so nothing here needs to hide how long it takes; what is not on the curve, or
malleable (an s above half the order, EIP-2), is no signature.
"""

from __future__ import annotations

from typing import NamedTuple

from backend.commitments.keccak import keccak256

__all__ = ["CLAIM", "OPEN_CASE", "digest_of", "recover"]

OPEN_CASE = b"OpenCase(bytes32 community,uint32 period,uint32 slot,uint32 first,uint32 until,bytes32 paper)"
CLAIM = b"Claim(bytes32 community,uint256 caseId,uint8 party,bytes32 readings,bytes32 evidence)"
_DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_WORD = 32
_SIGNATURE_BYTES = 65
_PARITIES = {0: 0, 1: 1, 27: 0, 28: 1}
_P = 2**256 - 2**32 - 977
_N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


class _Point(NamedTuple):
    """A point of y² = x³ + 7 in Jacobian coordinates; z is 0 at infinity."""

    x: int
    y: int
    z: int


_INFINITY = _Point(0, 1, 0)
_G = _Point(
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
    1,
)


def digest_of(kind: bytes, words: list[int | bytes], chain_id: int, contract: bytes) -> bytes:
    """What is signed of a paper.

    Args:
        kind: Its type, as EIP-712 writes it.
        words: Its fields, in order.
        chain_id: Of the domain.
        contract: Address of the domain's contract. [20 bytes]
    """
    domain = _struct(
        _DOMAIN, [keccak256(b"Partage"), keccak256(b"1"), chain_id, contract.rjust(_WORD, b"\0")]
    )
    return keccak256(b"\x19\x01" + domain + _struct(kind, words))


def _struct(kind: bytes, words: list[int | bytes]) -> bytes:
    told = (word.to_bytes(_WORD, "big") if isinstance(word, int) else word for word in words)
    return keccak256(keccak256(kind) + b"".join(told))


def recover(digest: bytes, signature: bytes) -> bytes | None:
    """The account that signed, None where it is no signature of any.

    Args:
        digest: What was signed. [32 bytes]
        signature: r, s and the parity of the point. [65 bytes]
    """
    if len(signature) != _SIGNATURE_BYTES or signature[-1] not in _PARITIES:
        return None
    r, s = int.from_bytes(signature[:_WORD], "big"), int.from_bytes(signature[_WORD:-1], "big")
    if not (0 < r < _N and 0 < s <= _N // 2):
        return None
    square = (pow(r, 3, _P) + 7) % _P
    y = pow(square, (_P + 1) // 4, _P)
    if y * y % _P != square:
        return None
    if y % 2 != _PARITIES[signature[-1]]:
        y = _P - y
    inverse = pow(r, -1, _N)
    message = int.from_bytes(digest, "big")
    key = _add(_times(-message * inverse % _N, _G), _times(s * inverse % _N, _Point(r, y, 1)))
    if key.z == 0:
        return None
    flat = pow(key.z, -1, _P)
    x, y = key.x * flat**2 % _P, key.y * flat**3 % _P
    return keccak256(x.to_bytes(_WORD, "big") + y.to_bytes(_WORD, "big"))[12:]


def _times(factor: int, point: _Point) -> _Point:
    total = _INFINITY
    for bit in f"{factor:b}":
        total = _double(total)
        if bit == "1":
            total = _add(total, point)
    return total


def _double(point: _Point) -> _Point:
    if point.z == 0 or point.y == 0:
        return _INFINITY
    square = point.y * point.y % _P
    four = 4 * point.x * square % _P
    slope = 3 * point.x * point.x % _P
    x = (slope * slope - 2 * four) % _P
    return _Point(x, (slope * (four - x) - 8 * square * square) % _P, 2 * point.y * point.z % _P)


def _add(one: _Point, other: _Point) -> _Point:
    if one.z == 0:
        return other
    if other.z == 0:
        return one
    one_square, other_square = one.z * one.z % _P, other.z * other.z % _P
    u, v = one.x * other_square % _P, other.x * one_square % _P
    a, b = one.y * other.z * other_square % _P, other.y * one.z * one_square % _P
    if u == v:
        return _double(one) if a == b else _INFINITY
    step, rise = v - u, b - a
    step_square = step * step % _P
    step_cube, base = step_square * step % _P, u * step_square % _P
    x = (rise * rise - step_cube - 2 * base) % _P
    return _Point(x, (rise * (base - x) - a * step_cube) % _P, one.z * other.z * step % _P)
