// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ConfirmPoint, Point } from "../types/Points.sol";

/// @title Who takes part in a community, and in what capacity
/// @notice Keeps stewards, roles, seats, consents and the metering points that grid operators confirmed for each period.
/// @dev No name and no number of a meter is kept: a point is known by a tag that is new for each period.
interface ICommunityRegistry {
    /// @notice A community began.
    event CommunityCreated(bytes32 indexed community, address indexed steward);
    /// @notice A steward offered the stewardship.
    event StewardshipOffered(bytes32 indexed community, address indexed steward, address indexed to);
    /// @notice The stewardship passed on.
    event StewardshipAccepted(bytes32 indexed community, address indexed former, address indexed steward);
    /// @notice An account took a role.
    event RoleGranted(bytes32 indexed community, uint8 indexed role, address indexed account);
    /// @notice An account lost a role.
    event RoleRevoked(bytes32 indexed community, uint8 indexed role, address indexed account);
    /// @notice A participant took a seat.
    event SeatGranted(bytes32 indexed community, uint32 indexed seat, address indexed holder);
    /// @notice A participant lost a seat.
    event SeatRevoked(bytes32 indexed community, uint32 indexed seat, address indexed holder);
    /// @notice A grid operator confirmed a metering point for a period.
    event PointConfirmed(bytes32 indexed community, uint32 indexed period, uint32 indexed slot, bytes32 tag);
    /// @notice A holder consented that another sees their data.
    event ConsentGiven(
        bytes32 indexed community, address indexed holder, address indexed grantee, uint8 scope, uint64 until
    );
    /// @notice A holder took a consent back.
    event ConsentWithdrawn(
        bytes32 indexed community, address indexed holder, address indexed grantee, uint8 scope
    );

    /// @notice A community has no steward, because it does not exist, or cannot have the zero address as one.
    error StewardMissing(bytes32 community);
    /// @notice The id ends with the address of another founder than the caller.
    error CommunityOfAnother(bytes32 community, address caller);
    /// @notice A community with this id began before.
    error CommunityExists(bytes32 community, address steward);
    /// @notice Only the steward may do this.
    error NotSteward(bytes32 community, address caller);
    /// @notice The stewardship was not offered to this account.
    error StewardshipNotOffered(bytes32 community, address caller);
    /// @notice There is no role with this number.
    error RoleUnknown(uint8 role);
    /// @notice The zero address can hold neither role nor seat.
    error HolderMissing(bytes32 community);
    /// @notice This account does not hold the role.
    error RoleMissing(bytes32 community, uint8 role, address caller);
    /// @notice The seat has a holder already.
    error SeatTaken(bytes32 community, uint32 seat, address holder);
    /// @notice The account holds a seat already.
    error SeatAlreadyHeld(bytes32 community, address holder, uint32 seat);
    /// @notice The seat has no holder.
    error SeatVacant(bytes32 community, uint32 seat);
    /// @notice The account holds no seat.
    error NotSeated(bytes32 community, address caller);
    /// @notice The consent would be over before it began.
    error ConsentOver(uint64 until, uint64 present);
    /// @notice The chunk has no points.
    error PointsMissing(bytes32 community, uint32 period);
    /// @notice The points of an open period are sealed.
    error PointsSealed(bytes32 community, uint32 period);
    /// @notice The point names another community or period than its chunk.
    error PointElsewhere(uint32 slot, bytes32 community, uint32 period);
    /// @notice So many slots could not be opened in one transaction.
    error SlotTooHigh(uint32 slot, uint32 limit);
    /// @notice The slot has a point in this period already.
    error SlotConfirmedTwice(bytes32 community, uint32 period, uint32 slot);
    /// @notice The metering point has a slot in this community and period already.
    error TagConfirmedTwice(bytes32 community, uint32 period, bytes32 tag);
    /// @notice Factors of a metering point over all communities, as its operator confirmed them, would exceed one.
    error ParticipationAboveOne(bytes32 tag, uint256 sum);
    /// @notice A participation factor is above zero and at most one million.
    error FactorOutOfRange(uint32 slot, uint32 factorPpm);
    /// @notice There is no direction with this number.
    error DirectionUnknown(uint32 slot, uint8 direction);
    /// @notice A point is active from a day on, until a later one.
    error ActiveDaysEmpty(uint32 slot, uint16 fromDay, uint16 untilDay);

