// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IMeterDataLedger } from "./interfaces/IMeterDataLedger.sol";
import { IPauseBook } from "./interfaces/IPauseBook.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { Identifiers } from "./libraries/Identifiers.sol";
import { Pauses } from "./libraries/Pauses.sol";
import { Batch, BatchRecord, LABEL_IMPORTED, LABEL_MEASURED } from "./types/Batches.sol";
import { Terms } from "./types/Periods.sol";
import { ONE_PPM } from "./types/Points.sol";
import { ROLE_GRID_OPERATOR, ROLE_IMPORTER } from "./types/Roles.sol";
import { GAPS_RETURNED, Limits, LIMIT_ESTIMATED, LIMIT_MISSING } from "./types/Rules.sol";

/// @title MeterDataLedger
/// @notice See {IMeterDataLedger}.
contract MeterDataLedger is IMeterDataLedger, EIP712 {
    using Pauses for IPauseBook;

    bytes32 private constant BATCH_TYPEHASH = keccak256(
        "Batch(bytes32 community,uint32 period,uint32 version,bytes32 predecessor,bytes32 root,uint64 measured,uint64 estimated,uint64 missing,uint8 label,bytes32 source)"
    );

    /// @notice Who may sign.
    ICommunityRegistry public immutable registry;
    /// @notice Which limits are voted.
    IRuleBook public immutable ruleBook;
    /// @notice How many readings a complete batch has.
    IPeriodBook public immutable periodBook;
    /// @notice When a community is paused.
    IPauseBook public immutable pauseBook;

    mapping(bytes32 batchId => BatchRecord) private _batches;
    mapping(bytes32 community => mapping(uint32 period => bytes32)) private _latest;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        IPauseBook pauseBook_
    ) EIP712("Partage", "1") {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        pauseBook = pauseBook_;
    }

    /// @inheritdoc IMeterDataLedger
    function submitBatch(Batch calldata newBatch, bytes calldata signature) external {
        (bytes32 community, uint32 period) = (newBatch.community, newBatch.period);
        pauseBook.requireRunning(community);
        Terms memory terms = periodBook.terms(community, period);
        require(terms.openedAt != 0, IPeriodBook.PeriodNotOpen(community, period));
        address signer = _requireSigner(newBatch, signature);
        _requireSuccession(newBatch);
        require(newBatch.root != bytes32(0), BatchRootMissing(community, period));
        require(
            newBatch.label == LABEL_MEASURED || newBatch.source != bytes32(0),
            BatchSourceMissing(community, period)
        );
        _requireConformity(newBatch, terms);

        bytes32 batchId = Identifiers.batchId(community, period, newBatch.version, signer);
        _batches[batchId] = BatchRecord({
            community: community,
            period: period,
            version: newBatch.version,
            label: newBatch.label,
            signer: signer,
            measured: newBatch.measured,
            estimated: newBatch.estimated,
            missing: newBatch.missing,
            submittedAt: uint64(block.timestamp),
            root: newBatch.root,
            source: newBatch.source
        });
        _latest[community][period] = batchId;
        emit BatchSubmitted(batchId, community, period, newBatch.version, signer, newBatch.root);
    }

    /// @inheritdoc IMeterDataLedger
    function batch(bytes32 batchId) external view returns (BatchRecord memory) {
        return _batches[batchId];
    }

    /// @inheritdoc IMeterDataLedger
    function rootOf(bytes32 batchId) external view returns (bytes32) {
        return _batches[batchId].root;
    }

    /// @inheritdoc IMeterDataLedger
    function latestBatch(bytes32 community, uint32 period) external view returns (bytes32) {
        return _latest[community][period];
    }

    function _requireSigner(Batch calldata newBatch, bytes calldata signature)
        private
        view
        returns (address signer)
    {
        require(newBatch.label <= LABEL_IMPORTED, BatchLabelUnknown(newBatch.label));
        uint8 role = newBatch.label == LABEL_MEASURED ? ROLE_GRID_OPERATOR : ROLE_IMPORTER;
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(BATCH_TYPEHASH, newBatch)));
        signer = ECDSA.recoverCalldata(digest, signature);
        require(
            registry.hasRole(newBatch.community, role, signer),
            ICommunityRegistry.RoleMissing(newBatch.community, role, signer)
        );
    }

    function _requireSuccession(Batch calldata newBatch) private view {
        bytes32 latest = _latest[newBatch.community][newBatch.period];
        uint32 expected = _batches[latest].version + 1;
        require(newBatch.version == expected, BatchVersionWrong(newBatch.version, expected));
        require(newBatch.predecessor == latest, BatchPredecessorWrong(newBatch.predecessor, latest));
    }

    function _requireConformity(Batch calldata newBatch, Terms memory terms) private view {
        uint256 all = uint256(newBatch.measured) + newBatch.estimated + newBatch.missing;
        require(all == terms.expectedReadings, BatchIncomplete(terms.expectedReadings, all));
        Limits memory limits = ruleBook.limitsOf(newBatch.community, terms.ruleVersion);
        // A period has a confirmed point and a point an active day, so `all` is never zero here.
        uint256 valuePpm = uint256(newBatch.estimated) * ONE_PPM / all;
        uint256 limitPpm = limits.maxEstimatedPpm;
        require(
            valuePpm <= limitPpm, ConformityLimitExceeded(LIMIT_ESTIMATED, valuePpm, limitPpm, limits.gaps)
        );
        valuePpm = uint256(newBatch.missing) * ONE_PPM / all;
        // What goes back to the operator is measured there or substituted: not one reading stays missing, however few ppm it is.
        bool returned = limits.gaps == GAPS_RETURNED;
        limitPpm = returned ? 0 : limits.maxMissingPpm;
        require(
            returned ? newBatch.missing == 0 : valuePpm <= limitPpm,
            ConformityLimitExceeded(LIMIT_MISSING, valuePpm, limitPpm, limits.gaps)
        );
    }
}
