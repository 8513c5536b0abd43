// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { ShownLeaves } from "../../contracts/libraries/ShownLeaves.sol";

/// @dev The vectors hold {Leaves} to its bytes; these hold the hashes from call data to {Leaves}.
contract ShownLeavesTest {
    function testFuzz_a_row_has_one_hash_however_it_is_read(Leaves.Row calldata leaf, bytes32 detail)
        public
        pure
    {
        assert(ShownLeaves.row(leaf, detail) == Leaves.anyRow(leaf, detail));
        assert(ShownLeaves.row(leaf, 0) == Leaves.row(leaf));
    }

    function testFuzz_a_period_leaf_has_one_hash_however_it_is_read(Leaves.Period calldata leaf) public pure {
        assert(ShownLeaves.period(leaf) == Leaves.period(leaf));
    }

    function testFuzz_a_bill_has_one_hash_however_it_is_read(Leaves.Bill calldata leaf) public pure {
        assert(ShownLeaves.bill(leaf) == Leaves.bill(leaf));
    }
}
