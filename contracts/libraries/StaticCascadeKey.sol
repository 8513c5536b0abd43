// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Sharing key `static_cascade`: voted coefficients, round after round
/// @notice What a round leaves is shared again among those who have not enough. All rounds together end at one level, the
/// exact fraction level / weight per part of a coefficient: who needs less than its coefficient of the level has all it consumed.
library StaticCascadeKey {
    /// @notice What a consumer is given.
    /// @param level What the satisfied leave of the pool. [mWh]
    /// @param weight Coefficients of those who are not satisfied. [ppm]
    /// @param coefficientPpm The slot's sharing coefficient. [ppm]
    /// @param consumption The slot's consumption. [mWh]
    /// @return Allocation. [mWh]
    function allocatedDown(uint64 level, uint64 weight, uint32 coefficientPpm, uint64 consumption)
        internal
        pure
        returns (uint256)
    {
        if (coefficientPpm == 0) return 0;
        uint256 entitled = uint256(level) * coefficientPpm;
        if (uint256(consumption) * weight <= entitled) return consumption;
        // The weight is not zero here: nothing is above nothing.
        return entitled / weight;
    }
}
