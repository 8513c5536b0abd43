// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { STATE_CONTESTABLE, STATE_VOIDED } from "../../contracts/types/Runs.sol";
import { Vectors } from "./support/Vectors.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

/// @dev Contests of honest and of lying settlements, as Python runs them too: the same transactions, world by world.
contract ContestVectorsTest is World, Vectors {
    string private constant FILE = "tests/vectors/contests.json";

    /// @dev Where a world stands while its lines are read; what is on chain is taken back in between. Of snapshots the ids from 1.
    struct Reading {
        bytes32 story;
        uint256 founded;
        uint256 proposed;
        uint256 cases;
    }

    mapping(string name => address) private _at;

    function setUp() public override {
        deploy();
        _at["registry"] = address(registry);
        _at["rule_book"] = address(ruleBook);
        _at["period_book"] = address(periodBook);
        _at["meter_data_ledger"] = address(meterDataLedger);
        _at["schedule_book"] = address(scheduleBook);
        _at["settlement_ledger"] = address(settlementLedger);
        _at["billing_ledger"] = address(billingLedger);
        _at["contests"] = address(contests);
        _at["input_contests"] = address(inputContests);
        _at["sum_contests"] = address(sumContests);
        _at["stair_contests"] = address(stairContests);
        _at["bill_contests"] = address(billContests);
        _at["link_contests"] = address(linkContests);
        _at["demands"] = address(demands);
    }

    function test_contests_of_a_single_slot_end_as_in_the_vectors() public {
        play("single");
    }

    function test_contests_of_a_street_with_short_and_long_days_end_as_in_the_vectors() public {
        play("street");
    }

    function test_contests_of_a_roof_by_quarter_hours_end_as_in_the_vectors() public {
        play("roof");
    }

    function test_contests_of_large_figures_end_as_in_the_vectors() public {
        play("large");
    }

    function test_contests_of_equals_end_as_in_the_vectors() public {
        play("equal");
    }

    function test_contests_of_a_cascade_end_as_in_the_vectors() public {
        play("cascade");
    }

    function test_contests_of_a_hybrid_key_end_as_in_the_vectors() public {
        play("hybrid");
    }

    function test_contests_of_a_schedule_end_as_in_the_vectors() public {
        play("scheduled");
    }

    function test_contests_of_pairs_end_as_in_the_vectors() public {
        play("pairwise");
    }

    function test_contests_of_tiers_end_as_in_the_vectors() public {
        play("priority");
    }

    function test_contests_of_an_incentive_end_as_in_the_vectors() public {
        play("incentive");
    }

    function test_contests_of_a_producer_key_end_as_in_the_vectors() public {
        play("producers");
    }

    function test_contests_where_consumers_own_the_surplus_end_as_in_the_vectors() public {
        play("owners");
    }

    function test_contests_of_supply_and_demand_end_as_in_the_vectors() public {
        play("market");
    }

    function test_contests_of_producers_that_sell_end_as_in_the_vectors() public {
        play("sellers");
    }

    function test_contests_of_an_operators_allocation_end_as_in_the_vectors() public {
        play("operator");
    }

    function test_contests_of_a_flow_end_as_in_the_vectors() public {
        play("flow");
    }

    function test_contests_of_an_estate_of_three_stairs_end_as_in_the_vectors() public {
        play("estate");
    }

    function test_contests_of_estimates_end_as_in_the_vectors() public {
        play("month");
    }

    /// @dev One line a transaction: the whole file would be parsed again for each field.
    function play(string memory world) private {
        requireSameMachine(stripped(string.concat(vm.readLine(FILE), "]}")));
        bytes memory start = bytes(string.concat('{"world":"', world, '",'));
        string memory line = vm.readLine(FILE);
        while (!startsWith(line, start)) {
            line = vm.readLine(FILE);
        }
        Reading memory reading;
        reading.story = keccak256("");
        for (; startsWith(line, start); line = vm.readLine(FILE)) {
            (bytes32 story, bool isCase) = this.kindOf(line);
            if (story != reading.story) begin(reading, story);
            if (isCase) {
                if (reading.proposed == 0) reading.proposed = vm.snapshotState() + 1;
                this.judge(line);
                vm.revertToState(reading.proposed - 1);
                ++reading.cases;
            } else {
                this.take(line);
            }
        }
        vm.closeFile(FILE);
        holds("enough cases", reading.cases > 30);
    }

    /// @dev What is founded stays; what was anchored before is taken back.
    function begin(Reading memory reading, bytes32 story) private {
        if (reading.founded == 0) reading.founded = vm.snapshotState() + 1;
        else vm.revertToState(reading.founded - 1);
        (reading.story, reading.proposed) = (story, 0);
    }

    /// @dev Addresses are in what is signed.
    function requireSameMachine(string memory head) private view {
        same("chain", block.chainid, number(head, ".chain_id"));
        same("deployer", address(this), vm.parseJsonAddress(head, ".deployer"));
        same(
            "first contract",
            address(registry),
            vm.computeCreateAddress(address(this), number(head, ".nonce"))
        );
    }

    /// @dev The memory of what is called here is free again afterwards.
    function kindOf(string calldata line) external pure returns (bytes32 story, bool isCase) {
        string memory json = stripped(line);
        story = keccak256(bytes(vm.parseJsonString(json, ".story")));
        isCase = bytes(vm.parseJsonString(json, ".case")).length > 0;
    }

    /// @dev A transaction that must be taken.
    function take(string calldata line) external {
        string memory json = stripped(line);
        (bool done, bytes memory answer) = send(json);
        if (!done) same(vm.parseJsonString(json, ".function"), bytes32(bytes4(answer)), 0);
    }

    /// @dev A case: what it must come to.
    function judge(string calldata line) external {
        string memory json = stripped(line);
        string memory words = vm.parseJsonString(json, ".case");
        bytes32 outcome = keccak256(bytes(vm.parseJsonString(json, ".outcome")));
        bytes32 runId = hash(json, ".run");
        (bool done, bytes memory answer) = send(json);
        if (outcome == keccak256("refused")) {
            holds(string.concat(words, " (but it is taken)"), !done);
            bytes4 expected = bytes4(keccak256(bytes(vm.parseJsonString(json, ".error"))));
            return same(words, bytes32(bytes4(answer)), bytes32(expected));
        }
        holds(string.concat(words, " (but it is refused)"), done);
        bool runs = outcome == keccak256("run");
        bool bills = outcome == keccak256("bills");
        address by = vm.parseJsonAddress(json, ".voided_by");
        same(words, settlementLedger.run(runId).state, runs ? STATE_VOIDED : STATE_CONTESTABLE);
        same(words, settlementLedger.run(runId).voidedBy, runs ? by : address(0));
        // Bills fall with their run.
        same(words, billingLedger.bills(runId).state, runs || bills ? STATE_VOIDED : STATE_CONTESTABLE);
        same(words, billingLedger.bills(runId).voidedBy, bills ? by : address(0));
    }

    function send(string memory json) private returns (bool done, bytes memory answer) {
        address sender = vm.parseJsonAddress(json, ".from");
        uint256 value = number(json, ".value");
        address to = _at[vm.parseJsonString(json, ".contract")];
        bytes memory call = bytes.concat(data(json, ".selector"), abi.encodePacked(numbers(json, ".words")));
        vm.warp(number(json, ".at"));
        vm.deal(sender, value);
        vm.prank(sender);
        (done, answer) = to.call{ value: value }(call);
    }

    function startsWith(string memory line, bytes memory start) private pure returns (bool) {
        bytes memory text = bytes(line);
        if (text.length < start.length) return false;
        for (uint256 i; i < start.length; ++i) {
            if (text[i] != start[i]) return false;
        }
        return true;
    }

    /// @dev Without the comma between two lines.
    function stripped(string memory line) private pure returns (string memory) {
        bytes memory text = bytes(line);
        uint256 end = text.length;
        if (text[end - 1] == ",") --end;
        bytes memory json = new bytes(end);
        for (uint256 i; i < end; ++i) {
            json[i] = text[i];
        }
        return string(json);
    }
}
