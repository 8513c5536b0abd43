// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Identifiers } from "../../contracts/libraries/Identifiers.sol";
import { FlowCosts } from "../../contracts/libraries/FlowCosts.sol";
import { Leaves } from "../../contracts/libraries/Leaves.sol";
import { Salts } from "../../contracts/libraries/Salts.sol";
import { Tree } from "../../contracts/libraries/Tree.sol";
import { Vectors } from "./support/Vectors.sol";
import { vm } from "./support/Vm.sol";

contract LeafVectorsTest is Vectors {
    function test_leaves_have_the_hashes_of_the_vectors() public view {
        string memory json = load("leaves");
        uint256 n = count(json, ".cases");
        uint256 kinds;
        for (uint256 i; i < n; ++i) {
            uint256 kind = number(json, entryOf(".cases", i, "kind"));
            string memory fields = entryOf(".cases", i, "fields");
            same(entryOf("leaf", i), leafHash(json, fields, kind), hash(json, entryOf(".cases", i, "hash")));
            kinds |= 1 << kind;
        }
        same("each kind", kinds, 0xfffe);
    }

    function test_salts_are_those_of_the_vectors() public view {
        string memory json = load("salts");
        uint256 n = count(json, ".cases");
        for (uint256 i; i < n; ++i) {
            string memory entry = entryOf(".cases", i);
            bytes16 salt = Salts.salt(
                hash(json, string.concat(entry, ".key")),
                Salts.Place({
                    community: hash(json, string.concat(entry, ".community")),
                    id: hash(json, string.concat(entry, ".id")),
                    kind: uint8(number(json, string.concat(entry, ".kind"))),
                    slot: uint32(number(json, string.concat(entry, ".slot"))),
                    day: uint16(number(json, string.concat(entry, ".day"))),
                    t: uint16(number(json, string.concat(entry, ".t")))
                })
            );
            same("salt", salt, bytes16(data(json, string.concat(entry, ".salt"))));
        }
    }

    function test_identifiers_are_those_of_the_vectors() public view {
        string memory json = load("identifiers");
        uint256 n = count(json, ".cases");
        uint256 kinds;
        for (uint256 i; i < n; ++i) {
            bytes32 kind = keccak256(bytes(vm.parseJsonString(json, entryOf(".cases", i, "kind"))));
            (bytes32 found, uint256 bit) = identifier(json, entryOf(".cases", i), kind);
            same(entryOf("identifier", i), found, hash(json, entryOf(".cases", i, "id")));
            kinds |= bit;
        }
        same("each kind", kinds, 63);
    }

    function test_depths_are_those_of_the_vectors() public view {
        string memory json = load("shapes");
        uint256 n = count(json, ".cases");
        for (uint256 i; i < n; ++i) {
            uint256[] memory intervals = numbers(json, entryOf(".cases", i, "intervals"));
            uint256 longest;
            for (uint256 d; d < intervals.length; ++d) {
                if (intervals[d] > longest) longest = intervals[d];
            }
            uint256 slots = number(json, entryOf(".cases", i, "slots"));
            same("slots", Tree.depth(slots), number(json, entryOf(".cases", i, "slot_depth")));
            same("days", Tree.depth(intervals.length), number(json, entryOf(".cases", i, "day_depth")));
            same("intervals", Tree.depth(longest), number(json, entryOf(".cases", i, "interval_depth")));
            same("stairs", Tree.depth((slots + 3) / 4), number(json, entryOf(".cases", i, "stair_depth")));
        }
    }

    function test_paths_climb_to_the_roots_of_the_vectors() public view {
        string memory json = load("trees");
        uint256 n = count(json, ".cases");
        uint256 climbed;
        for (uint256 i; i < n; ++i) {
            bytes32 root = hash(json, entryOf(".cases", i, "root"));
            uint256 depth = number(json, entryOf(".cases", i, "depth"));
            string memory paths = entryOf(".cases", i, "paths");
            for (uint256 j; vm.keyExistsJson(json, entryOf(paths, j)); ++j) {
                bytes32 leaf = hash(json, entryOf(paths, j, "leaf"));
                climbed += climbTo(json, entryOf(paths, j), leaf, depth, root);
            }
            string memory subtrees = entryOf(".cases", i, "subtrees");
            for (uint256 j; vm.keyExistsJson(json, entryOf(subtrees, j)); ++j) {
                bytes32 top = hash(json, entryOf(subtrees, j, "root"));
                uint256 above = depth - number(json, entryOf(subtrees, j, "level"));
                climbed += climbTo(json, entryOf(subtrees, j), top, above, root);
            }
        }
        holds("paths there are", climbed > n);
    }

    /// @dev Memory to call data, as the contracts receive paths.
    function climb(bytes32 leaf, uint256 index, bytes32[] calldata path, uint256 levels)
        external
        pure
        returns (bytes32)
    {
        return Tree.climb(leaf, index, path, levels);
    }

    function climbTo(string memory json, string memory key, bytes32 leaf, uint256 levels, bytes32 root)
        private
        view
        returns (uint256)
    {
        bytes32[] memory path = levels == 0 ? new bytes32[](0) : hashes(json, string.concat(key, ".path"));
        uint256 index = number(json, string.concat(key, ".index"));
        same(key, this.climb(leaf, index, path, levels), root);
        return 1;
    }

    function identifier(string memory json, string memory key, bytes32 kind)
        private
        pure
        returns (bytes32, uint256)
    {
        if (kind == keccak256("tag")) {
            bytes memory meter = bytes(vm.parseJsonString(json, string.concat(key, ".number")));
            return (Identifiers.tag(hash(json, string.concat(key, ".nonce")), meter), 1);
        }
        if (kind == keccak256("source")) return (sourceId(json, key), 2);
        bytes32 community = hash(json, string.concat(key, ".community"));
        uint32 period = uint32(number(json, string.concat(key, ".period")));
        if (kind == keccak256("terms")) return (Identifiers.termsId(community, period), 4);
        uint32 version = uint32(number(json, string.concat(key, ".version")));
        if (kind == keccak256("run")) return (Identifiers.runId(community, period, version), 8);
        if (kind == keccak256("schedule")) return (Identifiers.scheduleId(community, period, version), 32);
        address signer = vm.parseJsonAddress(json, string.concat(key, ".signer"));
        return (Identifiers.batchId(community, period, version, signer), 16);
    }

    function sourceId(string memory json, string memory key) private pure returns (bytes32) {
        bytes[] memory files = vm.parseJsonBytesArray(json, string.concat(key, ".files"));
        bytes memory joined;
        for (uint256 i; i < files.length; ++i) {
            joined = bytes.concat(joined, keccak256(files[i]));
        }
        bytes32 fileHash = files.length == 1 ? bytes32(joined) : keccak256(joined);
        return Identifiers.source(hash(json, string.concat(key, ".salt")), fileHash);
    }

    function leafHash(string memory json, string memory f, uint256 kind) private view returns (bytes32) {
        if (kind == Leaves.HEADER) return header(json, f);
        if (kind == Leaves.STAIR) return Leaves.stair(stair(json, f), rounds(json, f));
        if (kind == Leaves.ROW) return row(json, f);
        if (kind == Leaves.PERIOD) {
            bytes32 links_ = hash(json, string.concat(f, ".links"));
            return Leaves.period(Leaves.Period(saltOf(json, f), totals(json, f), links_));
        }
        if (kind == Leaves.PERIOD_STAIR) return Leaves.periodStair(stair(json, f));
        if (kind == Leaves.BILL) return bill(json, f);
        if (kind == Leaves.BILL_STAIR) return billStair(json, f);
        if (kind == Leaves.READING) {
            return Leaves.reading(
                saltOf(json, f),
                field(json, f, "energy"),
                uint8(field(json, f, "quality")),
                uint8(field(json, f, "source"))
            );
        }
        if (kind == Leaves.READING_STAIR) {
            return Leaves.readingStair(
                saltOf(json, f),
                field(json, f, "measured"),
                field(json, f, "estimated"),
                field(json, f, "missing")
            );
        }
        if (kind == Leaves.CLASS) {
            return Leaves.class(
                saltOf(json, f), uint8(field(json, f, "vat_class")), uint8(field(json, f, "network_class"))
            );
        }
        if (kind == Leaves.COEFFICIENT) {
            return Leaves.coefficient(saltOf(json, f), uint32(field(json, f, "coefficient_ppm")));
        }
        if (kind == Leaves.LINKS) return Leaves.links(saltOf(json, f), links(json, f));
        if (kind == FlowCosts.COST) {
            return FlowCosts.cost(
                FlowCosts.Cost({
                    salt: saltOf(json, f),
                    weight: int64(vm.parseJsonInt(json, string.concat(f, ".weight"))),
                    cap: field(json, f, "cap")
                })
            );
        }
        return kind == FlowCosts.SCALE ? scale(json, f) : detail(json, f);
    }

    function scale(string memory json, string memory f) private pure returns (bytes32) {
        return FlowCosts.scale(
            FlowCosts.Scale({
                salt: saltOf(json, f),
                shared: field(json, f, "shared"),
                consumerStep: field(json, f, "consumer_step"),
                producerStep: field(json, f, "producer_step"),
                steps: uint32(field(json, f, "steps"))
            })
        );
    }

    function header(string memory json, string memory f) private view returns (bytes32) {
        return Leaves.header(
            Leaves.Header({
                feedIn: field(json, f, "P"),
                consumption: field(json, f, "C"),
                allocated: field(json, f, "A"),
                value: field(json, f, "V"),
                tau: uint32(field(json, f, "tau")),
                band: uint8(field(json, f, "band")),
                rounds: rounds(json, f)
            })
        );
    }

    function stair(string memory json, string memory f) private pure returns (Leaves.Stair memory) {
        return Leaves.Stair({
            salt: saltOf(json, f),
            feedIn: field(json, f, "P"),
            consumption: field(json, f, "C"),
            allocated: field(json, f, "A"),
            shared: field(json, f, "S")
        });
    }

    function row(string memory json, string memory f) private view returns (bytes32) {
        Leaves.Row memory leaf = Leaves.Row({
            salt: saltOf(json, f),
            energy: field(json, f, "energy"),
            allocated: field(json, f, "allocated"),
            quality: uint8(field(json, f, "quality")),
            totals: totals(json, f)
        });
        string memory key = string.concat(f, ".detail");
        return vm.keyExistsJson(json, key) ? Leaves.flowRow(leaf, hash(json, key)) : Leaves.row(leaf);
    }

    function links(string memory json, string memory f) private view returns (Leaves.Link[] memory list) {
        string memory key = string.concat(f, ".links");
        list = new Leaves.Link[](sizeOf(json, key));
        for (uint256 i; i < list.length; ++i) {
            uint256[] memory x = numbers(json, entryOf(key, i));
            list[i] = Leaves.Link(uint32(x[0]), uint64(x[1]), uint64(x[2]), uint8(x[3]));
        }
    }

    function detail(string memory json, string memory f) private view returns (bytes32) {
        string memory key = string.concat(f, ".links");
        Leaves.Flow[] memory list = new Leaves.Flow[](sizeOf(json, key));
        for (uint256 i; i < list.length; ++i) {
            uint256[] memory x = numbers(json, entryOf(key, i));
            list[i] = Leaves.Flow(uint32(x[0]), uint64(x[1]));
        }
        int256 potential = vm.parseJsonInt(json, string.concat(f, ".potential"));
        return Leaves.detail(Leaves.Detail(saltOf(json, f), int64(potential), list));
    }

    function bill(string memory json, string memory f) private pure returns (bytes32) {
        Leaves.Bill memory leaf;
        leaf.salt = saltOf(json, f);
        uint256[] memory lines = numbers(json, string.concat(f, ".lines"));
        same("thirteen lines", lines.length, 13);
        for (uint256 i; i < 13; ++i) {
            leaf.lines[i] = uint64(lines[i]);
        }
        (leaf.vatDebit, leaf.vatCredit) = (field(json, f, "vat_debit"), field(json, f, "vat_credit"));
        (leaf.debit, leaf.credit) = (field(json, f, "debit"), field(json, f, "credit"));
        return Leaves.bill(leaf);
    }

    function billStair(string memory json, string memory f) private pure returns (bytes32) {
        return Leaves.billStair(
            Leaves.BillStair({
                salt: saltOf(json, f),
                debits: field(json, f, "debits"),
                credits: field(json, f, "credits"),
                fees: field(json, f, "fees"),
                vatDebits: field(json, f, "vat_debits"),
                vatCredits: field(json, f, "vat_credits")
            })
        );
    }

    function rounds(string memory json, string memory f) private view returns (Leaves.Round[] memory list) {
        string memory key = string.concat(f, ".rounds");
        list = new Leaves.Round[](sizeOf(json, key));
        for (uint256 i; i < list.length; ++i) {
            uint256[] memory pair = numbers(json, entryOf(key, i));
            list[i] = Leaves.Round(uint64(pair[0]), uint64(pair[1]));
        }
    }

    function totals(string memory json, string memory f) private pure returns (uint64[10] memory list) {
        for (uint256 band; band < 4; ++band) {
            uint256[] memory pair = numbers(json, entryOf(string.concat(f, ".bands"), band));
            (list[2 * band], list[2 * band + 1]) = (uint64(pair[0]), uint64(pair[1]));
        }
        (list[8], list[9]) = (field(json, f, "value"), field(json, f, "credited"));
    }

    function saltOf(string memory json, string memory f) private pure returns (bytes16) {
        return bytes16(data(json, string.concat(f, ".salt")));
    }

    function field(string memory json, string memory f, string memory name) private pure returns (uint64) {
        return uint64(number(json, string.concat(f, ".", name)));
    }
}
