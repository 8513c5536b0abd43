// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { Time } from "@openzeppelin/contracts/utils/types/Time.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { Consents } from "./libraries/Consents.sol";
import { MemberPapers } from "./libraries/MemberPapers.sol";
import { PointForm } from "./libraries/PointForm.sol";
import { SeatRoll } from "./libraries/SeatRoll.sol";
import { ConfirmPoint, ONE_PPM, Point } from "./types/Points.sol";
import { ROLE_AUDITOR, ROLE_GRID_OPERATOR } from "./types/Roles.sol";
import { GiveConsent, Recovery, WEIGHT_ONE, WithdrawConsent } from "./types/Seats.sol";

/// @title CommunityRegistry
/// @notice See {ICommunityRegistry}.
contract CommunityRegistry is ICommunityRegistry, EIP712 {
    using BitMaps for BitMaps.BitMap;
    using Consents for Consents.Book;
    using SeatRoll for SeatRoll.Roll;

    /// @dev What a community is ruled by.
    struct Stewardship {
        address steward;
        address offeredTo;
        address executive;
        address governor;
    }

    /// @notice The book that seals points when it opens a period.
    IPeriodBook public immutable periodBook;

    mapping(bytes32 community => Stewardship) private _stewardships;
    mapping(bytes32 community => mapping(uint8 role => mapping(address account => bool))) private _roles;
    mapping(bytes32 community => SeatRoll.Roll) private _rolls;
    mapping(bytes32 community => mapping(address account => uint256)) private _nonces;
    mapping(bytes32 community => BitMaps.BitMap) private _everConfirmed;
    mapping(bytes32 community => mapping(uint32 period => mapping(uint32 slot => Point))) private _points;
    mapping(bytes32 community => mapping(uint32 period => uint32)) private _slots;
    mapping(bytes32 community => mapping(uint32 period => mapping(bytes32 tag => bool))) private _tagged;
    /// @dev By operator: a meter has one, and nobody else can take up the participation of its tag.
    mapping(uint32 period => mapping(address operator => mapping(bytes32 tag => uint256))) private
        _participationPpm;
    mapping(bytes32 community => Consents.Book) private _consents;

    constructor(IPeriodBook periodBook_) EIP712("Partage", "1") {
        periodBook = periodBook_;
    }

    modifier onlySteward(bytes32 community) {
        require(_stewardships[community].steward == msg.sender, NotSteward(community, msg.sender));
        _;
    }

    modifier onlyExecutive(bytes32 community) {
        require(_stewardships[community].executive == msg.sender, NotExecutive(community, msg.sender));
        _;
    }

    /// @inheritdoc ICommunityRegistry
    function createCommunity(bytes32 community, address steward) external {
        // Who sees the id under way must not be able to take it.
        require(address(uint160(uint256(community))) == msg.sender, CommunityOfAnother(community, msg.sender));
        address present = _stewardships[community].steward;
        require(present == address(0), CommunityExists(community, present));
        require(steward != address(0), StewardMissing(community));
        _stewardships[community].steward = steward;
        emit CommunityCreated(community, steward);
    }

    /// @inheritdoc ICommunityRegistry
    function offerStewardship(bytes32 community, address to) external onlySteward(community) {
        _stewardships[community].offeredTo = to;
        emit StewardshipOffered(community, msg.sender, to);
    }

    /// @inheritdoc ICommunityRegistry
    function acceptStewardship(bytes32 community) external {
        Stewardship storage present = _stewardships[community];
        require(present.offeredTo == msg.sender, StewardshipNotOffered(community, msg.sender));
        emit StewardshipAccepted(community, present.steward, msg.sender);
        (present.steward, present.offeredTo) = (msg.sender, address(0));
    }

    /// @inheritdoc ICommunityRegistry
    function grantRole(bytes32 community, uint8 role, address account) external onlySteward(community) {
        require(role != 0 && role <= ROLE_AUDITOR, RoleUnknown(role));
        require(account != address(0), HolderMissing(community));
        _roles[community][role][account] = true;
        emit RoleGranted(community, role, account);
    }

    /// @inheritdoc ICommunityRegistry
    function revokeRole(bytes32 community, uint8 role, address account) external onlySteward(community) {
        require(_roles[community][role][account], RoleMissing(community, role, account));
        _roles[community][role][account] = false;
        emit RoleRevoked(community, role, account);
    }

    /// @inheritdoc ICommunityRegistry
    function appointExecutive(bytes32 community, address executive, address governor)
        external
        onlySteward(community)
    {
        Stewardship storage present = _stewardships[community];
        require(present.executive == address(0), ExecutiveAppointedAlready(community, present.executive));
        require(executive != address(0) && governor != address(0), ExecutiveMissing(community));
        (present.executive, present.governor) = (executive, governor);
        emit ExecutiveAppointed(community, executive, governor);
    }

    /// @inheritdoc ICommunityRegistry
    function replaceSteward(bytes32 community, address to) external onlyExecutive(community) {
        require(to != address(0), StewardMissing(community));
        Stewardship storage present = _stewardships[community];
        emit StewardReplaced(community, present.steward, to);
        (present.steward, present.offeredTo) = (to, address(0));
    }

    /// @inheritdoc ICommunityRegistry
    function grantSeat(bytes32 community, uint32 seat, address holder) external onlySteward(community) {
        require(_everConfirmed[community].get(seat), SeatNeverConfirmed(community, seat));
        SeatRoll.Roll storage roll = _rolls[community];
        address present = roll.holders[seat];
        require(present == address(0), SeatTaken(community, seat, present));
        roll.take(community, seat, holder, WEIGHT_ONE, 0);
        emit SeatGranted(community, seat, holder);
    }

    /// @inheritdoc ICommunityRegistry
    function resignSeat(bytes32 community) external {
        SeatRoll.Roll storage roll = _rolls[community];
        uint32 seat = roll.requireSeated(community, msg.sender);
        roll.vacate(seat, msg.sender);
        emit SeatResigned(community, seat, msg.sender);
    }

    /// @inheritdoc ICommunityRegistry
    function revokeSeat(bytes32 community, uint32 seat) external {
        Stewardship storage rule = _stewardships[community];
        bool voted = rule.executive != address(0);
        require(voted || rule.steward == msg.sender, NotSteward(community, msg.sender));
        require(!voted || rule.executive == msg.sender, NotExecutive(community, msg.sender));
        SeatRoll.Roll storage roll = _rolls[community];
        address holder = roll.requireHolder(community, seat);
        roll.vacate(seat, holder);
        emit SeatRevoked(community, seat, holder);
    }

    /// @inheritdoc ICommunityRegistry
    function replaceKey(bytes32 community, address to) external {
        SeatRoll.Roll storage roll = _rolls[community];
        uint32 seat = roll.requireSeated(community, msg.sender);
        roll.pass(community, seat, msg.sender, to);
        emit KeyReplaced(community, seat, msg.sender, to);
    }

    /// @inheritdoc ICommunityRegistry
    function replaceKeyBySig(bytes32 community, uint32 seat, address to, bytes calldata signature) external {
        SeatRoll.Roll storage roll = _rolls[community];
        address holder = roll.requireHolder(community, seat);
        uint256 nonce = _nonces[community][holder]++;
        _requireSigned(holder, MemberPapers.replaceKey(community, seat, to, nonce), signature);
        roll.pass(community, seat, holder, to);
        emit KeyReplaced(community, seat, holder, to);
    }

    /// @inheritdoc ICommunityRegistry
    function proposeRecovery(bytes32 community, uint32 seat, address to) external onlySteward(community) {
        emit RecoveryProposed(community, seat, to, _rolls[community].propose(community, seat, to));
    }

    /// @inheritdoc ICommunityRegistry
    function objectRecovery(bytes32 community, uint32 seat) external {
        require(_rolls[community].holders[seat] == msg.sender, NotHolder(community, seat, msg.sender));
        _objectRecovery(community, seat, msg.sender);
    }

    /// @inheritdoc ICommunityRegistry
    function objectRecoveryBySig(bytes32 community, uint32 seat, bytes calldata signature) external {
        address holder = _rolls[community].requireHolder(community, seat);
        uint256 nonce = _nonces[community][holder]++;
        _requireSigned(holder, MemberPapers.objectRecovery(community, seat, nonce), signature);
        _objectRecovery(community, seat, holder);
    }

    /// @inheritdoc ICommunityRegistry
    function completeRecovery(bytes32 community, uint32 seat) external {
        SeatRoll.Roll storage roll = _rolls[community];
        (address to, uint48 due) = roll.requireRecovery(community, seat);
        require(clock() >= due, RecoveryTooSoon(community, seat, due));
        address from = roll.holders[seat];
        roll.pass(community, seat, from, to);
        emit KeyReplaced(community, seat, from, to);
    }

    /// @inheritdoc ICommunityRegistry
    function setWeights(bytes32 community, uint32[] calldata seats, uint16[] calldata weights)
        external
        onlyExecutive(community)
    {
        require(seats.length == weights.length, WeightsIncomplete(seats.length, weights.length));
        SeatRoll.Roll storage roll = _rolls[community];
        for (uint256 i; i < seats.length; ++i) {
            roll.weigh(community, seats[i], weights[i]);
            emit WeightSet(community, seats[i], weights[i]);
        }
    }

    /// @inheritdoc ICommunityRegistry
    function confirmPoints(
        bytes32 community,
        uint32 period,
        ConfirmPoint[] calldata points,
        bytes calldata signature
    ) external {
        require(points.length > 0, PointsMissing(community, period));
        require(!periodBook.isOpen(community, period), PointsSealed(community, period));
        address signer = ECDSA.recoverCalldata(
            _hashTypedDataV4(MemberPapers.confirmPoints(community, period, points)), signature
        );
        require(
            _roles[community][ROLE_GRID_OPERATOR][signer], RoleMissing(community, ROLE_GRID_OPERATOR, signer)
        );
        mapping(bytes32 tag => uint256) storage sums = _participationPpm[period][signer];
        for (uint256 i; i < points.length; ++i) {
            _confirm(community, period, points[i], sums);
        }
    }

    /// @inheritdoc ICommunityRegistry
    function giveConsent(bytes32 community, address grantee, uint8 scope, uint64 from, uint64 until)
        external
    {
        _giveConsent(community, msg.sender, grantee, scope, Consents.Span({ from: from, until: until }));
    }

    /// @inheritdoc ICommunityRegistry
    function giveConsentBySig(GiveConsent calldata consent, bytes calldata signature) external {
        _useNonce(consent.community, consent.holder, consent.nonce);
        _requireSigned(consent.holder, MemberPapers.giveConsent(consent), signature);
        _giveConsent(
            consent.community,
            consent.holder,
            consent.grantee,
            consent.scope,
            Consents.Span({ from: consent.from, until: consent.until })
        );
    }

    /// @inheritdoc ICommunityRegistry
    function withdrawConsent(bytes32 community, address grantee, uint8 scope) external {
        ++_nonces[community][msg.sender];
        _withdrawConsent(community, msg.sender, grantee, scope);
    }

    /// @inheritdoc ICommunityRegistry
    function withdrawConsentBySig(WithdrawConsent calldata consent, bytes calldata signature) external {
        _useNonce(consent.community, consent.holder, consent.nonce);
        _requireSigned(consent.holder, MemberPapers.withdrawConsent(consent), signature);
        _withdrawConsent(consent.community, consent.holder, consent.grantee, consent.scope);
    }

    /// @inheritdoc ICommunityRegistry
    function stewardOf(bytes32 community) external view returns (address) {
        return _stewardships[community].steward;
    }

    /// @inheritdoc ICommunityRegistry
    function executiveOf(bytes32 community) external view returns (address) {
        return _stewardships[community].executive;
    }

    /// @inheritdoc ICommunityRegistry
    function governorOf(bytes32 community) external view returns (address) {
        return _stewardships[community].governor;
    }

    /// @inheritdoc ICommunityRegistry
    function hasRole(bytes32 community, uint8 role, address account) external view returns (bool) {
        return _roles[community][role][account];
    }

    /// @inheritdoc ICommunityRegistry
    function holderOf(bytes32 community, uint32 seat) external view returns (address) {
        return _rolls[community].holders[seat];
    }

    /// @inheritdoc ICommunityRegistry
    function seatOfHolder(bytes32 community, address account)
        external
        view
        returns (bool seated, uint32 seat)
    {
        return _rolls[community].seatOf(account);
    }

    /// @inheritdoc ICommunityRegistry
    function votesAt(bytes32 community, address account, uint256 timepoint)
        external
        view
        returns (uint32 seat, uint16 weight)
    {
        return _rolls[community].votesAt(account, timepoint);
    }

    /// @inheritdoc ICommunityRegistry
    function votesAtMany(bytes32 community, address[] calldata accounts, uint256 timepoint)
        external
        view
        returns (uint32[] memory seats, uint16[] memory weights)
    {
        seats = new uint32[](accounts.length);
        weights = new uint16[](accounts.length);
        SeatRoll.Roll storage roll = _rolls[community];
        for (uint256 i; i < accounts.length; ++i) {
            (seats[i], weights[i]) = roll.votesAt(accounts[i], timepoint);
        }
    }

    /// @inheritdoc ICommunityRegistry
    function totalVotesAt(bytes32 community, uint256 timepoint) external view returns (uint256) {
        return _rolls[community].totalAt(timepoint);
    }

    /// @inheritdoc ICommunityRegistry
    function recoveryOf(bytes32 community, uint32 seat) external view returns (Recovery memory) {
        return _rolls[community].recoveries[seat];
    }

    /// @inheritdoc ICommunityRegistry
    function nonceOf(bytes32 community, address account) external view returns (uint256) {
        return _nonces[community][account];
    }

    /// @inheritdoc ICommunityRegistry
    function everConfirmed(bytes32 community, uint32 slot) external view returns (bool) {
        return _everConfirmed[community].get(slot);
    }

    /// @inheritdoc ICommunityRegistry
    function point(bytes32 community, uint32 period, uint32 slot) external view returns (Point memory) {
        return _points[community][period][slot];
    }

    /// @inheritdoc ICommunityRegistry
    function activityOf(bytes32 community, uint32 period, uint32 slot, uint16 day)
        external
        view
        returns (uint8 direction, bool active)
    {
        Point storage kept = _points[community][period][slot];
        return (kept.direction, kept.fromDay <= day && day < kept.untilDay);
    }

    /// @inheritdoc ICommunityRegistry
    function allPoints(bytes32 community, uint32 period) external view returns (Point[] memory points) {
        uint32 slots = _slots[community][period];
        points = new Point[](slots);
        for (uint32 slot; slot < slots; ++slot) {
            points[slot] = _points[community][period][slot];
        }
    }

    /// @inheritdoc ICommunityRegistry
    function consentHolds(bytes32 community, address holder, address grantee, uint8 scope)
        external
        view
        returns (bool)
    {
        (bool seated,) = _rolls[community].seatOf(holder);
        return seated && _consents[community].holds(holder, grantee, scope);
    }

    /// @inheritdoc ICommunityRegistry
    function clock() public view returns (uint48) {
        return Time.timestamp();
    }

    /// @inheritdoc ICommunityRegistry
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    function _objectRecovery(bytes32 community, uint32 seat, address holder) private {
        SeatRoll.Roll storage roll = _rolls[community];
        roll.requireRecovery(community, seat);
        delete roll.recoveries[seat];
        emit RecoveryObjected(community, seat, holder);
    }

    function _giveConsent(
        bytes32 community,
        address holder,
        address grantee,
        uint8 scope,
        Consents.Span memory span
    ) private {
        _rolls[community].requireSeated(community, holder);
        _consents[community].give(holder, grantee, scope, span);
        emit ConsentGiven(community, holder, grantee, scope, span.from, span.until);
    }

    function _withdrawConsent(bytes32 community, address holder, address grantee, uint8 scope) private {
        // No seat is asked for: who lost a seat may still take back what they gave.
        _consents[community].withdraw(holder, grantee, scope);
        emit ConsentWithdrawn(community, holder, grantee, scope);
    }

    function _useNonce(bytes32 community, address account, uint256 given) private {
        uint256 due = _nonces[community][account]++;
        require(given == due, NonceWrong(account, given, due));
    }

    /// @dev `sums` are the factors that the point's operator confirmed so far, by tag.
    function _confirm(
        bytes32 community,
        uint32 period,
        ConfirmPoint calldata given,
        mapping(bytes32 tag => uint256) storage sums
    ) private {
        uint32 slot = given.slot;
        PointForm.requireWellFormed(community, period, given);
        require(_points[community][period][slot].untilDay == 0, SlotConfirmedTwice(community, period, slot));
        require(!_tagged[community][period][given.tag], TagConfirmedTwice(community, period, given.tag));
        uint256 sum = sums[given.tag] + given.factorPpm;
        require(sum <= ONE_PPM, ParticipationAboveOne(given.tag, sum));

        sums[given.tag] = sum;
        _tagged[community][period][given.tag] = true;
        _everConfirmed[community].set(slot);
        _points[community][period][slot] = Point({
            direction: given.direction,
            factorPpm: given.factorPpm,
            fromDay: given.fromDay,
            untilDay: given.untilDay,
            tag: given.tag
        });
        if (slot >= _slots[community][period]) _slots[community][period] = slot + 1;
        emit PointConfirmed(community, period, slot, given.tag);
    }

    function _requireSigned(address expected, bytes32 structHash, bytes calldata signature) private view {
        address signer = ECDSA.recoverCalldata(_hashTypedDataV4(structHash), signature);
        require(signer == expected, SignatureOfAnother(signer, expected));
    }
}
