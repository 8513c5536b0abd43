"""Commitments: salted leaves, positional Merkle trees, proofs and bundles, as docs/protocol.md has them byte by byte.

The room is pure: keys, ids and figures come in, roots and proofs go out; it knows no chain, store, clock or chance.
Arrays are by slot, then by interval of the whole period, days joined; energies are int64 milliwatt-hours, amounts whole
cents, hashes uint8 rows of 32. A builder checks what it commits to: nothing negative, nothing outside a point's active
days, energy conserved in every interval.

Importing the room is cheap. Numba is loaded when the first large batch of hashes comes; ``warm_kernels`` compiles it.
"""

from backend.commitments.activity import CONSUMPTION, FEED_IN, Activity
from backend.commitments.batch_tree import BatchTree, Readings, build_batch_tree
from backend.commitments.bill_tree import BillFigures, BillTree, build_bill_tree
from backend.commitments.bundle import BundlePoint, BundleSubject, ChainFacts, PeriodTrees, build_bundle
from backend.commitments.classes_tree import ClassesTree, build_classes_tree
from backend.commitments.coefficients_tree import CoefficientsTree, build_coefficients_tree
from backend.commitments.costs_tree import CostsTree, FlowScale, LinkCosts, build_costs_tree
from backend.commitments.identifiers import (
    PROTOCOL_VERSION,
    form_batch_id,
    form_points_hash,
    form_run_id,
    form_schedule_id,
    form_source_hash,
    form_tag,
    form_terms_id,
)
from backend.commitments.keccak import keccak256
from backend.commitments.leaves import LeafKind, encode_leaf
from backend.commitments.links import IntervalFlows, Link, links_of
from backend.commitments.merkle import MerkleTree, Proof, climb, depth_of
from backend.commitments.opening import pack_bands, unpack_bands
from backend.commitments.run_tree import RunTree, build_run_tree
from backend.commitments.salts import SaltKeys, derive_salt, stack_keys
from backend.commitments.settled import SettledIntervals
from backend.commitments.shape import STRIDE, TreeShape
from backend.commitments.warm import warm_kernels

__all__ = [
    "CONSUMPTION",
    "FEED_IN",
    "PROTOCOL_VERSION",
    "STRIDE",
    "Activity",
    "BatchTree",
    "BillFigures",
    "BillTree",
    "BundlePoint",
    "BundleSubject",
    "ChainFacts",
    "ClassesTree",
    "CoefficientsTree",
    "CostsTree",
    "FlowScale",
    "IntervalFlows",
    "LeafKind",
    "Link",
    "LinkCosts",
    "MerkleTree",
    "PeriodTrees",
    "Proof",
    "Readings",
    "RunTree",
    "SaltKeys",
    "SettledIntervals",
    "TreeShape",
    "build_batch_tree",
    "build_bill_tree",
    "build_bundle",
    "build_classes_tree",
    "build_coefficients_tree",
    "build_costs_tree",
    "build_run_tree",
    "climb",
    "depth_of",
    "derive_salt",
    "encode_leaf",
    "form_batch_id",
    "form_points_hash",
    "form_run_id",
    "form_schedule_id",
    "form_source_hash",
    "form_tag",
    "form_terms_id",
    "keccak256",
    "links_of",
    "pack_bands",
    "stack_keys",
    "unpack_bands",
    "warm_kernels",
]
