// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ConfirmPoint, Point } from "../types/Points.sol";
import { GiveConsent, Recovery, WithdrawConsent } from "../types/Seats.sol";

/// @title Who takes part in a community, and in what capacity
/// @notice Keeps stewards, roles, seats, consents and the metering points that grid operators confirmed for each period.
/// @dev No name and no number of a meter is kept: a point is known by a tag that is new for each period.
/// A seat is its holder's vote: it cannot be bought, lent or delegated. At each moment it has at most one holder, and an account is
/// seated once in a community, for ever: nobody votes with a seat twice under two keys. Times are those of blocks (ERC-6372).
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
    /// @notice A participant gave a seat up.
    event SeatResigned(bytes32 indexed community, uint32 indexed seat, address indexed holder);
    /// @notice A seat passed to another key.
    event KeyReplaced(bytes32 indexed community, uint32 indexed seat, address indexed from, address to);
    /// @notice A steward says that the key of a seat is lost.
    event RecoveryProposed(
        bytes32 indexed community, uint32 indexed seat, address indexed to, uint48 completableFrom
    );
    /// @notice The holder objected: the key is not lost.
    event RecoveryObjected(bytes32 indexed community, uint32 indexed seat, address indexed holder);
    /// @notice A seat weighs something else from now on.
    event WeightSet(bytes32 indexed community, uint32 indexed seat, uint16 weight);
    /// @notice Members rule by vote from now on.
    event ExecutiveAppointed(bytes32 indexed community, address indexed executive, address indexed governor);
    /// @notice Members voted another steward.
    event StewardReplaced(bytes32 indexed community, address indexed former, address indexed steward);
    /// @notice A grid operator confirmed a metering point for a period.
    event PointConfirmed(bytes32 indexed community, uint32 indexed period, uint32 indexed slot, bytes32 tag);
    /// @notice A holder consented that another sees their data.
    event ConsentGiven(
        bytes32 indexed community,
        address indexed holder,
        address indexed grantee,
        uint8 scope,
        uint64 from,
        uint64 until
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
    /// @notice Only what members voted may do this.
    error NotExecutive(bytes32 community, address caller);
    /// @notice Members rule by vote already.
    error ExecutiveAppointedAlready(bytes32 community, address executive);
    /// @notice An executive comes with the governor that it obeys.
    error ExecutiveMissing(bytes32 community);
    /// @notice No grid operator ever confirmed a metering point of this slot.
    error SeatNeverConfirmed(bytes32 community, uint32 seat);
    /// @notice The seat has a holder already.
    error SeatTaken(bytes32 community, uint32 seat, address holder);
    /// @notice The account holds a seat already, or held it once.
    error SeatAlreadyHeld(bytes32 community, address holder, uint32 seat);
    /// @notice The seat has no holder.
    error SeatVacant(bytes32 community, uint32 seat);
    /// @notice The account holds no seat.
    error NotSeated(bytes32 community, address caller);
    /// @notice The account does not hold this seat.
    error NotHolder(bytes32 community, uint32 seat, address caller);
    /// @notice Nobody says that the key of this seat is lost.
    error RecoveryMissing(bytes32 community, uint32 seat);
    /// @notice The holder still has time to object.
    error RecoveryTooSoon(bytes32 community, uint32 seat, uint48 completableFrom);
    /// @notice Each seat that is named has a weight.
    error WeightsIncomplete(uint256 seats, uint256 weights);
    /// @notice A seat without a vote is none.
    error WeightMissing(bytes32 community, uint32 seat);
    /// @notice The seat's weight changed not long ago; what it was must stay known while members vote.
    error WeightTooSoon(bytes32 community, uint32 seat, uint48 earliest);
    /// @notice Somebody else signed.
    error SignatureOfAnother(address signer, address expected);
    /// @notice The signature was used, or is not due yet.
    error NonceWrong(address account, uint256 given, uint256 expected);
    /// @notice There is no scope with this number.
    error ScopeUnknown(uint8 scope);
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

    /// @notice Let members rule by vote: from now on the executive alone schedules rules, revokes seats, sets weights, names
    /// guardians and replaces the steward. Only the steward, once.
    /// @param community The community.
    /// @param executive What carries votes out, a timelock.
    /// @param governor What counts them.
    function appointExecutive(bytes32 community, address executive, address governor) external;

    /// @notice Put another steward in the present one's place. Only the executive.
    /// @param community The community.
    /// @param to The new steward.
    function replaceSteward(bytes32 community, address to) external;

    /// @notice Seat a participant, with one vote. An account has one seat, once. Only the steward.
    /// @dev A grid operator has confirmed the slot for some period.
    /// @param community The community.
    /// @param seat First slot of the participant.
    /// @param holder The participant's account, never seated here before.
    function grantSeat(bytes32 community, uint32 seat, address holder) external;

    /// @notice Give one's seat up.
    /// @param community The community.
    function resignSeat(bytes32 community) external;

    /// @notice Take a seat back. Only the steward, and once an executive is appointed only the executive.
    /// @param community The community.
    /// @param seat The seat.
    function revokeSeat(bytes32 community, uint32 seat) external;

    /// @notice Pass one's seat on to a new key of one's own. It votes on what is proposed from now on; the former key on what was.
    /// @dev Consents end: what a key gave lasts as long as the key.
    /// @param community The community.
    /// @param to The new key, never seated here before.
    function replaceKey(bytes32 community, address to) external;

    /// @notice `replaceKey` for a holder who signs; anyone may send it.
    /// @param community The community.
    /// @param seat The seat.
    /// @param to The new key.
    /// @param signature EIP-712 signature of ReplaceKey by the holder, with the holder's nonce.
    function replaceKeyBySig(bytes32 community, uint32 seat, address to, bytes calldata signature) external;

    /// @notice Say that the key of a seat is lost, and which one shall follow. Takes the place of what was said before. Only the
    /// steward.
    /// @param community The community.
    /// @param seat The seat.
    /// @param to The new key, never seated here before.
    function proposeRecovery(bytes32 community, uint32 seat, address to) external;

    /// @notice Object: the key is not lost. Only the seat's holder.
    /// @param community The community.
    /// @param seat The seat.
    function objectRecovery(bytes32 community, uint32 seat) external;

    /// @notice `objectRecovery` for a holder who signs; anyone may send it.
    /// @param community The community.
    /// @param seat The seat.
    /// @param signature EIP-712 signature of ObjectRecovery by the holder, with the holder's nonce.
    function objectRecoveryBySig(bytes32 community, uint32 seat, bytes calldata signature) external;

    /// @notice Pass a seat on to the new key, 14 days after that was proposed and nobody objected. Anyone may.
    /// @param community The community.
    /// @param seat The seat.
    function completeRecovery(bytes32 community, uint32 seat) external;

    /// @notice Set what seats weigh from now on. Only the executive. A weight changes at most once in 60 days.
    /// @param community The community.
    /// @param seats The seats, none of them vacant.
    /// @param weights The weight of each, at least one.
    function setWeights(bytes32 community, uint32[] calldata seats, uint16[] calldata weights) external;

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

    /// @notice Consent that another sees one's data, in place of what was consented before. Only who holds a seat.
    /// @param community The community.
    /// @param grantee Who may see.
    /// @param scope What they may see: 1 bills, 2 curves, 3 flexibility.
    /// @param from When the consent begins. [s since 1970-01-01 UTC]
    /// @param until When it ends. [s since 1970-01-01 UTC]
    function giveConsent(bytes32 community, address grantee, uint8 scope, uint64 from, uint64 until) external;

    /// @notice `giveConsent` for a holder who signs; anyone may send it.
    /// @param consent The consent.
    /// @param signature EIP-712 signature of GiveConsent by the holder.
    function giveConsentBySig(GiveConsent calldata consent, bytes calldata signature) external;

    /// @notice Take a consent back. What the caller signed here and nobody sent yet holds no more.
    /// @param community The community.
    /// @param grantee Who may no longer see.
    /// @param scope What they may no longer see.
    function withdrawConsent(bytes32 community, address grantee, uint8 scope) external;

    /// @notice `withdrawConsent` for a holder who signs; anyone may send it.
    /// @param consent What is taken back.
    /// @param signature EIP-712 signature of WithdrawConsent by the holder.
    function withdrawConsentBySig(WithdrawConsent calldata consent, bytes calldata signature) external;

    /// @notice Steward of a community, zero where it does not exist.
    /// @param community The community.
    function stewardOf(bytes32 community) external view returns (address);

    /// @notice What carries out votes, zero while members do not rule by vote.
    /// @param community The community.
    function executiveOf(bytes32 community) external view returns (address);

    /// @notice What counts votes, zero while members do not rule by vote.
    /// @param community The community.
    function governorOf(bytes32 community) external view returns (address);

    /// @notice Whether an account holds a role.
    /// @param community The community.
    /// @param role The role.
    /// @param account The account.
    function hasRole(bytes32 community, uint8 role, address account) external view returns (bool);

    /// @notice Holder of a seat, zero where it is vacant.
    /// @param community The community.
    /// @param seat The seat.
    function holderOf(bytes32 community, uint32 seat) external view returns (address);

    /// @notice Seat that an account holds.
    /// @param community The community.
    /// @param account The account.
    /// @return seated Whether it holds one.
    /// @return seat Which; 0 where it holds none.
    function seatOfHolder(bytes32 community, address account) external view returns (bool seated, uint32 seat);

    /// @notice Votes that an account had at a moment that is not to come.
    /// @dev A weight is known at moments of the last 60 days, and since it changed last.
    /// @param community The community.
    /// @param account The account.
    /// @param timepoint The moment. [s since 1970-01-01 UTC]
    /// @return seat The seat it held then; 0 where it held none.
    /// @return weight The votes of that seat; 0 where it held none.
    function votesAt(bytes32 community, address account, uint256 timepoint)
        external
        view
        returns (uint32 seat, uint16 weight);

    /// @notice `votesAt` of many accounts.
    /// @param community The community.
    /// @param accounts The accounts.
    /// @param timepoint The moment. [s since 1970-01-01 UTC]
    /// @return seats The seat of each; 0 where it held none.
    /// @return weights The votes of each; 0 where it held no seat.
    function votesAtMany(bytes32 community, address[] calldata accounts, uint256 timepoint)
        external
        view
        returns (uint32[] memory seats, uint16[] memory weights);

    /// @notice Votes of all seats together at a moment that is not to come.
    /// @param community The community.
    /// @param timepoint The moment. [s since 1970-01-01 UTC]
    function totalVotesAt(bytes32 community, uint256 timepoint) external view returns (uint256);

    /// @notice The recovery of a seat that can be objected to; zeros where there is none.
    /// @param community The community.
    /// @param seat The seat.
    function recoveryOf(bytes32 community, uint32 seat) external view returns (Recovery memory);

    /// @notice The nonce that an account signs next in a community.
    /// @param community The community.
    /// @param account The account.
    function nonceOf(bytes32 community, address account) external view returns (uint256);

    /// @notice Whether a grid operator ever confirmed a metering point of a slot.
    /// @param community The community.
    /// @param slot The slot.
    function everConfirmed(bytes32 community, uint32 slot) external view returns (bool);

    /// @notice Present time, as votes are dated (ERC-6372). [s since 1970-01-01 UTC]
    function clock() external view returns (uint48);

    /// @notice How time is told (ERC-6372).
    function CLOCK_MODE() external view returns (string memory);

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

    /// @notice Whether a holder's consent has begun and lasts, and the holder still has a seat.
    /// @param community The community.
    /// @param holder Whose data.
    /// @param grantee Who would see.
    /// @param scope What.
    function consentHolds(bytes32 community, address holder, address grantee, uint8 scope)
        external
        view
        returns (bool);
}