    /// @notice Begin a community; anyone may, once.
    /// @param community 12 random bytes, then the caller's address, so that nobody can take it before.
    /// @param steward Who schedules rules and grants roles.
    function createCommunity(bytes32 community, address steward) external;

    /// @notice Offer the stewardship; zero takes an offer back. Only the steward.
    /// @param community The community.
    /// @param to Who may accept.
    function offerStewardship(bytes32 community, address to) external;

    /// @notice Accept an offered stewardship.
    /// @param community The community.
    function acceptStewardship(bytes32 community) external;

    /// @notice Grant a role. Only the steward.
    /// @param community The community.
    /// @param role 1 grid operator, 2 provider, 3 importer, 4 settler, 5 arbiter, 6 auditor.
    /// @param account Who gets it.
    function grantRole(bytes32 community, uint8 role, address account) external;

    /// @notice Revoke a role. Only the steward.
    /// @param community The community.
    /// @param role The role.
    /// @param account Who loses it.
    function revokeRole(bytes32 community, uint8 role, address account) external;

    /// @notice Seat a participant: one seat a holder, and it cannot be passed on. Only the steward.
    /// @param community The community.
    /// @param seat First slot of the participant.
    /// @param holder The participant's account.
    function grantSeat(bytes32 community, uint32 seat, address holder) external;

    /// @notice Take a seat back. Only the steward.
    /// @param community The community.
    /// @param seat The seat.
    function revokeSeat(bytes32 community, uint32 seat) external;

    /// @notice Confirm metering points for a period that is not open yet; anyone may send what a grid operator signed.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param points The points, all of this community and period.
    /// @param signature EIP-712 signature of ConfirmPoints by a grid operator of the community.
    function confirmPoints(
        bytes32 community,
        uint32 period,
        ConfirmPoint[] calldata points,
        bytes calldata signature
    ) external;

    /// @notice Consent that another sees one's data. Only who holds a seat.
    /// @param community The community.
    /// @param grantee Who may see.
    /// @param scope What they may see.
    /// @param until When the consent ends. [s since 1970-01-01 UTC]
    function giveConsent(bytes32 community, address grantee, uint8 scope, uint64 until) external;

    /// @notice Take a consent back.
    /// @param community The community.
    /// @param grantee Who may no longer see.
    /// @param scope What they may no longer see.
    function withdrawConsent(bytes32 community, address grantee, uint8 scope) external;

    /// @notice Steward of a community, zero where it does not exist.
    /// @param community The community.
    function stewardOf(bytes32 community) external view returns (address);

    /// @notice Whether an account holds a role.
    /// @param community The community.
    /// @param role The role.
    /// @param account The account.
    function hasRole(bytes32 community, uint8 role, address account) external view returns (bool);

    /// @notice Holder of a seat, zero where it is vacant.
    /// @param community The community.
    /// @param seat The seat.
    function holderOf(bytes32 community, uint32 seat) external view returns (address);

    /// @notice A confirmed point; zeros where the slot is not confirmed.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param slot The slot.
    function point(bytes32 community, uint32 period, uint32 slot) external view returns (Point memory);

    /// @notice Direction of a slot, and whether it is active on a day.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    /// @param slot The slot.
    /// @param day Day of the period, from 0.
    function activityOf(bytes32 community, uint32 period, uint32 slot, uint16 day)
        external
        view
        returns (uint8 direction, bool active);

    /// @notice All slots of a period from 0 to the highest confirmed one; zeros where a slot is not confirmed.
    /// @param community The community.
    /// @param period First civil date of the period. [days since 1970-01-01]
    function allPoints(bytes32 community, uint32 period) external view returns (Point[] memory);

    /// @notice Whether a holder's consent lasts and the holder still has a seat.
    /// @param community The community.
    /// @param holder Whose data.
    /// @param grantee Who would see.
    /// @param scope What.
    function consentHolds(bytes32 community, address holder, address grantee, uint8 scope)
        external
        view
        returns (bool);
}
