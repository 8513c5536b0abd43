// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { Time } from "@openzeppelin/contracts/utils/types/Time.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { ConfirmPoint, Point, DIRECTION_FEED_IN, ONE_PPM } from "./types/Points.sol";
import { ROLE_AUDITOR, ROLE_GRID_OPERATOR } from "./types/Roles.sol";
import {
    GiveConsent,
    Membership,
    Recovery,
    SCOPE_FLEXIBILITY,
    WEIGHT_ONE,
    WithdrawConsent
} from "./types/Seats.sol";

/// @title CommunityRegistry
/// @notice See {ICommunityRegistry}.
contract CommunityRegistry is ICommunityRegistry, EIP712 {
    using BitMaps for BitMaps.BitMap;
    using Checkpoints for Checkpoints.Trace208;

    /// @dev What a community is ruled by.
    struct Stewardship {
        address steward;
        address offeredTo;
        address executive;
        address governor;
    }

    /// @dev When a consent holds, half-open.
    struct Consent {
        uint64 from;
        uint64 until;
    }

    bytes32 private constant CONFIRM_POINT_TYPEHASH = keccak256(
        "ConfirmPoint(bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,uint32 factorPpm,uint16 fromDay,uint16 untilDay)"
    );
    bytes32 private constant CONFIRM_POINTS_TYPEHASH = keccak256(
        "ConfirmPoints(bytes32 community,uint32 period,ConfirmPoint[] points)ConfirmPoint(bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,uint32 factorPpm,uint16 fromDay,uint16 untilDay)"
    );
    bytes32 private constant REPLACE_KEY_TYPEHASH =
        keccak256("ReplaceKey(bytes32 community,uint32 seat,address to,uint256 nonce)");
    bytes32 private constant OBJECT_RECOVERY_TYPEHASH =
        keccak256("ObjectRecovery(bytes32 community,uint32 seat,uint256 nonce)");
    bytes32 private constant GIVE_CONSENT_TYPEHASH = keccak256(
        "GiveConsent(bytes32 community,address holder,address grantee,uint8 scope,uint64 from,uint64 until,uint256 nonce)"
    );
    bytes32 private constant WITHDRAW_CONSENT_TYPEHASH = keccak256(
        "WithdrawConsent(bytes32 community,address holder,address grantee,uint8 scope,uint256 nonce)"
    );
    /// @dev Long enough for a letter to reach who holds the seat, and longer than members vote.
    uint48 private constant RECOVERY_TIME = 14 days;
    /// @dev A snapshot older than this may have lost its weights: no vote may last longer.
    uint48 private constant WEIGHT_REST = 60 days;
    /// @dev A slot that no opening could reach would leave its period shut for ever.
    uint32 private constant SLOTS_LIMIT = 1920;

    /// @notice The book that seals points when it opens a period.
    IPeriodBook public immutable periodBook;

    mapping(bytes32 community => Stewardship) private _stewardships;
    mapping(bytes32 community => mapping(uint8 role => mapping(address account => bool))) private _roles;
    mapping(bytes32 community => mapping(uint32 seat => address)) private _holders;
    mapping(bytes32 community => mapping(address account => Membership)) private _memberships;
    /// @dev Votes of all seats together, by time.
    mapping(bytes32 community => Checkpoints.Trace208) private _totals;
    mapping(bytes32 community => mapping(uint32 seat => Recovery)) private _recoveries;
    mapping(bytes32 community => mapping(address account => uint256)) private _nonces;
    mapping(bytes32 community => BitMaps.BitMap) private _everConfirmed;
    mapping(bytes32 community => mapping(uint32 period => mapping(uint32 slot => Point))) private _points;
    mapping(bytes32 community => mapping(uint32 period => uint32)) private _slots;
    mapping(bytes32 community => mapping(uint32 period => mapping(bytes32 tag => bool))) private _tagged;
    /// @dev By operator: a meter has one, and nobody else can take up the participation of its tag.
    mapping(uint32 period => mapping(address operator => mapping(bytes32 tag => uint256))) private
        _participationPpm;
    mapping(
        bytes32 community
            => mapping(address holder => mapping(address grantee => mapping(uint8 scope => Consent)))
    ) private _consents;

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
        _setSteward(community, msg.sender);
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
        emit StewardReplaced(community, _stewardships[community].steward, to);
        _setSteward(community, to);
    }

    /// @inheritdoc ICommunityRegistry
    function grantSeat(bytes32 community, uint32 seat, address holder) external onlySteward(community) {
        require(_everConfirmed[community].get(seat), SeatNeverConfirmed(community, seat));
        address present = _holders[community][seat];
        require(present == address(0), SeatTaken(community, seat, present));
        _seat(community, seat, holder, WEIGHT_ONE, 0);
        emit SeatGranted(community, seat, holder);
    }

    /// @inheritdoc ICommunityRegistry
    function resignSeat(bytes32 community) external {
        uint32 seat = _requireSeated(community, msg.sender);
        _unseat(community, seat, msg.sender);
        emit SeatResigned(community, seat, msg.sender);
    }

    /// @inheritdoc ICommunityRegistry
    function revokeSeat(bytes32 community, uint32 seat) external {
        Stewardship storage present = _stewardships[community];
        if (present.executive == address(0)) {
            require(present.steward == msg.sender, NotSteward(community, msg.sender));
        } else {
            require(present.executive == msg.sender, NotExecutive(community, msg.sender));
        }
        address holder = _requireHolder(community, seat);
        _unseat(community, seat, holder);
        emit SeatRevoked(community, seat, holder);
    }

    /// @inheritdoc ICommunityRegistry
    function replaceKey(bytes32 community, address to) external {
        _replaceKey(community, _requireSeated(community, msg.sender), msg.sender, to);
    }

    /// @inheritdoc ICommunityRegistry
    function replaceKeyBySig(bytes32 community, uint32 seat, address to, bytes calldata signature) external {
        address holder = _requireHolder(community, seat);
        uint256 nonce = _nonces[community][holder]++;
        _requireSigned(
            holder, keccak256(abi.encode(REPLACE_KEY_TYPEHASH, community, seat, to, nonce)), signature
        );
        _replaceKey(community, seat, holder, to);
    }

    /// @inheritdoc ICommunityRegistry
    function proposeRecovery(bytes32 community, uint32 seat, address to) external onlySteward(community) {
        _requireHolder(community, seat);
        _requireNeverSeated(community, to);
        uint48 completableFrom = clock() + RECOVERY_TIME;
        _recoveries[community][seat] = Recovery({ to: to, completableFrom: completableFrom });
        emit RecoveryProposed(community, seat, to, completableFrom);
    }

    /// @inheritdoc ICommunityRegistry
    function objectRecovery(bytes32 community, uint32 seat) external {
        require(_holders[community][seat] == msg.sender, NotHolder(community, seat, msg.sender));
        _objectRecovery(community, seat, msg.sender);
    }

    /// @inheritdoc ICommunityRegistry
    function objectRecoveryBySig(bytes32 community, uint32 seat, bytes calldata signature) external {
        address holder = _requireHolder(community, seat);
        uint256 nonce = _nonces[community][holder]++;
        _requireSigned(
            holder, keccak256(abi.encode(OBJECT_RECOVERY_TYPEHASH, community, seat, nonce)), signature
        );
        _objectRecovery(community, seat, holder);
    }

    /// @inheritdoc ICommunityRegistry
    function completeRecovery(bytes32 community, uint32 seat) external {
        Recovery memory recovery = _requireRecovery(community, seat);
        require(
            clock() >= recovery.completableFrom, RecoveryTooSoon(community, seat, recovery.completableFrom)
        );
        _replaceKey(community, seat, _holders[community][seat], recovery.to);
    }

    /// @inheritdoc ICommunityRegistry
    function setWeights(bytes32 community, uint32[] calldata seats, uint16[] calldata weights)
        external
        onlyExecutive(community)
    {
        require(seats.length == weights.length, WeightsIncomplete(seats.length, weights.length));
        uint256 total = _totals[community].latest();
        for (uint256 i; i < seats.length; ++i) {
            total = total + weights[i] - _setWeight(community, seats[i], weights[i]);
        }
        _totals[community].push(clock(), SafeCast.toUint208(total));
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
        address signer = ECDSA.recoverCalldata(_digest(community, period, points), signature);
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
        _giveConsent(community, msg.sender, grantee, scope, Consent({ from: from, until: until }));
    }

    /// @inheritdoc ICommunityRegistry
    function giveConsentBySig(GiveConsent calldata consent, bytes calldata signature) external {
        _useNonce(consent.community, consent.holder, consent.nonce);
        _requireSigned(consent.holder, keccak256(abi.encode(GIVE_CONSENT_TYPEHASH, consent)), signature);
        _giveConsent(
            consent.community,
            consent.holder,
            consent.grantee,
            consent.scope,
            Consent({ from: consent.from, until: consent.until })
        );
    }

    /// @inheritdoc ICommunityRegistry
    function withdrawConsent(bytes32 community, address grantee, uint8 scope) external {
        _withdrawConsent(community, msg.sender, grantee, scope);
    }

    /// @inheritdoc ICommunityRegistry
    function withdrawConsentBySig(WithdrawConsent calldata consent, bytes calldata signature) external {
        _useNonce(consent.community, consent.holder, consent.nonce);
        _requireSigned(consent.holder, keccak256(abi.encode(WITHDRAW_CONSENT_TYPEHASH, consent)), signature);
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
        return _holders[community][seat];
    }

    /// @inheritdoc ICommunityRegistry
    function seatOfHolder(bytes32 community, address account)
        external
        view
        returns (bool seated, uint32 seat)
    {
        Membership memory membership = _memberships[community][account];
        seated = _lasts(membership);
        if (seated) seat = membership.seatPlusOne - 1;
    }

    /// @inheritdoc ICommunityRegistry
    function votesAt(bytes32 community, address account, uint256 timepoint)
        external
        view
        returns (uint32 seat, uint16 weight)
    {
        return _votesAt(_memberships[community][account], timepoint);
    }

    /// @inheritdoc ICommunityRegistry
    function votesAtMany(bytes32 community, address[] calldata accounts, uint256 timepoint)
        external
        view
        returns (uint32[] memory seats, uint16[] memory weights)
    {
        seats = new uint32[](accounts.length);
        weights = new uint16[](accounts.length);
        mapping(address account => Membership) storage memberships = _memberships[community];
        for (uint256 i; i < accounts.length; ++i) {
            (seats[i], weights[i]) = _votesAt(memberships[accounts[i]], timepoint);
        }
    }

    /// @inheritdoc ICommunityRegistry
    function totalVotesAt(bytes32 community, uint256 timepoint) external view returns (uint256) {
        return _totals[community].upperLookupRecent(SafeCast.toUint48(timepoint));
    }

    /// @inheritdoc ICommunityRegistry
    function recoveryOf(bytes32 community, uint32 seat) external view returns (Recovery memory) {
        return _recoveries[community][seat];
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
        Consent memory consent = _consents[community][holder][grantee][scope];
        return _lasts(_memberships[community][holder]) && consent.from <= block.timestamp
            && block.timestamp < consent.until;
    }

    /// @inheritdoc ICommunityRegistry
    function clock() public view returns (uint48) {
        return Time.timestamp();
    }

    /// @inheritdoc ICommunityRegistry
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    function _setSteward(bytes32 community, address to) private {
        Stewardship storage present = _stewardships[community];
        (present.steward, present.offeredTo) = (to, address(0));
    }

    function _seat(bytes32 community, uint32 seat, address holder, uint16 weight, uint48 weightSince)
        private
    {
        _requireNeverSeated(community, holder);
        _holders[community][seat] = holder;
        _memberships[community][holder] = Membership({
            seatPlusOne: seat + 1,
            since: clock(),
            until: 0,
            weight: weight,
            weightBefore: weight,
            weightSince: weightSince
        });
        Checkpoints.Trace208 storage totals = _totals[community];
        totals.push(clock(), totals.latest() + weight);
    }

    function _unseat(bytes32 community, uint32 seat, address holder)
        private
        returns (uint16 weight, uint48 weightSince)
    {
        Membership storage membership = _memberships[community][holder];
        (weight, weightSince) = (membership.weight, membership.weightSince);
        membership.until = clock();
        delete _holders[community][seat];
        delete _recoveries[community][seat];
        Checkpoints.Trace208 storage totals = _totals[community];
        totals.push(clock(), totals.latest() - weight);
    }

    /// @dev The seat keeps its weight, and how long that rests.
    function _replaceKey(bytes32 community, uint32 seat, address from, address to) private {
        (uint16 weight, uint48 weightSince) = _unseat(community, seat, from);
        _seat(community, seat, to, weight, weightSince);
        emit KeyReplaced(community, seat, from, to);
    }

    function _objectRecovery(bytes32 community, uint32 seat, address holder) private {
        _requireRecovery(community, seat);
        delete _recoveries[community][seat];
        emit RecoveryObjected(community, seat, holder);
    }

    function _setWeight(bytes32 community, uint32 seat, uint16 weight) private returns (uint16 former) {
        require(weight != 0, WeightMissing(community, seat));
        Membership storage membership = _memberships[community][_requireHolder(community, seat)];
        uint48 changed = membership.weightSince;
        require(
            changed == 0 || clock() >= changed + WEIGHT_REST,
            WeightTooSoon(community, seat, changed + WEIGHT_REST)
        );
        former = membership.weight;
        (membership.weightBefore, membership.weight, membership.weightSince) = (former, weight, clock());
        emit WeightSet(community, seat, weight);
    }

    function _giveConsent(
        bytes32 community,
        address holder,
        address grantee,
        uint8 scope,
        Consent memory consent
    ) private {
        _requireSeated(community, holder);
        require(scope != 0 && scope <= SCOPE_FLEXIBILITY, ScopeUnknown(scope));
        require(
            consent.until > block.timestamp && consent.until > consent.from,
            ConsentOver(consent.until, uint64(block.timestamp))
        );
        _consents[community][holder][grantee][scope] = consent;
        emit ConsentGiven(community, holder, grantee, scope, consent.from, consent.until);
    }

    function _withdrawConsent(bytes32 community, address holder, address grantee, uint8 scope) private {
        // No seat is asked for: who lost a seat may still take back what they gave.
        delete _consents[community][holder][grantee][scope];
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
        require(
            given.community == community && given.period == period,
            PointElsewhere(slot, given.community, given.period)
        );
        require(slot < SLOTS_LIMIT, SlotTooHigh(slot, SLOTS_LIMIT));
        require(given.direction <= DIRECTION_FEED_IN, DirectionUnknown(slot, given.direction));
        require(given.factorPpm != 0 && given.factorPpm <= ONE_PPM, FactorOutOfRange(slot, given.factorPpm));
        require(given.fromDay < given.untilDay, ActiveDaysEmpty(slot, given.fromDay, given.untilDay));
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

    function _requireHolder(bytes32 community, uint32 seat) private view returns (address holder) {
        holder = _holders[community][seat];
        require(holder != address(0), SeatVacant(community, seat));
    }

    function _requireSeated(bytes32 community, address account) private view returns (uint32 seat) {
        Membership memory membership = _memberships[community][account];
        require(_lasts(membership), NotSeated(community, account));
        return membership.seatPlusOne - 1;
    }

    function _requireNeverSeated(bytes32 community, address account) private view {
        require(account != address(0), HolderMissing(community));
        uint32 seatPlusOne = _memberships[community][account].seatPlusOne;
        if (seatPlusOne != 0) revert SeatAlreadyHeld(community, account, seatPlusOne - 1);
    }

    function _requireRecovery(bytes32 community, uint32 seat)
        private
        view
        returns (Recovery memory recovery)
    {
        recovery = _recoveries[community][seat];
        require(recovery.to != address(0), RecoveryMissing(community, seat));
    }

    function _votesAt(Membership memory membership, uint256 timepoint)
        private
        pure
        returns (uint32 seat, uint16 weight)
    {
        bool seated = membership.seatPlusOne != 0 && membership.since <= timepoint
            && (membership.until == 0 || timepoint < membership.until);
        if (!seated) return (0, 0);
        seat = membership.seatPlusOne - 1;
        weight = timepoint < membership.weightSince ? membership.weightBefore : membership.weight;
    }

    function _lasts(Membership memory membership) private pure returns (bool) {
        return membership.seatPlusOne != 0 && membership.until == 0;
    }

    function _digest(bytes32 community, uint32 period, ConfirmPoint[] calldata points)
        private
        view
        returns (bytes32)
    {
        bytes32[] memory hashes = new bytes32[](points.length);
        for (uint256 i; i < points.length; ++i) {
            hashes[i] = keccak256(abi.encode(CONFIRM_POINT_TYPEHASH, points[i]));
        }
        bytes32 list = keccak256(abi.encodePacked(hashes));
        return _hashTypedDataV4(keccak256(abi.encode(CONFIRM_POINTS_TYPEHASH, community, period, list)));
    }
}
