// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IBillingLedger } from "./interfaces/IBillingLedger.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { BillsProposal, BillsRecord } from "./types/Bills.sol";
import { ROLE_SETTLER } from "./types/Roles.sol";
import {
    RunRecord,
    STATE_CONTESTABLE,
    STATE_FINAL,
    STATE_NONE,
    STATE_SUPERSEDED,
    STATE_VOIDED
} from "./types/Runs.sol";

/// @title BillingLedger
/// @notice See {IBillingLedger}.
contract BillingLedger is IBillingLedger {
    /// @notice Who is settler.
    ICommunityRegistry public immutable registry;
    /// @notice Which contest window is voted.
    IRuleBook public immutable ruleBook;
    /// @notice How many slots there are.
    IPeriodBook public immutable periodBook;
    /// @notice What became of the run.
    ISettlementLedger public immutable settlementLedger;

    mapping(bytes32 runId => BillsRecord) private _bills;
    mapping(bytes32 runId => bytes32[]) private _documents;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        ISettlementLedger settlementLedger_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        settlementLedger = settlementLedger_;
    }

    /// @inheritdoc IBillingLedger
    function proposeBills(BillsProposal calldata proposal) external {
        (bytes32 community, bytes32 runId) = (proposal.community, proposal.runId);
        RunRecord memory run = settlementLedger.run(runId);
        require(run.state == STATE_CONTESTABLE || run.state == STATE_FINAL, RunNotBillable(runId, run.state));
        require(run.community == community, BillsElsewhere(community, run.community));
        require(
            registry.hasRole(community, ROLE_SETTLER, msg.sender),
            ICommunityRegistry.RoleMissing(community, ROLE_SETTLER, msg.sender)
        );
        require(_bills[runId].state == STATE_NONE, BillsProposedAlready(runId));
        require(proposal.root != bytes32(0), BillsRootMissing(runId));
        _requireBalance(proposal);
        uint32 slots = periodBook.terms(community, run.period).slots;
        require(SignedMath.abs(proposal.rounding) <= slots, RoundingTooLarge(proposal.rounding, slots));

        uint64 until = uint64(block.timestamp) + ruleBook.contestWindowOf(community, run.ruleVersion);
        _bills[runId] = BillsRecord({
            community: community,
            runId: runId,
            root: proposal.root,
            debits: proposal.debits,
            credits: proposal.credits,
            fees: proposal.fees,
            vatDebits: proposal.vatDebits,
            vatCredits: proposal.vatCredits,
            passThrough: proposal.passThrough,
            rounding: proposal.rounding,
            proposer: msg.sender,
            proposedAt: uint64(block.timestamp),
            contestableUntil: until,
            state: STATE_CONTESTABLE
        });
        emit BillsProposed(runId, community, proposal.root, until);
    }

    /// @inheritdoc IBillingLedger
    function finalise(bytes32 runId) external {
        BillsRecord storage record = _bills[runId];
        uint8 runState = settlementLedger.run(runId).state;
        uint8 state = _stateGiven(record.state, runState);
        require(state == STATE_CONTESTABLE, BillsNotContestable(runId, state));
        require(runState == STATE_FINAL, RunNotFinal(runId, runState));
        require(
            block.timestamp >= record.contestableUntil, ISettlementLedger.WindowOpen(record.contestableUntil)
        );
        record.state = STATE_FINAL;
        emit BillsFinalised(runId, record.community);
    }

    /// @inheritdoc IBillingLedger
    function anchorDocuments(bytes32 runId, bytes32 manifest) external {
        BillsRecord storage record = _bills[runId];
        bytes32 community = record.community;
        require(
            registry.hasRole(community, ROLE_SETTLER, msg.sender),
            ICommunityRegistry.RoleMissing(community, ROLE_SETTLER, msg.sender)
        );
        uint8 state = _stateGiven(record.state, settlementLedger.run(runId).state);
        require(state == STATE_FINAL, BillsNotFinal(runId, state));
        require(manifest != bytes32(0), ManifestMissing(runId));
        bytes32[] storage documents = _documents[runId];
        uint256 count = documents.length;
        require(count == 0 || documents[count - 1] != manifest, ManifestAnchoredAlready(runId, manifest));
        documents.push(manifest);
        emit DocumentsAnchored(runId, community, manifest);
    }

    /// @inheritdoc IBillingLedger
    function documentsOf(bytes32 runId) external view returns (bytes32[] memory) {
        return _documents[runId];
    }

    /// @inheritdoc IBillingLedger
    function bills(bytes32 runId) external view returns (BillsRecord memory record) {
        record = _bills[runId];
        record.state = _stateGiven(record.state, settlementLedger.run(runId).state);
    }

    /// @dev Bills share the fate of their run, without a call to say so.
    function _stateGiven(uint8 kept, uint8 runState) private pure returns (uint8) {
        if (kept == STATE_NONE) return STATE_NONE;
        return runState == STATE_SUPERSEDED || runState == STATE_VOIDED ? runState : kept;
    }

    /// @dev Sums of 64-bit terms cannot leave 256 bits.
    function _requireBalance(BillsProposal calldata proposal) private pure {
        int256 left = _signed(proposal.debits);
        int256 right = _signed(proposal.credits) + _signed(proposal.fees) + _signed(proposal.vatDebits)
            - _signed(proposal.vatCredits) + proposal.passThrough + proposal.rounding;
        require(left == right, BillsDoNotBalance(left, right));
    }

    function _signed(uint64 amount) private pure returns (int256) {
        return int256(uint256(amount));
    }
}
