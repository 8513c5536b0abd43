// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ICommunityRegistry } from "../../contracts/interfaces/ICommunityRegistry.sol";
import { IMeterDataLedger } from "../../contracts/interfaces/IMeterDataLedger.sol";
import { IPeriodBook } from "../../contracts/interfaces/IPeriodBook.sol";
import { Batch, BatchRecord } from "../../contracts/types/Batches.sol";
import { Opening } from "../../contracts/types/Periods.sol";
import { ConfirmPoint } from "../../contracts/types/Points.sol";
import { Rule } from "../../contracts/types/Rules.sol";
import { Signing } from "./support/Signing.sol";
import { World } from "./support/World.sol";
import { vm } from "./support/Vm.sol";

contract MeterDataLedgerTest is World {
    function setUp() public override {
        super.setUp();
        openAll(aRule());
    }

    function test_keeps_a_measured_batch_under_the_id_of_its_signer() public {
        Batch memory batch = aBatch();
        (batch.measured, batch.estimated, batch.missing) = (READINGS - 12, 10, 2);
        bytes32 batchId = submit(batch);
        same("id", batchId, keccak256(abi.encodePacked(hex"2202", COMMUNITY, PERIOD, uint32(1), operator)));
        BatchRecord memory kept = meterDataLedger.batch(batchId);
        same("community", kept.community, COMMUNITY);
        same("period", kept.period, PERIOD);
        same("version", kept.version, 1);
        same("label", kept.label, 0);
        same("signer", kept.signer, operator);
        same("measured", kept.measured, READINGS - 12);
        same("estimated", kept.estimated, 10);
        same("missing", kept.missing, 2);
        same("time", kept.submittedAt, block.timestamp);
        same("root", kept.root, ROOT);
    }

    function test_an_imported_batch_is_signed_by_an_importer_and_names_its_file() public {
        Batch memory batch = aBatch();
        batch.label = 1;
        refuse(
            batch,
            IMPORTER_KEY,
            abi.encodeWithSelector(IMeterDataLedger.BatchSourceMissing.selector, COMMUNITY, PERIOD)
        );
        batch.source = keccak256("file");
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 3, operator)
        );
        meterDataLedger.submitBatch(batch, Signing.batch(IMPORTER_KEY, address(meterDataLedger), batch));
        same("signer", meterDataLedger.batch(meterDataLedger.latestBatch(COMMUNITY, PERIOD)).signer, importer);
    }

    function test_a_measured_batch_is_signed_by_a_grid_operator() public {
        refuse(
            aBatch(),
            IMPORTER_KEY,
            abi.encodeWithSelector(ICommunityRegistry.RoleMissing.selector, COMMUNITY, 1, importer)
        );
    }

    function test_refuses_labels_that_do_not_exist() public {
        Batch memory batch = aBatch();
        batch.label = 2;
        refuse(batch, OPERATOR_KEY, abi.encodeWithSelector(IMeterDataLedger.BatchLabelUnknown.selector, 2));
    }

    function test_a_signature_counts_on_its_chain_and_for_its_contract_only() public {
        Batch memory batch = aBatch();
        holds(
            "other chain",
            !accepts(batch, Signing.batchOnChain(OPERATOR_KEY, address(meterDataLedger), 1, batch))
        );
        holds("other contract", !accepts(batch, Signing.batch(OPERATOR_KEY, address(registry), batch)));
        holds("this one", accepts(batch, Signing.batch(OPERATOR_KEY, address(meterDataLedger), batch)));
    }

    function test_a_signature_counts_for_no_other_word_of_the_batch() public {
        bytes memory signature = Signing.batch(OPERATOR_KEY, address(meterDataLedger), aBatch());
        Batch memory batch = aBatch();
        batch.root = keccak256("other");
        holds("root", !accepts(batch, signature));
        batch = aBatch();
        (batch.measured, batch.estimated) = (READINGS - 1, 1);
        holds("counts", !accepts(batch, signature));
        batch = aBatch();
        batch.source = keccak256("other");
        holds("source", !accepts(batch, signature));
        holds("as signed", accepts(aBatch(), signature));
    }

    function test_refuses_a_batch_sent_twice() public {
        Batch memory batch = aBatch();
        submit(batch);
        refuse(batch, OPERATOR_KEY, abi.encodeWithSelector(IMeterDataLedger.BatchVersionWrong.selector, 1, 2));
    }

    function test_each_version_names_its_predecessor() public {
        bytes32 first = submit(aBatch());
        Batch memory batch = aBatch();
        batch.predecessor = bytes32(0);
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.BatchPredecessorWrong.selector, 0, first)
        );
        batch.version = 3;
        refuse(batch, OPERATOR_KEY, abi.encodeWithSelector(IMeterDataLedger.BatchVersionWrong.selector, 3, 2));
        bytes32 next = submit(aBatch());
        same("second", meterDataLedger.batch(next).version, 2);
        same("the first stays", meterDataLedger.batch(first).version, 1);
    }

    function test_the_first_version_has_no_predecessor() public {
        Batch memory batch = aBatch();
        batch.predecessor = ROOT;
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.BatchPredecessorWrong.selector, ROOT, 0)
        );
    }

    function test_refuses_a_batch_that_is_not_complete() public {
        Batch memory batch = aBatch();
        batch.measured = READINGS - 1;
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.BatchIncomplete.selector, READINGS, READINGS - 1)
        );
        batch.missing = 2;
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.BatchIncomplete.selector, READINGS, READINGS + 1)
        );
    }

    function test_refuses_a_batch_above_a_voted_limit_by_its_number() public {
        // 5 % of 2,160 is 108; 1 % is 21.6.
        refuseCounts(109, 0, 1, 50_462, 50_000);
        refuseCounts(0, 22, 2, 10_185, 10_000);
        Batch memory batch = aBatch();
        (batch.measured, batch.estimated, batch.missing) = (READINGS - 129, 108, 21);
        submit(batch);
    }

    function test_refuses_a_batch_without_a_root_or_an_open_period() public {
        Batch memory batch = aBatch();
        batch.root = bytes32(0);
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.BatchRootMissing.selector, COMMUNITY, PERIOD)
        );
        batch = aBatch();
        batch.period = PERIOD + 100;
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IPeriodBook.PeriodNotOpen.selector, COMMUNITY, PERIOD + 100)
        );
    }

    function test_where_gaps_go_back_to_the_operator_no_reading_is_missing() public {
        Rule memory rule = aRule();
        (rule.effectiveFrom, rule.limits.gaps) = (PERIOD + DAYS, 2);
        schedule(rule);
        ConfirmPoint memory point = aPoint(0);
        point.period = PERIOD + DAYS;
        confirm(point);
        Opening memory opening = anOpening();
        (opening.ruleVersion, opening.slots, opening.seats) = (2, 1, new uint32[](1));
        opening.startUtc += uint64(DAYS) * 1 days;
        opening.pointsHash = pointsHash(only(point));
        vm.prank(settler);
        periodBook.openPeriod(COMMUNITY, PERIOD + DAYS, opening);
        Batch memory batch = aBatch();
        (batch.period, batch.version, batch.predecessor) = (PERIOD + DAYS, 1, 0);
        (batch.measured, batch.missing) = (READINGS / 3 - 1, 1);
        // One of 720 is 1,388 ppm, which the limit of 10,000 would allow.
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.ConformityLimitExceeded.selector, 2, 1388, 0, 2)
        );
        (batch.measured, batch.missing) = (READINGS / 3, 0);
        meterDataLedger.submitBatch(batch, Signing.batch(OPERATOR_KEY, address(meterDataLedger), batch));
        (batch.version, batch.predecessor) = (2, meterDataLedger.latestBatch(COMMUNITY, PERIOD + DAYS));
        (batch.measured, batch.estimated) = (READINGS / 3 - 37, 37);
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.ConformityLimitExceeded.selector, 1, 51388, 50_000, 2)
        );
    }

    function refuseCounts(uint64 estimated, uint64 missing, uint8 rule, uint256 value, uint256 limit)
        private
    {
        Batch memory batch = aBatch();
        (batch.measured, batch.estimated, batch.missing) =
        (READINGS - estimated - missing, estimated, missing);
        refuse(
            batch,
            OPERATOR_KEY,
            abi.encodeWithSelector(IMeterDataLedger.ConformityLimitExceeded.selector, rule, value, limit, 0)
        );
    }

    function refuse(Batch memory batch, uint256 key, bytes memory refusal) private {
        bytes memory signature = Signing.batch(key, address(meterDataLedger), batch);
        vm.expectRevert(refusal);
        meterDataLedger.submitBatch(batch, signature);
    }

    function accepts(Batch memory batch, bytes memory signature) private returns (bool) {
        try meterDataLedger.submitBatch(batch, signature) {
            return true;
        } catch {
            return false;
        }
    }
}
