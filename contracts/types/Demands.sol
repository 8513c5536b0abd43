// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Steps of a demand.

/// @dev Asked: who proposed the run owes the day's hashes.
uint8 constant DEMAND_ASKED = 1;
/// @dev Answered: who asked may name a row.
uint8 constant DEMAND_ANSWERED = 2;
/// @dev Named: who proposed the run owes the row.
uint8 constant DEMAND_NAMED = 3;
/// @dev Opened, or ended in silence.
uint8 constant DEMAND_OVER = 4;

/// @notice A day of a slot that somebody asked for.
/// @param demander Who asked.
/// @param until The present step must be taken before. [s since 1970-01-01 UTC]
/// @param t Interval that was named.
/// @param state 0 none, 1 asked, 2 answered, 3 named, 4 over.
/// @param proposer Who proposed the run.
/// @param slot The slot.
/// @param day Day of the period.
/// @param runId The run.
struct Demand {
    address demander;
    uint64 until;
    uint16 t;
    uint8 state;
    address proposer;
    uint32 slot;
    uint16 day;
    bytes32 runId;
}
