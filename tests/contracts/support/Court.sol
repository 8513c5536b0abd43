// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Arbitration } from "../../../contracts/Arbitration.sol";
import { IArbitration } from "../../../contracts/interfaces/IArbitration.sol";
import { CaseOpening, Claim } from "../../../contracts/types/Cases.sol";
import { vm } from "./Vm.sol";
import { World } from "./World.sol";

/// @dev Tells a proposal's state, as a governor does.
contract Voting {
    mapping(uint256 proposalId => uint8) private _outcomes;

    function decide(uint256 proposalId, uint8 outcome) external {
        _outcomes[proposalId] = outcome;
    }

    function state(uint256 proposalId) external view returns (uint8) {
        return _outcomes[proposalId];
    }
}

/// @dev A community with its parties, an arbiter and members who vote; and how each of them acts.
abstract contract Court is World {
    bytes32 internal constant PAPER = keccak256("words");
    bytes32 internal constant REASONS = keccak256("reasons");
    bytes32 internal constant CLAIM_TYPE =
        keccak256("Claim(bytes32 community,uint256 caseId,uint8 party,bytes32 readings,bytes32 evidence)");
    bytes32 internal constant OPENING_TYPE = keccak256(
        "OpenCase(bytes32 community,uint32 period,uint32 slot,uint32 first,uint32 until,bytes32 paper)"
    );
    bytes32 internal constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    uint256 internal constant MEMBER_KEY = 0x3E3;
    uint256 internal constant PROVIDER_KEY = 0x9A0;
    address internal constant ARBITER = address(0xA4B);
    address internal constant EXECUTIVE = address(0xE8E);
    uint8 internal constant VOTE_CANCELED = 2;
    uint8 internal constant VOTE_DEFEATED = 3;
    uint8 internal constant VOTE_QUEUED = 5;
    uint8 internal constant VOTE_EXECUTED = 7;

    Arbitration internal court;
    Voting internal voting;
    address internal immutable member = vm.addr(MEMBER_KEY);
    address internal immutable provider = vm.addr(PROVIDER_KEY);

    function setUp() public virtual override {
        super.setUp();
        court = arbitration;
        voting = new Voting();
        openAll(aRule());
        grant(COMMUNITY, 2, provider);
        grant(COMMUNITY, 5, ARBITER);
        vm.prank(steward);
        registry.grantSeat(COMMUNITY, 0, member);
        vm.prank(steward);
        registry.appointExecutive(COMMUNITY, EXECUTIVE, address(voting));
    }

    function anOpeningOn(uint32 slot) internal pure returns (CaseOpening memory) {
        return
            CaseOpening({
                community: COMMUNITY, period: PERIOD, slot: slot, first: 10, until: 14, paper: PAPER
            });
    }

    function openCase() internal returns (uint256) {
        vm.prank(member);
        return court.openCase(anOpeningOn(0), member, "");
    }

    /// @dev Claims of consumer and grid operator, then a ruling.
    function ruled(uint8 party) internal returns (uint256 caseId) {
        caseId = openCase();
        file(caseId, 0, MEMBER_KEY, "consumer");
        file(caseId, 2, OPERATOR_KEY, "operator");
        vm.warp(block.timestamp + 14 days);
        rule(caseId, party);
    }

    function dismiss(uint256 caseId) internal {
        vm.warp(block.timestamp + 14 days);
        rule(caseId, 3);
        vm.warp(block.timestamp + 14 days);
    }

    function rule(uint256 caseId, uint8 party) internal {
        vm.prank(ARBITER);
        court.ruleCase(caseId, party, REASONS);
    }

    function appeal(uint256 caseId) internal {
        appeal(caseId, 0, 7);
    }

    function appeal(uint256 caseId, uint8 party, uint256 proposalId) internal {
        vm.prank(address(voting));
        court.noteAppeal(caseId, party, proposalId);
    }

    function aClaim(uint256 caseId, uint8 party, string memory word) internal pure returns (Claim memory) {
        return Claim({
            community: COMMUNITY,
            caseId: caseId,
            party: party,
            readings: keccak256(bytes(word)),
            evidence: keccak256("evidence")
        });
    }

    function file(uint256 caseId, uint8 party, uint256 key, string memory word) internal {
        Claim memory claim = aClaim(caseId, party, word);
        court.fileClaim(claim, signClaim(key, claim));
    }

    function refuseClaim(uint256 caseId, uint8 party, uint256 key, address signer) internal {
        Claim memory claim = aClaim(caseId, party, "x");
        bytes memory signature = signClaim(key, claim);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.NotParty.selector, COMMUNITY, signer));
        court.fileClaim(claim, signature);
    }

    function refuseRuling(uint256 caseId, uint8 party, bytes32 reasons, bytes memory refusal) internal {
        vm.prank(ARBITER);
        vm.expectRevert(refusal);
        court.ruleCase(caseId, party, reasons);
    }

    function refuseFulfilment(uint256 caseId, bytes32 batchId, bytes32 latest) internal {
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(IArbitration.BatchNotLatest.selector, caseId, batchId, latest));
        court.fulfil(caseId, batchId);
    }

    /// @dev Whoever else the signature recovers to, it is not the member.
    function refuseOpening(CaseOpening memory opening, bytes memory signature) internal {
        (bool taken,) = address(court).call(abi.encodeCall(court.openCase, (opening, member, signature)));
        holds("refused", !taken);
    }

    function refuseOpening(CaseOpening memory opening, bytes memory refusal, uint256) internal {
        vm.prank(member);
        vm.expectRevert(refusal);
        court.openCase(opening, member, "");
    }

    function openingHash(CaseOpening memory o) internal pure returns (bytes32) {
        return keccak256(abi.encode(OPENING_TYPE, o.community, o.period, o.slot, o.first, o.until, o.paper));
    }

    function digestOf(address verifier, uint256 chainId, bytes32 structHash) internal pure returns (bytes32) {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN_TYPE, keccak256("Partage"), keccak256("1"), chainId, verifier));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function signOpening(uint256 key, address verifier, uint256 chainId, CaseOpening memory opening)
        internal
        pure
        returns (bytes memory)
    {
        return sign(key, digestOf(verifier, chainId, openingHash(opening)));
    }

    function signClaim(uint256 key, Claim memory c) internal view returns (bytes memory) {
        bytes32 structHash =
            keccak256(abi.encode(CLAIM_TYPE, c.community, c.caseId, c.party, c.readings, c.evidence));
        return sign(key, digestOf(address(court), block.chainid, structHash));
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
