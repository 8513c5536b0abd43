// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Bonds } from "../../../contracts/Bonds.sol";
import { IBillingLedger } from "../../../contracts/interfaces/IBillingLedger.sol";
import { IDemands } from "../../../contracts/interfaces/IDemands.sol";
import { ISettlementLedger } from "../../../contracts/interfaces/ISettlementLedger.sol";
import { RunRecord } from "../../../contracts/types/Runs.sol";
import { vm } from "../support/Vm.sol";

/// @dev A ledger that locks bonds and says any fate of a run.
contract AnyLedger {
    uint8 private _state;
    address private _voidedBy;

    function become(uint8 state, address voidedBy) external {
        (_state, _voidedBy) = (state, voidedBy);
    }

    function lock(Bonds bonds, bytes32 id, address account) external payable {
        bonds.lock{ value: msg.value }(id, account);
    }

    function run(bytes32) external view returns (RunRecord memory record) {
        (record.state, record.voidedBy) = (_state, _voidedBy);
    }
}

/// @dev Somebody who is paid.
contract Payee {
    receive() external payable { }

    function put(Bonds bonds) external payable {
        bonds.deposit{ value: msg.value }();
    }

    function take(Bonds bonds) external {
        bonds.withdraw();
    }
}

/// @dev Proved for all values of the arguments, by symbolic execution: `scripts/audit halmos`.
contract SymbolicBondsTest {
    bytes32 private constant RUN = bytes32(uint256(1));
    AnyLedger private _ledger;
    Bonds private _bonds;
    Payee private _ann;
    Payee private _ben;
    address private _annAt;
    address private _benAt;

    function setUp() public {
        _ledger = new AnyLedger();
        _bonds =
            new Bonds(ISettlementLedger(address(_ledger)), IBillingLedger(address(1)), IDemands(address(2)));
        vm.deal(address(this), 1 << 100);
        (_ann, _ben) = (new Payee(), new Payee());
        (_annAt, _benAt) = (address(_ann), address(_ben));
        _ann.put{ value: 1 ether }(_bonds);
    }

    /// @dev Up to three deeds of any kind with any amounts: what is owed is what is held.
    function check_what_is_owed_is_what_is_held(
        uint8[3] memory deeds,
        uint96[3] memory amounts,
        uint8 state,
        bool lied
    ) public {
        _ledger.become(state, lied ? _benAt : address(0));
        for (uint256 i; i < 3; ++i) {
            act(deeds[i], amounts[i]);
        }
        (, uint256 locked) = _bonds.lockedOf(address(_ledger), RUN);
        assert(address(_bonds).balance == _bonds.freeOf(_annAt) + _bonds.freeOf(_benAt) + locked);
    }

    function check_a_bond_is_released_only_to_whom_the_fate_of_the_run_says(
        uint8 state,
        bool lied,
        address who
    ) public {
        _ledger.lock(_bonds, RUN, _annAt);
        uint256 before = _bonds.freeOf(_annAt);
        _ledger.become(state, lied ? _benAt : address(0));
        vm.prank(who);
        (bool taken,) = address(_bonds).call(abi.encodeCall(Bonds.release, (address(_ledger), RUN)));
        assert(taken == (state > 1));
        assert(_bonds.freeOf(_benAt) == (taken && lied ? 0.01 ether : 0));
        assert(_bonds.freeOf(_annAt) == before + (taken && !lied ? 0.01 ether : 0));
    }

    function act(uint8 deed, uint96 amount) private {
        if (deed == 0) {
            _ben.put{ value: amount }(_bonds);
        } else if (deed == 1) {
            _ledger.lock{ value: amount }(_bonds, RUN, _annAt);
        } else if (deed == 2) {
            _bonds.release(address(_ledger), RUN);
        } else if (deed == 3) {
            _ann.take(_bonds);
        } else if (deed == 4) {
            _ben.take(_bonds);
        }
    }
}
