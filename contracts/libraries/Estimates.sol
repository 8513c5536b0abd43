// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QUALITY_EDITED, QUALITY_MEASURED, Reading, READING_INTERPOLATED } from "../types/Readings.sol";

/// @title What becomes of readings that are missing
/// @notice Known is what the meter measured or the operator corrected; a gap is what neither gave.
library Estimates {
    /// @dev The longest gap that is interpolated. [min]
    uint256 internal constant GAP_MINUTES = 120;

    /// @notice Whether an estimate may draw on a reading.
    function isKnown(Reading memory reading) internal pure returns (bool) {
        return reading.quality == QUALITY_MEASURED || reading.quality == QUALITY_EDITED;
    }

    /// @notice Whether nobody gave a reading: it was estimated here, or left missing.
    function isGap(Reading memory reading) internal pure returns (bool) {
        return reading.source >= READING_INTERPOLATED;
    }

    /// @notice The i-th of so many missing readings between two known ones, on the line from one to the other, floored.
    /// @param before Energy before the gap. [mWh]
    /// @param behind Energy after it. [mWh]
    /// @param position From 1.
    /// @param missing Readings that are missing.
    /// @return Energy. [mWh]
    function interpolatedDown(uint64 before, uint64 behind, uint256 position, uint256 missing)
        internal
        pure
        returns (uint256)
    {
        return (before * (missing + 1 - position) + behind * position) / (missing + 1);
    }
}
