// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Which communities are paused, by whom, and how long
/// @notice Two of three guardians can hold a community's ledgers for a week: nothing new is anchored and nothing becomes final, while
/// contests, votes and cases go on and windows shift. They can neither change nor finish anything, and a pause ends by itself.
interface IPauseBook {
    /// @notice A community named its guardians.
    event GuardiansNamed(bytes32 indexed community, address[3] guardians);
    /// @notice A guardian asked for a pause.
    event PauseAsked(bytes32 indexed community, address indexed guardian);
    /// @notice A second guardian agreed: the community is paused.
    event CommunityPaused(bytes32 indexed community, uint64 from, uint64 until);

    /// @notice The community is paused. Thrown by the ledgers that a pause holds.
    error Paused(bytes32 community, uint64 until);
    /// @notice Only a guardian may ask for a pause.
    error NotGuardian(bytes32 community, address caller);
    /// @notice Guardians are three accounts.
    error GuardianMissing(bytes32 community, uint256 index);
    /// @notice Guardians are three different accounts.
    error GuardianTwice(bytes32 community, address guardian);
    /// @notice The community is paused, or was not long enough ago.
    error PauseTooSoon(bytes32 community, uint64 earliest);

    /// @notice Name the three guardians, in place of the former ones. The steward until an executive is appointed, then the
    /// executive.
    /// @param community The community.
    /// @param guardians Who may pause it, two of them together.
    function nameGuardians(bytes32 community, address[3] calldata guardians) external;

    /// @notice Ask for a pause, or agree to the one that another guardian asked for within a day. Only a guardian.
    /// @dev A pause lasts 7 days; the next may begin 30 days after it has ended.
    /// @param community The community.
    function pause(bytes32 community) external;

    /// @notice Whether a community is paused.
    /// @param community The community.
    function isPaused(bytes32 community) external view returns (bool);

    /// @notice When the present pause ends; 0 where the community is not paused. [s since 1970-01-01 UTC]
    /// @param community The community.
    function pausedUntil(bytes32 community) external view returns (uint64);

    /// @notice End of a window that began before: later by all the time in which the community was paused while it ran.
    /// @param community The community.
    /// @param from When the window began. [s since 1970-01-01 UTC]
    /// @param until When it would end without a pause. [s since 1970-01-01 UTC]
    /// @return When it ends. [s since 1970-01-01 UTC]
    function shifted(bytes32 community, uint64 from, uint64 until) external view returns (uint64);

    /// @notice Guardians of a community; zeros where none are named.
    /// @param community The community.
    function guardiansOf(bytes32 community) external view returns (address[3] memory);

    /// @notice Pauses of a community so far.
    /// @param community The community.
    function pauseCount(bytes32 community) external view returns (uint256);

    /// @notice A pause of a community: half-open, [from, until).
    /// @param community The community.
    /// @param index Which, from 0.
    function pauseAt(bytes32 community, uint256 index) external view returns (uint64 from, uint64 until);
}
