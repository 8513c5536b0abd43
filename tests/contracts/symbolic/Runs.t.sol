// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SettlementLedger } from "../../../contracts/SettlementLedger.sol";
import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { ICommunityRegistry } from "../../../contracts/interfaces/ICommunityRegistry.sol";
import { IMeterDataLedger } from "../../../contracts/interfaces/IMeterDataLedger.sol";
import { IPauseBook } from "../../../contracts/interfaces/IPauseBook.sol";
import { IPeriodBook } from "../../../contracts/interfaces/IPeriodBook.sol";
import { IRuleBook } from "../../../contracts/interfaces/IRuleBook.sol";
import { IScheduleBook } from "../../../contracts/interfaces/IScheduleBook.sol";
import { ISettlementLedger } from "../../../contracts/interfaces/ISettlementLedger.sol";
import { Terms } from "../../../contracts/types/Periods.sol";
import { Judges, RunProposal, RunRecord } from "../../../contracts/types/Runs.sol";
import { vm } from "../support/Vm.sol";

/// @dev Stands for every contract that a settlement ledger asks: what it answers is any that they could.
contract Surroundings {
    bool public roles;
    uint64 public paused;
    uint64 public shift;
    uint256 public pending;

    function become(bool roles_, uint64 paused_, uint64 shift_, uint256 pending_) external {
        (roles, paused, shift, pending) = (roles_, paused_, shift_, pending_);
    }

    function hasRole(bytes32, uint8, address) external view returns (bool) {
        return roles;
    }

    function pausedUntil(bytes32) external view returns (uint64) {
        return paused;
    }

    function shifted(bytes32, uint64, uint64 until) external view returns (uint64) {
        return until + shift;
    }

    function pendingOf(bytes32) external view returns (uint256) {
        return pending;
    }

    function contestWindowOf(bytes32, uint32) external pure returns (uint32) {
        return 7 days;
    }

    function scheduleOf(bytes32, uint32) external pure returns (uint8, uint8, uint8) {
        return (1, 0, 0);
    }

    function latestBatch(bytes32, uint32) external pure returns (bytes32) {
        return bytes32(uint256(1));
    }

    function terms(bytes32, uint32) external pure returns (Terms memory kept) {
        (kept.ruleVersion, kept.openedAt) = (1, 1);
    }

    function lock(bytes32, address) external payable { }
}

