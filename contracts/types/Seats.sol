// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A new member's weight.
uint16 constant WEIGHT_ONE = 1;
/// @dev Holder's bills.
uint8 constant SCOPE_BILLS = 1;
/// @dev Holder's curves.
uint8 constant SCOPE_CURVES = 2;
/// @dev Holder's flexible devices.
uint8 constant SCOPE_FLEXIBILITY = 3;

/// @notice An account's seat in a community, once for ever; a word.
/// @param seatPlusOne The seat plus one; 0 where the account was never seated.
/// @param since When it took the seat. [s since 1970-01-01 UTC]
/// @param until When it lost the seat; 0 while it holds it. [s since 1970-01-01 UTC]
/// @param weight Votes of the seat from `weightSince` on.
/// @param weightBefore Votes of the seat until then.
/// @param weightSince When the weight changed last; 0 where it never did. [s since 1970-01-01 UTC]
struct Membership {
    uint32 seatPlusOne;
    uint48 since;
    uint48 until;
    uint16 weight;
    uint16 weightBefore;
    uint48 weightSince;
}

/// @notice A steward's claim that the key of a seat is lost.
/// @param to The new key.
/// @param completableFrom When it takes the seat, unless the holder objects. [s since 1970-01-01 UTC]
struct Recovery {
    address to;
    uint48 completableFrom;
}

/// @notice What a holder signs to let another see their data.
/// @param community The community.
/// @param holder Whose data.
/// @param grantee Who may see.
/// @param scope What: 1 bills, 2 curves, 3 flexibility.
/// @param from When the consent begins. [s since 1970-01-01 UTC]
/// @param until When it ends. [s since 1970-01-01 UTC]
/// @param nonce The holder's nonce.
struct GiveConsent {
    bytes32 community;
    address holder;
    address grantee;
    uint8 scope;
    uint64 from;
    uint64 until;
    uint256 nonce;
}

/// @notice What a holder signs to take a consent back.
/// @param community The community.
/// @param holder Whose data.
/// @param grantee Who may no longer see.
/// @param scope What: 1 bills, 2 curves, 3 flexibility.
/// @param nonce The holder's nonce.
struct WithdrawConsent {
    bytes32 community;
    address holder;
    address grantee;
    uint8 scope;
    uint256 nonce;
}
