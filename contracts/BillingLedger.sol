// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IBillContests } from "./interfaces/IBillContests.sol";
import { IBillingLedger } from "./interfaces/IBillingLedger.sol";
import { IBonds } from "./interfaces/IBonds.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IInputContests } from "./interfaces/IInputContests.sol";
import { IPauseBook } from "./interfaces/IPauseBook.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { IRuleBook } from "./interfaces/IRuleBook.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { Pauses } from "./libraries/Pauses.sol";
import { BillsClaim, BillsProposal, BillsRecord } from "./types/Bills.sol";
import { ROLE_SETTLER } from "./types/Roles.sol";
import {
    RunClaim,
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
    using Pauses for IPauseBook;

    /// @dev Bills as kept: what a contest reads and writes stands in the first two words. Their run says the community.
    struct Kept {
        bytes32 root;
        address voidedBy;
        uint8 state;
        uint64 debits;
        uint64 credits;
        uint64 fees;
        uint64 vatDebits;
        uint64 vatCredits;
        int64 passThrough;
        int64 rounding;
        address proposer;
        uint64 proposedAt;
        uint64 contestableUntil;
    }

    /// @notice Who is settler.
    ICommunityRegistry public immutable registry;
    /// @notice Which contest window is voted.
    IRuleBook public immutable ruleBook;
    /// @notice How many slots there are.
    IPeriodBook public immutable periodBook;
    /// @notice What became of the run.
    ISettlementLedger public immutable settlementLedger;

    /// @notice When a community is paused.
    IPauseBook public immutable pauseBook;
    /// @notice What stands behind bills.
    IBonds public immutable bonds;
    /// @notice Bills against the tariff.
    IBillContests public immutable billContests;
    /// @notice Bills that lack, or that should not be there.
    IInputContests public immutable inputContests;

    mapping(bytes32 runId => Kept) private _bills;
    mapping(bytes32 runId => bytes32[]) private _documents;

    constructor(
        ICommunityRegistry registry_,
        IRuleBook ruleBook_,
        IPeriodBook periodBook_,
        ISettlementLedger settlementLedger_,
        IPauseBook pauseBook_,
        IBonds bonds_,
        IBillContests billContests_,
        IInputContests inputContests_
    ) {
        registry = registry_;
        ruleBook = ruleBook_;
        periodBook = periodBook_;
        settlementLedger = settlementLedger_;
        pauseBook = pauseBook_;
        bonds = bonds_;
        billContests = billContests_;
        inputContests = inputContests_;
    }

    /// @inheritdoc IBillingLedger
    function proposeBills(BillsProposal calldata proposal) external payable {
        (bytes32 community, bytes32 runId) = (proposal.community, proposal.runId);
        pauseBook.requireRunning(community);
        RunRecord memory run = settlementLedger.run(runId);
        require(run.state == STATE_CONTESTABLE || run.state == STATE_FINAL, RunNotBillable(runId, run.state));
        require(run.community == community, BillsElsewhere(community, run.community));
        require(
            registry.hasRole(community, ROLE_SETTLER, msg.sender),
            ICommunityRegistry.RoleMissing(community, ROLE_SETTLER, msg.sender)
        );
        uint8 former = _bills[runId].state;
        require(former == STATE_NONE || former == STATE_VOIDED, BillsProposedAlready(runId));
        require(proposal.root != bytes32(0), BillsRootMissing(runId));
        _requireBalance(proposal);
        uint32 slots = periodBook.terms(community, run.period).slots;
        require(SignedMath.abs(proposal.rounding) <= slots, RoundingTooLarge(proposal.rounding, slots));

        _releaseFormer(runId);
        uint64 until = uint64(block.timestamp) + ruleBook.contestWindowOf(community, run.ruleVersion);
        _bills[runId] = Kept({
            root: proposal.root,
            voidedBy: address(0),
            state: STATE_CONTESTABLE,
            debits: proposal.debits,
            credits: proposal.credits,
            fees: proposal.fees,
            vatDebits: proposal.vatDebits,
            vatCredits: proposal.vatCredits,
            passThrough: proposal.passThrough,
            rounding: proposal.rounding,
            proposer: msg.sender,
            proposedAt: uint64(block.timestamp),
            contestableUntil: until
        });
        emit BillsProposed(runId, community, proposal.root, until);
        bonds.lock{ value: msg.value }(runId, msg.sender);
    }

    /// @inheritdoc IBillingLedger
    function finalise(bytes32 runId) external {
        Kept storage record = _bills[runId];
        RunClaim memory run = settlementLedger.claimOf(runId);
        bytes32 community = run.community;
        pauseBook.requireRunning(community);
        uint8 state = _stateGiven(record.state, run.state);
        require(state == STATE_CONTESTABLE, BillsNotContestable(runId, state));
        require(run.state == STATE_FINAL, RunNotFinal(runId, run.state));
        uint64 until = pauseBook.shifted(community, record.proposedAt, record.contestableUntil);
        require(block.timestamp >= until, ISettlementLedger.WindowOpen(until));
        record.state = STATE_FINAL;
        emit BillsFinalised(runId, community);
    }

    /// @inheritdoc IBillingLedger
    function voidBills(bytes32 runId, address by) external {
        bool isJudge = msg.sender == address(billContests) || msg.sender == address(inputContests);
        require(isJudge, NotBillContests(msg.sender));
        Kept storage record = _bills[runId];
        uint8 state = _stateGiven(record.state, settlementLedger.stateOf(runId));
        require(state == STATE_CONTESTABLE, BillsNotContestable(runId, state));
        (record.state, record.voidedBy) = (STATE_VOIDED, by);
        emit BillsVoided(runId, by);
    }

    /// @inheritdoc IBillingLedger
    function anchorDocuments(bytes32 runId, bytes32 manifest) external {
        RunClaim memory run = settlementLedger.claimOf(runId);
        bytes32 community = run.community;
        pauseBook.requireRunning(community);
        require(
            registry.hasRole(community, ROLE_SETTLER, msg.sender),
            ICommunityRegistry.RoleMissing(community, ROLE_SETTLER, msg.sender)
        );
        uint8 state = _stateGiven(_bills[runId].state, run.state);
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
        Kept memory kept = _bills[runId];
        if (kept.state == STATE_NONE) return record;
        RunClaim memory run = settlementLedger.claimOf(runId);
        return BillsRecord({
            community: run.community,
            runId: runId,
            root: kept.root,
            debits: kept.debits,
            credits: kept.credits,
            fees: kept.fees,
            vatDebits: kept.vatDebits,
            vatCredits: kept.vatCredits,
            passThrough: kept.passThrough,
            rounding: kept.rounding,
            proposer: kept.proposer,
            proposedAt: kept.proposedAt,
            contestableUntil: kept.contestableUntil,
            state: _stateGiven(kept.state, run.state),
            voidedBy: kept.voidedBy
        });
    }

    /// @inheritdoc IBillingLedger
    function claimOf(bytes32 runId) external view returns (BillsClaim memory) {
        Kept storage record = _bills[runId];
        RunClaim memory run = settlementLedger.claimOf(runId);
        return BillsClaim({
            community: run.community,
            period: run.period,
            ruleVersion: run.ruleVersion,
            root: record.root,
            state: _stateGiven(record.state, run.state),
            runRoot: run.root
        });
    }

    /// @dev The bond of voided bills belongs to who proved the lie, and its place is taken by the next one.
    function _releaseFormer(bytes32 runId) private {
        (, uint256 amount) = bonds.lockedOf(address(this), runId);
        if (amount != 0) bonds.release(address(this), runId);
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
