// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { Time } from "@openzeppelin/contracts/utils/types/Time.sol";
import { ICommunityRegistry } from "../interfaces/ICommunityRegistry.sol";
import { Membership, Recovery } from "../types/Seats.sol";

/// @title Who holds a community's seats, since when, and with how many votes
/// @dev A seat's memberships follow one another without overlap, so that at each moment it has one vote.
library SeatRoll {
    using Checkpoints for Checkpoints.Trace208;

    /// @dev Long enough for a letter to reach who holds the seat, and longer than members vote.
    uint48 internal constant RECOVERY_TIME = 14 days;
    /// @dev A snapshot older than this may have lost its weights: no vote may last longer.
    uint48 internal constant WEIGHT_REST = 60 days;

    /// @notice Seats of one community.
    /// @param memberships Each account's seat, past or present.
    /// @param holders Who holds a seat now.
    /// @param totals Votes of all seats together, by time.
    /// @param recoveries New keys that take a seat unless its holder objects.
    struct Roll {
        mapping(address account => Membership) memberships;
        mapping(uint32 seat => address) holders;
        Checkpoints.Trace208 totals;
        mapping(uint32 seat => Recovery) recoveries;
    }

    /// @notice Give a vacant seat to an account that never had one.
    function take(
        Roll storage self,
        bytes32 community,
        uint32 seat,
        address holder,
        uint16 weight,
        uint48 weightSince
    ) internal {
        requireNeverSeated(self, community, holder);
        self.holders[seat] = holder;
        self.memberships[holder] = Membership({
            seatPlusOne: seat + 1,
            since: Time.timestamp(),
            until: 0,
            weight: weight,
            weightBefore: weight,
            weightSince: weightSince
        });
        self.totals.push(Time.timestamp(), self.totals.latest() + weight);
    }

    /// @notice Vacate a seat.
    function vacate(Roll storage self, uint32 seat, address holder)
        internal
        returns (uint16 weight, uint48 weightSince)
    {
        Membership storage membership = self.memberships[holder];
        (weight, weightSince) = (membership.weight, membership.weightSince);
        membership.until = Time.timestamp();
        delete self.holders[seat];
        delete self.recoveries[seat];
        self.totals.push(Time.timestamp(), self.totals.latest() - weight);
    }

    /// @notice Pass a seat on to another key. It keeps its weight, and how long that rests.
    function pass(Roll storage self, bytes32 community, uint32 seat, address from, address to) internal {
        (uint16 weight, uint48 weightSince) = vacate(self, seat, from);
        take(self, community, seat, to, weight, weightSince);
    }

    /// @notice Let a new key follow unless the holder objects.
    function propose(Roll storage self, bytes32 community, uint32 seat, address to)
        internal
        returns (uint48 completableFrom)
    {
        requireHolder(self, community, seat);
        requireNeverSeated(self, community, to);
        completableFrom = Time.timestamp() + RECOVERY_TIME;
        self.recoveries[seat] = Recovery({ to: to, completableFrom: completableFrom });
    }

    /// @notice Set what a seat weighs from now on.
    function weigh(Roll storage self, bytes32 community, uint32 seat, uint16 weight) internal {
        require(weight != 0, ICommunityRegistry.WeightMissing(community, seat));
        Membership storage membership = self.memberships[requireHolder(self, community, seat)];
        uint48 changed = membership.weightSince;
        require(
            changed == 0 || Time.timestamp() >= changed + WEIGHT_REST,
            ICommunityRegistry.WeightTooSoon(community, seat, changed + WEIGHT_REST)
        );
        uint16 former = membership.weight;
        (membership.weightBefore, membership.weight, membership.weightSince) =
        (former, weight, Time.timestamp());
        self.totals.push(Time.timestamp(), self.totals.latest() - former + weight);
    }

    /// @notice Votes of all seats together at a moment.
    function totalAt(Roll storage self, uint256 timepoint) internal view returns (uint256) {
        return self.totals.upperLookupRecent(SafeCast.toUint48(timepoint));
    }

    /// @notice An account's seat and votes at a moment; zeros where it held none.
    function votesAt(Roll storage self, address account, uint256 timepoint)
        internal
        view
        returns (uint32 seat, uint16 weight)
    {
        Membership memory membership = self.memberships[account];
        uint32 seatPlusOne = membership.seatPlusOne;
        uint48 until = membership.until;
        bool seated = seatPlusOne != 0 && membership.since <= timepoint && (until == 0 || timepoint < until);
        if (!seated) return (0, 0);
        seat = seatPlusOne - 1;
        weight = timepoint < membership.weightSince ? membership.weightBefore : membership.weight;
    }

    /// @notice The seat that an account holds now.
    function seatOf(Roll storage self, address account) internal view returns (bool seated, uint32 seat) {
        Membership memory membership = self.memberships[account];
        seated = membership.seatPlusOne != 0 && membership.until == 0;
        if (seated) seat = membership.seatPlusOne - 1;
    }

    /// @notice Refuse a vacant seat.
    function requireHolder(Roll storage self, bytes32 community, uint32 seat)
        internal
        view
        returns (address holder)
    {
        holder = self.holders[seat];
        require(holder != address(0), ICommunityRegistry.SeatVacant(community, seat));
    }

    /// @notice Refuse an account without a seat.
    function requireSeated(Roll storage self, bytes32 community, address account)
        internal
        view
        returns (uint32 seat)
    {
        bool seated;
        (seated, seat) = seatOf(self, account);
        require(seated, ICommunityRegistry.NotSeated(community, account));
    }

    /// @notice Refuse an account that was ever seated, and none.
    function requireNeverSeated(Roll storage self, bytes32 community, address account) internal view {
        require(account != address(0), ICommunityRegistry.HolderMissing(community));
        uint32 seatPlusOne = self.memberships[account].seatPlusOne;
        if (seatPlusOne != 0) {
            revert ICommunityRegistry.SeatAlreadyHeld(community, account, seatPlusOne - 1);
        }
    }

    /// @notice Refuse a seat whose key nobody says is lost.
    function requireRecovery(Roll storage self, bytes32 community, uint32 seat)
        internal
        view
        returns (address to, uint48 completableFrom)
    {
        Recovery memory recovery = self.recoveries[seat];
        require(recovery.to != address(0), ICommunityRegistry.RecoveryMissing(community, seat));
        return (recovery.to, recovery.completableFrom);
    }
}
