// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ICommunityRegistry } from "./interfaces/ICommunityRegistry.sol";
import { IPeriodBook } from "./interfaces/IPeriodBook.sol";
import { ConfirmPoint, Point, DIRECTION_FEED_IN, ONE_PPM } from "./types/Points.sol";
import { ROLE_AUDITOR, ROLE_GRID_OPERATOR } from "./types/Roles.sol";

/// @title CommunityRegistry
/// @notice See {ICommunityRegistry}.
contract CommunityRegistry is ICommunityRegistry, EIP712 {
    /// @dev What a community is ruled by.
    struct Stewardship {
        address steward;
        address offeredTo;
    }

    bytes32 private constant CONFIRM_POINT_TYPEHASH = keccak256(
        "ConfirmPoint(bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,uint32 factorPpm,uint16 fromDay,uint16 untilDay)"
    );
    bytes32 private constant CONFIRM_POINTS_TYPEHASH = keccak256(
        "ConfirmPoints(bytes32 community,uint32 period,ConfirmPoint[] points)ConfirmPoint(bytes32 community,uint32 period,uint32 slot,bytes32 tag,uint8 direction,uint32 factorPpm,uint16 fromDay,uint16 untilDay)"
    );
    /// @dev A slot that no opening could reach would leave its period shut for ever.
    uint32 private constant SLOTS_LIMIT = 1920;

    /// @notice The book that seals points when it opens a period.
    IPeriodBook public immutable periodBook;

    mapping(bytes32 community => Stewardship) private _stewardships;
    mapping(bytes32 community => mapping(uint8 role => mapping(address account => bool))) private _roles;
    mapping(bytes32 community => mapping(uint32 seat => address)) private _holders;
    /// @dev Plus one, so that zero says "none".
    mapping(bytes32 community => mapping(address holder => uint32 seatPlusOne)) private _seatsPlusOne;
    mapping(bytes32 community => mapping(uint32 period => mapping(uint32 slot => Point))) private _points;
    mapping(bytes32 community => mapping(uint32 period => uint32)) private _slots;
    mapping(bytes32 community => mapping(uint32 period => mapping(bytes32 tag => bool))) private _tagged;
    /// @dev By operator: a meter has one, and nobody else can take up the participation of its tag.
    mapping(uint32 period => mapping(address operator => mapping(bytes32 tag => uint256))) private
        _participationPpm;
    mapping(
        bytes32 community
            => mapping(address holder => mapping(address grantee => mapping(uint8 scope => uint64)))
    ) private _consents;

    constructor(IPeriodBook periodBook_) EIP712("Partage", "1") {
        periodBook = periodBook_;
    }

    modifier onlySteward(bytes32 community) {
        require(_stewardships[community].steward == msg.sender, NotSteward(community, msg.sender));
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
        Stewardship memory present = _stewardships[community];
        require(present.offeredTo == msg.sender, StewardshipNotOffered(community, msg.sender));
        _stewardships[community] = Stewardship({ steward: msg.sender, offeredTo: address(0) });
        emit StewardshipAccepted(community, present.steward, msg.sender);
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
    function grantSeat(bytes32 community, uint32 seat, address holder) external onlySteward(community) {
        require(holder != address(0), HolderMissing(community));
        require(seat < SLOTS_LIMIT, SlotTooHigh(seat, SLOTS_LIMIT));
        address present = _holders[community][seat];
        require(present == address(0), SeatTaken(community, seat, present));
        uint32 heldPlusOne = _seatsPlusOne[community][holder];
        if (heldPlusOne != 0) revert SeatAlreadyHeld(community, holder, heldPlusOne - 1);
        _holders[community][seat] = holder;
        _seatsPlusOne[community][holder] = seat + 1;
        emit SeatGranted(community, seat, holder);
    }

    /// @inheritdoc ICommunityRegistry
    function revokeSeat(bytes32 community, uint32 seat) external onlySteward(community) {
        address holder = _holders[community][seat];
        require(holder != address(0), SeatVacant(community, seat));
        delete _holders[community][seat];
        delete _seatsPlusOne[community][holder];
        emit SeatRevoked(community, seat, holder);
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
    function giveConsent(bytes32 community, address grantee, uint8 scope, uint64 until) external {
        require(_seatsPlusOne[community][msg.sender] != 0, NotSeated(community, msg.sender));
        require(until > block.timestamp, ConsentOver(until, uint64(block.timestamp)));
        _consents[community][msg.sender][grantee][scope] = until;
        emit ConsentGiven(community, msg.sender, grantee, scope, until);
    }

    /// @inheritdoc ICommunityRegistry
    function withdrawConsent(bytes32 community, address grantee, uint8 scope) external {
        // No seat is asked for: who lost a seat may still take back what they gave.
        delete _consents[community][msg.sender][grantee][scope];
        emit ConsentWithdrawn(community, msg.sender, grantee, scope);
    }

    /// @inheritdoc ICommunityRegistry
    function stewardOf(bytes32 community) external view returns (address) {
        return _stewardships[community].steward;
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
        return _seatsPlusOne[community][holder] != 0
            && block.timestamp < _consents[community][holder][grantee][scope];
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
