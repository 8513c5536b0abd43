// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { ConfirmPoint, Point } from "../../contracts/types/Points.sol";
import { Signing } from "./support/Signing.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract CommunityRegistryTest is World {
    address private constant HOLDER = address(0x401);

    function test_a_community_is_created_once() public {
        vm.prank(founderOf(COMMUNITY));
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.CommunityExists.selector, COMMUNITY, steward)
        );
        registry.createCommunity(COMMUNITY, stranger);
        same("steward", registry.stewardOf(COMMUNITY), steward);
    }

    function test_an_id_cannot_be_taken_by_who_sees_it_under_way() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.CommunityOfAnother.selector, ROOT, stranger)
        );
        registry.createCommunity(ROOT, stranger);
        vm.prank(founderOf(ROOT));
        registry.createCommunity(ROOT, steward);
        same("steward", registry.stewardOf(ROOT), steward);
    }

    function test_a_community_needs_a_steward() public {
        vm.prank(founderOf(ROOT));
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.StewardMissing.selector, ROOT));
        registry.createCommunity(ROOT, address(0));
    }

    function test_stewardship_passes_when_it_is_accepted() public {
        vm.prank(steward);
        registry.offerStewardship(COMMUNITY, HOLDER);
        same("still the former", registry.stewardOf(COMMUNITY), steward);
        vm.prank(HOLDER);
        registry.acceptStewardship(COMMUNITY);
        same("the new one", registry.stewardOf(COMMUNITY), HOLDER);
        vm.prank(HOLDER);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.StewardshipNotOffered.selector, COMMUNITY, HOLDER)
        );
        registry.acceptStewardship(COMMUNITY);
    }

    function test_stewardship_that_was_not_offered_cannot_be_accepted() public {
        vm.prank(steward);
        registry.offerStewardship(COMMUNITY, HOLDER);
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.StewardshipNotOffered.selector, COMMUNITY, stranger)
        );
        registry.acceptStewardship(COMMUNITY);
    }

    function test_only_the_steward_rules() public {
        bytes memory refusal =
            abi.encodeWithSelector(ICommunityRegistry.NotSteward.selector, COMMUNITY, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.grantRole(COMMUNITY, 4, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.revokeRole(COMMUNITY, 4, settler);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.grantSeat(COMMUNITY, 0, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.revokeSeat(COMMUNITY, 0);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.offerStewardship(COMMUNITY, stranger);
    }

    function test_a_role_of_one_community_is_none_in_another() public {
        vm.prank(founderOf(ROOT));
        registry.createCommunity(ROOT, steward);
        holds("settler here", registry.hasRole(COMMUNITY, 4, settler));
        holds("not there", !registry.hasRole(ROOT, 4, settler));
        holds("no other role", !registry.hasRole(COMMUNITY, 1, settler));
    }

    function test_a_role_that_was_revoked_is_gone() public {
        vm.prank(steward);
        registry.revokeRole(COMMUNITY, 4, settler);
        holds("gone", !registry.hasRole(COMMUNITY, 4, settler));
        vm.prank(steward);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 4, settler)
        );
        registry.revokeRole(COMMUNITY, 4, settler);
    }

    function test_refuses_roles_that_do_not_exist() public {
        vm.prank(steward);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.RoleUnknown.selector, 0));
        registry.grantRole(COMMUNITY, 0, stranger);
        vm.prank(steward);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.RoleUnknown.selector, 7));
        registry.grantRole(COMMUNITY, 7, stranger);
    }

    function test_the_zero_address_gets_neither_role_nor_seat() public {
        bytes memory refusal = abi.encodeWithSelector(ICommunityRegistry.HolderMissing.selector, COMMUNITY);
        vm.prank(steward);
        vm.expectRevert(refusal);
        registry.grantRole(COMMUNITY, 1, address(0));
        confirm(aPoint(0));
        vm.prank(steward);
        vm.expectRevert(refusal);
        registry.grantSeat(COMMUNITY, 0, address(0));
    }

    function test_keeps_each_confirmed_point() public {
        ConfirmPoint[] memory points = thePoints();
        points[1].factorPpm = 250_000;
        points[2].fromDay = 3;
        confirm(points);
        Point memory feedIn = registry.point(COMMUNITY, PERIOD, 1);
        same("direction", feedIn.direction, 1);
        same("factor", feedIn.factorPpm, 250_000);
        same("tag", feedIn.tag, points[1].tag);
        Point[] memory all = registry.allPoints(COMMUNITY, PERIOD);
        same("slots", all.length, 3);
        same("from", all[2].fromDay, 3);
        same("until", all[2].untilDay, DAYS);
        same("none elsewhere", registry.allPoints(COMMUNITY, PERIOD + 1).length, 0);
    }

    function test_refuses_points_that_no_operator_of_the_community_signed() public {
        ConfirmPoint[] memory points = thePoints();
        bytes memory signature = Signing.points(IMPORTER_KEY, address(registry), COMMUNITY, PERIOD, points);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 1, importer)
        );
        registry.confirmPoints(COMMUNITY, PERIOD, points, signature);
    }

    function test_refuses_a_signature_made_for_another_contract_or_altered_points() public {
        ConfirmPoint[] memory points = thePoints();
        bytes memory elsewhere = Signing.points(OPERATOR_KEY, address(this), COMMUNITY, PERIOD, points);
        holds("other contract", !accepts(points, elsewhere));
        bytes memory signature = signed(points);
        points[1].factorPpm = 999_999;
        holds("altered", !accepts(points, signature));
        points[1].factorPpm = 1_000_000;
        holds("as signed", accepts(points, signature));
    }

    function test_refuses_a_signature_that_is_none() public {
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 3));
        registry.confirmPoints(COMMUNITY, PERIOD, thePoints(), hex"010203");
    }

    function test_refuses_the_other_signature_that_the_curve_allows() public {
        ConfirmPoint[] memory points = thePoints();
        bytes memory signature = signed(points);
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 mirrored = bytes32(order - uint256(s));
        uint8 v = uint8(signature[64]) == 27 ? 28 : 27;
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, mirrored));
        registry.confirmPoints(COMMUNITY, PERIOD, points, abi.encodePacked(r, mirrored, v));
    }

    function test_refuses_an_empty_chunk() public {
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.PointsMissing.selector, COMMUNITY, PERIOD));
        registry.confirmPoints(COMMUNITY, PERIOD, new ConfirmPoint[](0), "");
    }

    function test_refuses_a_slot_twice() public {
        confirm(aPoint(0));
        ConfirmPoint memory again = aPoint(0);
        again.tag = keccak256("other");
        refuse(
            again,
            abi.encodeWithSelector(ICommunityRegistry.SlotConfirmedTwice.selector, COMMUNITY, PERIOD, 0)
        );
    }

    function test_refuses_a_meter_twice_in_one_community_and_period() public {
        ConfirmPoint memory half = aPoint(0);
        half.factorPpm = 1;
        confirm(half);
        ConfirmPoint memory again = aPoint(1);
        (again.tag, again.factorPpm) = (half.tag, 1);
        refuse(
            again,
            abi.encodeWithSelector(ICommunityRegistry.TagConfirmedTwice.selector, COMMUNITY, PERIOD, half.tag)
        );
        again.period = PERIOD + 40;
        confirm(again);
    }

    function test_factors_of_a_meter_sum_to_at_most_one_over_all_communities() public {
        bytes32 other = keccak256("other street");
        found(other);
        ConfirmPoint memory here = aPoint(0);
        here.factorPpm = 600_000;
        confirm(here);
        ConfirmPoint memory there = here;
        there.community = other;
        there.factorPpm = 400_001;
        refuse(
            there,
            abi.encodeWithSelector(ICommunityRegistry.ParticipationAboveOne.selector, here.tag, 1_000_001)
        );
        there.factorPpm = 400_000;
        confirm(there);
    }

    function test_a_stranger_who_sees_a_tag_under_way_cannot_take_up_its_participation() public {
        bytes32 theirs = bytes32(uint256(uint160(stranger)));
        vm.prank(stranger);
        registry.createCommunity(theirs, stranger);
        vm.prank(stranger);
        registry.grantRole(theirs, 1, stranger);
        ConfirmPoint memory seen = aPoint(0);
        seen.community = theirs;
        ConfirmPoint[] memory list = only(seen);
        registry.confirmPoints(
            theirs, PERIOD, list, Signing.points(STRANGER_KEY, address(registry), theirs, PERIOD, list)
        );
        confirm(aPoint(0));
        same("tag", registry.point(COMMUNITY, PERIOD, 0).tag, seen.tag);
    }

    function test_refuses_points_that_are_malformed() public {
        ConfirmPoint memory p = aPoint(0);
        p.factorPpm = 0;
        refuse(p, abi.encodeWithSelector(ICommunityRegistry.FactorOutOfRange.selector, 0, 0));
        p.factorPpm = 1_000_001;
        refuse(p, abi.encodeWithSelector(ICommunityRegistry.FactorOutOfRange.selector, 0, 1_000_001));
        p = aPoint(0);
        p.direction = 2;
        refuse(p, abi.encodeWithSelector(ICommunityRegistry.DirectionUnknown.selector, 0, 2));
        p = aPoint(0);
        p.fromDay = DAYS;
        refuse(p, abi.encodeWithSelector(ICommunityRegistry.ActiveDaysEmpty.selector, 0, DAYS, DAYS));
        p = aPoint(1920);
        refuse(p, abi.encodeWithSelector(ICommunityRegistry.SlotTooHigh.selector, 1920, 1920));
    }

    function test_refuses_a_point_of_another_community_or_period_in_the_chunk() public {
        ConfirmPoint[] memory points = thePoints();
        points[1].period = PERIOD + 1;
        bytes memory signature = signed(points);
        vm.expectRevert(
            abi.encodeWithSelector(ICommunityRegistry.PointElsewhere.selector, 1, COMMUNITY, PERIOD + 1)
        );
        registry.confirmPoints(COMMUNITY, PERIOD, points, signature);
        points = thePoints();
        points[2].community = ROOT;
        signature = signed(points);
        vm.expectRevert(abi.encodeWithSelector(ICommunityRegistry.PointElsewhere.selector, 2, ROOT, PERIOD));
        registry.confirmPoints(COMMUNITY, PERIOD, points, signature);
    }

    function test_points_of_an_open_period_are_sealed() public {
        openAll(aRule());
        refuse(aPoint(3), abi.encodeWithSelector(ICommunityRegistry.PointsSealed.selector, COMMUNITY, PERIOD));
    }

    function refuse(ConfirmPoint memory point, bytes memory refusal) private {
        ConfirmPoint[] memory points = only(point);
        bytes memory signature = signed(points);
        vm.expectRevert(refusal);
        registry.confirmPoints(point.community, point.period, points, signature);
    }

    function accepts(ConfirmPoint[] memory points, bytes memory signature) private returns (bool) {
        try registry.confirmPoints(COMMUNITY, PERIOD, points, signature) {
            return true;
        } catch {
            return false;
        }
    }
}
