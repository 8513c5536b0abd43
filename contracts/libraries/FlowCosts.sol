// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title What links of a `flow` key cost, and how its steps are weighed
/// @notice The leaves below a flow run's basis, and the inequalities that an optimal flow keeps.
library FlowCosts {
    using SafeCast for uint256;

    uint8 internal constant COST = 0x0e;
    uint8 internal constant SCALE = 0x0f;
    /// @dev A header's round holds a potential plus this, never negative; every potential lies within it.
    int256 internal constant POTENTIAL_BOUND = 1 << 52;

    /// @notice What a link costs and carries.
    /// @param salt Salt of the leaf.
    /// @param weight Weighted levels of a unit over the link, the steps apart.
    /// @param cap The most it carries in an interval, 2^64 - 1 without bound. [mWh]
    struct Cost {
        bytes16 salt;
        int64 weight;
        uint64 cap;
    }

    /// @notice What all links have in common.
    /// @param salt Salt of the leaf.
    /// @param shared B, what a unit shared is worth.
    /// @param consumerStep W_f, weight of the consumers' steps.
    /// @param producerStep W_h, weight of the producers' steps.
    /// @param steps K, fairness steps.
    struct Scale {
        bytes16 salt;
        uint64 shared;
        uint64 consumerStep;
        uint64 producerStep;
        uint32 steps;
    }

    /// @notice One end of an interval's flow.
    /// @param energy Its consumption or feed-in, above zero. [mWh]
    /// @param taken What it was given, or shared. [mWh]
    /// @param total Of all ends on its side, above zero. [mWh]
    /// @param shareable The less of both sides' totals. [mWh]
    struct End {
        uint256 energy;
        uint256 taken;
        uint256 total;
        uint256 shareable;
    }

    /// @notice Hash of a cost leaf.
    function cost(Cost memory leaf) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(COST, leaf.salt, leaf.weight, leaf.cap));
    }

    /// @notice Hash of a scale leaf.
    function scale(Scale memory leaf) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(SCALE, leaf.salt, leaf.shared, leaf.consumerStep, leaf.producerStep, leaf.steps)
        );
    }

    /// @notice Step of the unit after so much was taken.
    /// @param end Whose.
    /// @param taken What it has before that unit. [mWh]
    /// @param steps K.
    function stepAfter(End memory end, uint256 taken, uint256 steps) internal pure returns (uint256 step) {
        // Rounds down: the unit belongs to the step that it begins in. No steps are one, so that a scale without any shields no lie.
        if (steps == 0) steps = 1;
        step = (steps * (taken + 1) - 1) / end.energy;
        if (taken >= end.energy * end.shareable / end.total) ++step;
    }

    /// @notice Bounds of a consumer's potential: it would take more where it is above, less where it is below.
    /// @param end The consumer.
    /// @param given The scale.
    /// @return least No potential is below, where it could take more.
    /// @return most No potential is above, where it has taken something.
    function consumerBounds(End memory end, Scale memory given)
        internal
        pure
        returns (int256 least, int256 most)
    {
        (least, most) = (type(int256).min, type(int256).max);
        if (end.taken < end.energy) least = _worth(end, given, end.taken);
        if (end.taken > 0) most = _worth(end, given, end.taken - 1);
    }

    /// @notice Bounds of a producer's potential.
    /// @param end The producer.
    /// @param given The scale.
    /// @return least No potential is below, where it has shared something.
    /// @return most No potential is above, where it could share more.
    function producerBounds(End memory end, Scale memory given)
        internal
        pure
        returns (int256 least, int256 most)
    {
        (least, most) = (type(int256).min, type(int256).max);
        if (end.taken < end.energy) most = _price(end, given, end.taken);
        if (end.taken > 0) least = _price(end, given, end.taken - 1);
    }

    /// @dev B less what the unit's step weighs.
    function _worth(End memory end, Scale memory given, uint256 taken) private pure returns (int256) {
        uint256 weighed = given.consumerStep * stepAfter(end, taken, given.steps);
        return int256(uint256(given.shared)) - weighed.toInt256();
    }

    function _price(End memory end, Scale memory given, uint256 taken) private pure returns (int256) {
        return (given.producerStep * stepAfter(end, taken, given.steps)).toInt256();
    }
}
