// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IBillingLedger } from "./interfaces/IBillingLedger.sol";
import { IBonds } from "./interfaces/IBonds.sol";
import { IDemands } from "./interfaces/IDemands.sol";
import { ISettlementLedger } from "./interfaces/ISettlementLedger.sol";
import { BillsRecord } from "./types/Bills.sol";
import { RunRecord, STATE_CONTESTABLE } from "./types/Runs.sol";

/// @title Bonds
/// @notice See {IBonds}.
contract Bonds is IBonds {
    /// @dev What is locked for a claim.
    struct Locked {
        address account;
        uint96 amount;
    }

    /// @inheritdoc IBonds
    uint256 public constant BOND = 0.01 ether;
    /// @inheritdoc IBonds
    uint256 public constant DEPOSIT = 0.002 ether;

    /// @notice What became of a run.
    ISettlementLedger public immutable settlementLedger;
    /// @notice What became of its bills.
    IBillingLedger public immutable billingLedger;
    /// @notice Who asks for data, and at what price.
    IDemands public immutable demands;

    mapping(address ledger => mapping(bytes32 id => Locked)) private _locked;
    mapping(address account => uint256) private _free;

    constructor(ISettlementLedger settlementLedger_, IBillingLedger billingLedger_, IDemands demands_) {
        settlementLedger = settlementLedger_;
        billingLedger = billingLedger_;
        demands = demands_;
    }

    /// @inheritdoc IBonds
    function deposit() external payable {
        _free[msg.sender] += msg.value;
        emit Deposited(msg.sender, msg.value);
    }

    /// @inheritdoc IBonds
    function lock(bytes32 id, address account) external payable {
        bool isLedger = msg.sender == address(settlementLedger) || msg.sender == address(billingLedger);
        require(isLedger || msg.sender == address(demands), NotBondKeeper(msg.sender));
        require(_locked[msg.sender][id].amount == 0, BondLockedAlready(msg.sender, id));
        uint256 needed = isLedger ? BOND : DEPOSIT;
        uint256 free = _free[account] + msg.value;
        require(free >= needed, BondTooSmall(account, free, needed));
        _free[account] = free - needed;
        _locked[msg.sender][id] = Locked({ account: account, amount: uint96(needed) });
        emit BondLocked(msg.sender, id, account, needed);
    }

    /// @inheritdoc IBonds
    function release(address ledger, bytes32 runId) external {
        address owner = _locked[ledger][runId].account;
        require(owner != address(0), BondNotLocked(ledger, runId));
        (uint8 state, address voidedBy) = _fateOf(ledger, runId);
        require(state > STATE_CONTESTABLE, BondStillBound(ledger, runId));
        // Bills of a voided run are voided without a word against them: nobody proved a lie in them.
        _give(ledger, runId, voidedBy == address(0) ? owner : voidedBy);
    }

    /// @inheritdoc IBonds
    function award(bytes32 id, address to) external {
        require(msg.sender == address(demands), NotBondKeeper(msg.sender));
        require(_locked[msg.sender][id].amount != 0, BondNotLocked(msg.sender, id));
        _give(msg.sender, id, to);
    }

    /// @inheritdoc IBonds
    function withdraw() external {
        uint256 amount = _free[msg.sender];
        require(amount != 0, NothingFree(msg.sender));
        _free[msg.sender] = 0;
        emit Withdrawn(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @inheritdoc IBonds
    function freeOf(address account) external view returns (uint256) {
        return _free[account];
    }

    /// @inheritdoc IBonds
    function lockedOf(address ledger, bytes32 id) external view returns (address account, uint256 amount) {
        Locked storage kept = _locked[ledger][id];
        return (kept.account, kept.amount);
    }

    function _give(address ledger, bytes32 id, address to) private {
        uint256 amount = _locked[ledger][id].amount;
        delete _locked[ledger][id];
        _free[to] += amount;
        emit BondReleased(ledger, id, to, amount);
    }

    /// @dev A demand is no run: its deposit goes where the demands say.
    function _fateOf(address ledger, bytes32 runId) private view returns (uint8 state, address voidedBy) {
        if (ledger == address(settlementLedger)) {
            RunRecord memory run = settlementLedger.run(runId);
            return (run.state, run.voidedBy);
        }
        require(ledger == address(billingLedger), NotBondKeeper(ledger));
        BillsRecord memory bills = billingLedger.bills(runId);
        return (bills.state, bills.voidedBy);
    }
}
