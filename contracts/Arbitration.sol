// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IArbitration } from "./interfaces/IArbitration.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IMeterDataLedger } from "./interfaces/IMeterDataLedger.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import {
    CASE_APPEALED,
    CASE_CLAIMS,
    CASE_DISMISSED,
    CASE_FINAL,
    CASE_FULFILLED,
    CASE_HEARING,
    CASE_NONE,
    CASE_RULED,
    CaseOpening,
    CaseRecord,
    Claim,
    ClaimRecord,
    PARTY_CONSUMER,
    PARTY_GRID_OPERATOR,
    PARTY_NONE,
    PARTY_PROVIDER
} from "./types/Cases.sol";
import { ROLE_ARBITER, ROLE_GRID_OPERATOR, ROLE_PROVIDER, ROLE_SETTLER } from "./types/Roles.sol";

/// @title Arbitration
/// @notice See {IArbitration}.
contract Arbitration is IArbitration, EIP712 {
    bytes32 private constant OPEN_CASE_TYPEHASH = keccak256(
        "OpenCase(bytes32 community,uint32 period,uint32 slot,uint32 first,uint32 until,bytes32 paper)"
    );
    bytes32 private constant CLAIM_TYPEHASH =
        keccak256("Claim(bytes32 community,uint256 caseId,uint8 party,bytes32 readings,bytes32 evidence)");
    /// @dev Long enough to ask for a meter's register and to answer what another party shows.
    uint64 private constant CLAIMS_TIME = 14 days;
    uint64 private constant RULING_TIME = 14 days;
    uint64 private constant APPEAL_TIME = 14 days;

    /// @notice Who is party, arbiter and settler.
    ICommunityRegistry public immutable registry;
    /// @notice Which intervals a period has, and whose seat a slot is at.
    IPeriodBook public immutable periodBook;
    /// @notice Which batches there are.
    IMeterDataLedger public immutable meterDataLedger;

    uint256 private _count;
    mapping(uint256 caseId => CaseRecord) private _cases;
    mapping(uint256 caseId => mapping(uint8 party => ClaimRecord)) private _claims;
    mapping(uint256 caseId => mapping(uint8 party => uint256 proposalId)) private _appeals;
    mapping(bytes32 digest => bool) private _spent;
    mapping(bytes32 community => mapping(uint32 period => mapping(uint32 slot => uint256 caseId))) private
        _latest;

    constructor(ICommunityRegistry registry_, IPeriodBook periodBook_, IMeterDataLedger meterDataLedger_)
        EIP712("Partage", "1")
    {
        registry = registry_;
        periodBook = periodBook_;
        meterDataLedger = meterDataLedger_;
    }

    /// @inheritdoc IArbitration
    function openCase(CaseOpening calldata opening, address opener, bytes calldata signature)
        external
        returns (uint256 caseId)
    {
        _requireOpening(opening);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(OPEN_CASE_TYPEHASH, opening)));
        if (opener != msg.sender) {
            address signer = ECDSA.recoverCalldata(digest, signature);
            require(signer == opener, NotParty(opening.community, signer));
            // What was signed once opens one case: the words' salt tells a second one apart.
            require(!_spent[digest], CaseOpenedTwice(digest));
        }
        _spent[digest] = true;
        require(_isParty(opening, PARTY_NONE, opener), NotParty(opening.community, opener));
        _requireEnded(_latest[opening.community][opening.period][opening.slot]);

        caseId = ++_count;
        _latest[opening.community][opening.period][opening.slot] = caseId;
        CaseRecord storage record = _cases[caseId];
        record.community = opening.community;
        (record.period, record.slot) = (opening.period, opening.slot);
        (record.first, record.until) = (opening.first, opening.until);
        (record.opener, record.openedAt) = (opener, uint64(block.timestamp));
        (record.state, record.prevailing) = (CASE_CLAIMS, PARTY_NONE);
        record.paper = opening.paper;
        emit CaseOpened(caseId, opening.community, opener, opening.period, opening.slot, opening.paper);
    }

    /// @inheritdoc IArbitration
    function fileClaim(Claim calldata claim, bytes calldata signature) external {
        CaseRecord storage record = _existing(claim.caseId);
        require(claim.community == record.community, ClaimElsewhere(claim.community, record.community));
        require(claim.party < PARTY_NONE, PartyUnknown(claim.party));
        // Claims are taken for their whole time, also where all three stand: a party may answer what another shows.
        bool taken = record.state == CASE_CLAIMS && block.timestamp < record.openedAt + CLAIMS_TIME;
        require(taken, CaseStateWrong(claim.caseId, _stateOf(record, claim.caseId), CASE_CLAIMS));
        require(
            claim.readings != bytes32(0) && claim.evidence != bytes32(0),
            ClaimEmpty(claim.caseId, claim.party)
        );
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CLAIM_TYPEHASH, claim)));
        address signer = ECDSA.recoverCalldata(digest, signature);
        CaseOpening memory about = _openingOf(record);
        require(_isParty(about, claim.party, signer), NotParty(record.community, signer));
        require(!_spent[digest], ClaimFiledTwice(digest));
        _spent[digest] = true;

        _claims[claim.caseId][claim.party] = ClaimRecord({
            signer: signer,
            filedAt: uint64(block.timestamp),
            readings: claim.readings,
            evidence: claim.evidence
        });
        emit ClaimFiled(claim.caseId, claim.party, signer, claim.readings, claim.evidence);
    }

    /// @inheritdoc IArbitration
    function ruleCase(uint256 caseId, uint8 party, bytes32 reasons) external {
        CaseRecord storage record = _existing(caseId);
        _requireRole(record.community, ROLE_ARBITER);
        _requireState(record, caseId, CASE_HEARING);
        require(reasons != bytes32(0), ReasonsMissing(caseId));
        _requireClaim(caseId, party);
        _decide(record, caseId, party, reasons);
    }

    /// @inheritdoc IArbitration
    function closeByPrecedence(uint256 caseId) external {
        CaseRecord storage record = _existing(caseId);
        _requireState(record, caseId, CASE_HEARING);
        uint64 due = record.openedAt + CLAIMS_TIME + RULING_TIME;
        require(block.timestamp >= due, RulingStillDue(caseId, due));
        _decide(record, caseId, _foremost(caseId), bytes32(0));
    }

    /// @inheritdoc IArbitration
    function noteAppeal(uint256 caseId, uint8 party, uint256 proposalId) external {
        CaseRecord storage record = _existing(caseId);
        address governor = registry.governorOf(record.community);
        require(msg.sender == governor, NotGovernor(record.community, msg.sender));
        uint8 state = _stateOf(record, caseId);
        // While members vote on one outcome another may be proposed, as long as there is time.
        bool open = state == CASE_APPEALED && block.timestamp < record.ruledAt + APPEAL_TIME;
        require(open || state == CASE_RULED, CaseStateWrong(caseId, state, CASE_RULED));
        _requireClaim(caseId, party);
        require(party != record.prevailing, AppealPointless(caseId, party));
        uint256 former = _appeals[caseId][party];
        bool free = former == 0 || IGovernor(governor).state(former) == IGovernor.ProposalState.Canceled;
        require(free, AppealedAlready(caseId, party, former));

        _appeals[caseId][party] = proposalId;
        (record.state, record.proposalId) = (CASE_APPEALED, proposalId);
        emit AppealNoted(caseId, proposalId);
    }

    /// @inheritdoc IArbitration
    function overturn(uint256 caseId, uint8 party) external {
        CaseRecord storage record = _existing(caseId);
        address executive = registry.executiveOf(record.community);
        require(msg.sender == executive, NotExecutive(record.community, msg.sender));
        _requireState(record, caseId, CASE_APPEALED);
        _requireClaim(caseId, party);
        (record.prevailing, record.ruledAt) = (party, uint64(block.timestamp));
        record.state = _outcome(party);
        emit RulingOverturned(caseId, party);
    }

    /// @inheritdoc IArbitration
    function settleAppeal(uint256 caseId) external {
        CaseRecord storage record = _existing(caseId);
        _requireState(record, caseId, CASE_APPEALED);
        IGovernor governor = IGovernor(registry.governorOf(record.community));
        for (uint8 party; party <= PARTY_NONE; ++party) {
            uint256 appeal = _appeals[caseId][party];
            if (appeal != 0) _requireFailed(governor, caseId, appeal);
        }
        // An outcome that nobody proposed yet, or that was taken back, may be proposed while there is time.
        record.state = CASE_RULED;
        emit AppealSettled(caseId, record.proposalId);
    }

    /// @inheritdoc IArbitration
    function fulfil(uint256 caseId, bytes32 batchId) external {
        CaseRecord storage record = _existing(caseId);
        _requireRole(record.community, ROLE_SETTLER);
        _requireState(record, caseId, CASE_FINAL);
        // Where the outcome is what was settled already, no new batch is made: the latest one carries it out.
        bytes32 latest = meterDataLedger.latestBatch(record.community, record.period);
        require(batchId != bytes32(0) && batchId == latest, BatchNotLatest(caseId, batchId, latest));
        (record.state, record.batchId) = (CASE_FULFILLED, batchId);
        emit CaseFulfilled(caseId, batchId);
    }

    /// @inheritdoc IArbitration
    function caseOf(uint256 caseId) external view returns (CaseRecord memory record) {
        record = _cases[caseId];
        record.state = _stateOf(_cases[caseId], caseId);
    }

    /// @inheritdoc IArbitration
    function claimOf(uint256 caseId, uint8 party) external view returns (ClaimRecord memory) {
        return _claims[caseId][party];
    }

    /// @inheritdoc IArbitration
    function latestCase(bytes32 community, uint32 period, uint32 slot) external view returns (uint256) {
        return _latest[community][period][slot];
    }

    /// @inheritdoc IArbitration
    function deadlinesOf(uint256 caseId)
        external
        view
        returns (uint64 claimsUntil, uint64 rulingUntil, uint64 appealUntil)
    {
        CaseRecord storage record = _existing(caseId);
        claimsUntil = record.openedAt + CLAIMS_TIME;
        rulingUntil = claimsUntil + RULING_TIME;
        appealUntil = record.ruledAt == 0 ? 0 : record.ruledAt + APPEAL_TIME;
    }

    function _decide(CaseRecord storage record, uint256 caseId, uint8 party, bytes32 reasons) private {
        (record.state, record.prevailing) = (CASE_RULED, party);
        (record.ruledAt, record.reasons) = (uint64(block.timestamp), reasons);
        emit CaseRuled(caseId, party, reasons, msg.sender);
    }

    function _requireOpening(CaseOpening calldata opening) private view {
        // Refuses a period that is not open.
        uint16[] memory days_ = periodBook.allIntervals(opening.community, opening.period);
        uint256 intervals;
        for (uint256 day; day < days_.length; ++day) {
            intervals += days_[day];
        }
        require(
            opening.first < opening.until && opening.until <= intervals,
            CaseIntervalsImpossible(opening.first, opening.until, intervals)
        );
        require(
            registry.point(opening.community, opening.period, opening.slot).untilDay != 0,
            CaseSlotUnknown(opening.period, opening.slot)
        );
        require(opening.paper != bytes32(0), CasePaperMissing(opening.community));
    }

    /// @dev A metering point has one case at a time: parties are not to be worn out by many.
    function _requireEnded(uint256 caseId) private view {
        if (caseId == 0) return;
        uint8 state = _stateOf(_cases[caseId], caseId);
        require(state == CASE_DISMISSED || state == CASE_FULFILLED, CaseOpenAlready(caseId));
    }

    function _requireClaim(uint256 caseId, uint8 party) private view {
        require(party <= PARTY_NONE, PartyUnknown(party));
        require(party == PARTY_NONE || _claims[caseId][party].filedAt != 0, ClaimMissing(caseId, party));
    }

    function _requireState(CaseRecord storage record, uint256 caseId, uint8 expected) private view {
        uint8 state = _stateOf(record, caseId);
        require(state == expected, CaseStateWrong(caseId, state, expected));
    }

    function _requireFailed(IGovernor governor, uint256 caseId, uint256 proposalId) private view {
        IGovernor.ProposalState state = governor.state(proposalId);
        bool failed = state == IGovernor.ProposalState.Canceled || state == IGovernor.ProposalState.Defeated
            || state == IGovernor.ProposalState.Expired;
        require(failed, AppealUndecided(caseId, uint8(state)));
    }

    function _requireRole(bytes32 community, uint8 role) private view {
        require(
            registry.hasRole(community, role, msg.sender),
            ICommunityRegistry.RoleMissing(community, role, msg.sender)
        );
    }

    /// @dev Time moves a case on without a transaction: claims close, and a ruling that nobody appealed holds.
    function _stateOf(CaseRecord storage record, uint256 caseId) private view returns (uint8) {
        uint8 kept = record.state;
        if (kept == CASE_CLAIMS) {
            bool closed = block.timestamp >= record.openedAt + CLAIMS_TIME || _allFiled(caseId);
            return closed ? CASE_HEARING : CASE_CLAIMS;
        }
        if (kept == CASE_RULED && block.timestamp >= record.ruledAt + APPEAL_TIME) {
            return _outcome(record.prevailing);
        }
        return kept;
    }

    function _allFiled(uint256 caseId) private view returns (bool) {
        mapping(uint8 party => ClaimRecord) storage claims = _claims[caseId];
        return claims[PARTY_CONSUMER].filedAt != 0 && claims[PARTY_PROVIDER].filedAt != 0
            && claims[PARTY_GRID_OPERATOR].filedAt != 0;
    }

    function _foremost(uint256 caseId) private view returns (uint8) {
        mapping(uint8 party => ClaimRecord) storage claims = _claims[caseId];
        if (claims[PARTY_GRID_OPERATOR].filedAt != 0) return PARTY_GRID_OPERATOR;
        if (claims[PARTY_PROVIDER].filedAt != 0) return PARTY_PROVIDER;
        return claims[PARTY_CONSUMER].filedAt != 0 ? PARTY_CONSUMER : PARTY_NONE;
    }

    /// @dev As the given party, or as any of the three.
    function _isParty(CaseOpening memory about, uint8 party, address account) private view returns (bool) {
        bool any = party == PARTY_NONE;
        if (any || party == PARTY_CONSUMER) {
            uint32 seat = periodBook.seatOf(about.community, about.period, about.slot);
            if (account != address(0) && registry.holderOf(about.community, seat) == account) return true;
        }
        if ((any || party == PARTY_PROVIDER) && registry.hasRole(about.community, ROLE_PROVIDER, account)) {
            return true;
        }
        return (any || party == PARTY_GRID_OPERATOR)
            && registry.hasRole(about.community, ROLE_GRID_OPERATOR, account);
    }

    function _openingOf(CaseRecord storage record) private view returns (CaseOpening memory) {
        return CaseOpening({
            community: record.community,
            period: record.period,
            slot: record.slot,
            first: record.first,
            until: record.until,
            paper: record.paper
        });
    }

    function _outcome(uint8 prevailing) private pure returns (uint8) {
        return prevailing == PARTY_NONE ? CASE_DISMISSED : CASE_FINAL;
    }

    function _existing(uint256 caseId) private view returns (CaseRecord storage record) {
        record = _cases[caseId];
        require(record.state != CASE_NONE, CaseUnknown(caseId));
    }
}
