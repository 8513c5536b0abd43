// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What stands behind a claim
/// @notice Holds a bond for each run and for the bills of each run, and a deposit for each demand. A bond goes back to who proposed what
/// became final, and to who proved the lie in what was voided. What is free is its owner's to use again or to take out.
interface IBonds {
    /// @notice A bond or a deposit was locked. [wei]
    event BondLocked(address indexed ledger, bytes32 indexed id, address indexed account, uint256 amount);
    /// @notice A bond or a deposit became free. [wei]
    event BondReleased(address indexed ledger, bytes32 indexed id, address indexed to, uint256 amount);
    /// @notice Somebody put in what they may need later. [wei]
    event Deposited(address indexed account, uint256 amount);
    /// @notice Somebody took out what was free. [wei]
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice Only the ledgers and the demands lock, and only the demands say to whom a deposit goes.
    error NotBondKeeper(address caller);
    /// @notice The account has less free, what it sent included, than is to be locked. [wei]
    error BondTooSmall(address account, uint256 free, uint256 needed);
    /// @notice Something is locked for this already.
    error BondLockedAlready(address ledger, bytes32 id);
    /// @notice Nothing is locked for this.
    error BondNotLocked(address ledger, bytes32 id);
    /// @notice What the bond stands for is still contestable.
    error BondStillBound(address ledger, bytes32 id);
    /// @notice The account has nothing free.
    error NothingFree(address account);

    /// @notice What stands behind a run, or behind the bills of one. [wei]
    function BOND() external view returns (uint256);

    /// @notice What stands behind a demand. [wei]
    function DEPOSIT() external view returns (uint256);

    /// @notice Put in what one's later proposals or demands may need. Anyone may.
    function deposit() external payable;

    /// @notice Lock what stands behind a run, its bills or a demand, out of what is sent and what the account has free; the rest of what
    /// is sent is free. Only the ledgers and the demands.
    /// @param id Id of the run or the demand.
    /// @param account Who claims it.
    function lock(bytes32 id, address account) external payable;

    /// @notice Free the bond of a run, or of its bills: for who proposed it where it is final or superseded, or only shared the fate of
    /// its run; for who proved the lie where it is voided. Anyone may.
    /// @param ledger The settlement ledger or the billing ledger.
    /// @param runId Id of the run.
    function release(address ledger, bytes32 runId) external;

    /// @notice Free the deposit of a demand. Only the demands.
    /// @param id Id of the demand.
    /// @param to Whose it is now.
    function award(bytes32 id, address to) external;

    /// @notice Take out all that is free.
    function withdraw() external;

    /// @notice What an account has free. [wei]
    /// @param account The account.
    function freeOf(address account) external view returns (uint256);

    /// @notice What is locked, zeros where nothing is. [wei]
    /// @param ledger The ledger or the demands.
    /// @param id Id of the run or the demand.
    function lockedOf(address ledger, bytes32 id) external view returns (address account, uint256 amount);
}