/// @dev Proved for all values of the arguments, by symbolic execution: `scripts/audit halmos`.
contract SymbolicRunsTest {
    uint64 private constant START = 2_000_000_000;
    bytes32 private constant COMMUNITY = bytes32(uint256(7));

    Surroundings private _around;
    SettlementLedger private _ledger;
    bytes32 private _runId;

    function setUp() public {
        vm.warp(START);
        _around = new Surroundings();
        address a = address(_around);
        // Two judges stand apart, so that the others may be told from them.
        _ledger = new SettlementLedger(
            ICommunityRegistry(a),
            IRuleBook(a),
            IPeriodBook(a),
            IMeterDataLedger(a),
            IScheduleBook(a),
            IPauseBook(a),
            IBonds(a),
            Judges(address(0xA1), address(0xA2), address(0xA3), address(0xA4), address(0xA5), a)
        );
        _around.become(true, 0, 0, 0);
        _ledger.proposeRun(aRun(1, 10, 10, 5, 5));
        _runId = _ledger.latestRun(COMMUNITY, 1);
    }

    function aRun(uint32 version, uint64 feedIn, uint64 consumption, uint64 allocated, uint64 shared)
        private
        pure
        returns (RunProposal memory)
    {
        return RunProposal({
            community: COMMUNITY,
            period: 1,
            version: version,
            ruleVersion: 1,
            batchId: bytes32(uint256(1)),
            basis: 0,
            root: bytes32(uint256(9)),
            feedIn: feedIn,
            consumption: consumption,
            allocated: allocated,
            shared: shared
        });
    }

    function check_no_run_is_proposed_in_which_energy_is_not_conserved(
        uint64 feedIn,
        uint64 consumption,
        uint64 allocated,
        uint64 shared
    ) public {
        RunProposal memory run = aRun(1, feedIn, consumption, allocated, shared);
        run.period = 2;
        (bool taken,) = address(_ledger).call(abi.encodeCall(ISettlementLedger.proposeRun, (run)));
        if (!taken) return;
        assert(allocated == shared && shared <= feedIn && allocated <= consumption);
    }

    function check_nothing_is_final_without_attestation_window_and_answers(
        bool attested,
        uint64 later,
        uint64 paused,
        uint64 shift,
        uint256 pending
    ) public {
        vm.assume(later < 1 << 40 && shift < 1 << 40);
        if (attested) {
            vm.prank(address(0xA77));
            _ledger.attest(_runId);
        }
        _around.become(true, paused, shift, pending);
        vm.warp(START + later);
        (bool taken,) = address(_ledger).call(abi.encodeCall(ISettlementLedger.finalise, (_runId)));
        uint8 state = _ledger.run(_runId).state;
        assert(state == (taken ? 2 : 1));
        assert(!taken || (attested && pending == 0 && paused == 0 && later >= 7 days + shift));
    }

    function check_nobody_attests_their_own_run(address who, bool roles) public {
        _around.become(roles, 0, 0, 0);
        vm.prank(who);
        (bool taken,) = address(_ledger).call(abi.encodeCall(ISettlementLedger.attest, (_runId)));
        assert(!taken || (roles && who != address(this)));
    }

    function check_only_a_judge_voids_and_only_what_is_contestable(address who, address by, bool final_)
        public
    {
        if (final_) makeFinal();
        vm.prank(who);
        (bool taken,) = address(_ledger).call(abi.encodeCall(ISettlementLedger.voidRun, (_runId, by)));
        RunRecord memory run = _ledger.run(_runId);
        bool judge = (uint160(who) >= 0xA1 && uint160(who) <= 0xA5) || who == address(_around);
        assert(taken == (judge && !final_));
        assert(run.state == (taken ? 4 : final_ ? 2 : 1));
        assert(run.voidedBy == (taken ? by : address(0)));
    }

    function check_states_only_go_forward(uint8 past, uint8 deed, address who, uint64 later, bytes32 id)
        public
    {
        vm.assume(later < 1 << 40);
        if (past == 1) makeFinal();
        if (past == 2) makeVoid();
        uint8 before = _ledger.run(_runId).state;
        vm.warp(uint256(START) + 7 days + later);
        vm.prank(who);
        if (deed == 0) call(abi.encodeCall(ISettlementLedger.finalise, (id)));
        if (deed == 1) call(abi.encodeCall(ISettlementLedger.attest, (id)));
        if (deed == 2) call(abi.encodeCall(ISettlementLedger.voidRun, (id, who)));
        if (deed == 3) call(abi.encodeCall(ISettlementLedger.proposeRun, (aRun(1, 9, 9, 3, 3))));
        if (deed == 4) call(abi.encodeCall(ISettlementLedger.proposeRun, (aRun(2, 9, 9, 3, 3))));
        uint8 present = _ledger.run(_runId).state;
        bool forward = before == 1 && (present == 2 || present == 4);
        assert(present == before || forward);
        assert(_ledger.run(_runId).feedIn == 10);
    }

    function call(bytes memory data) private {
        (bool taken,) = address(_ledger).call(data);
        taken;
    }

    function makeFinal() private {
        vm.prank(address(0xA77));
        _ledger.attest(_runId);
        vm.warp(START + 7 days);
        _ledger.finalise(_runId);
    }

    function makeVoid() private {
        vm.prank(address(0xA1));
        _ledger.voidRun(_runId, address(1));
    }
}
