/**
 * The published contracts' code, written by `scripts/make_published_code.py` from `contracts/artifacts`.
 *
 * @typedef {object} Published
 * @property {number} length Bytes of code.
 * @property {string} hash Of the code with zeros where immutables stand, 0x-hex.
 * @property {Readonly<Record<string, readonly number[]>>} immutables Where each stands, a word of 32 bytes every time.
 */

/** @type {Readonly<Record<string, Published>>} By the names of a bundle. */
export const PUBLISHED = {
  "registry": {
    "length": 11021,
    "hash": "0x96d9e7f3c231464fe731123fe4e64f20dbf92a4c72a069a082b5d6f478d403c3",
    "immutables": {
      "_cachedChainId": [
        8571
      ],
      "_cachedDomainSeparator": [
        8613
      ],
      "_cachedThis": [
        8529
      ],
      "_hashedName": [
        8694
      ],
      "_hashedVersion": [
        8734
      ],
      "_name": [
        7967
      ],
      "_version": [
        8015
      ],
      "periodBook": [
        549,
        1347
      ]
    }
  },
  "rule_book": {
    "length": 14922,
    "hash": "0x0214a0e807e61bfbb39a8be3d610845746194717a224cae2249b36ed32ee5abd",
    "immutables": {
      "periodBook": [
        194,
        4957
      ],
      "registry": [
        339,
        3151
      ]
    }
  },
  "period_book": {
    "length": 9848,
    "hash": "0x9d6de8c0ba998e92fd463503a43604cae52675f0aed84478ede1a9c6864d39df",
    "immutables": {
      "registry": [
        515,
        1459,
        5416
      ],
      "ruleBook": [
        364,
        3771
      ]
    }
  },
  "meter_data_ledger": {
    "length": 6995,
    "hash": "0xebfe2a95040ae34892a6a24033403433a39508d194c4f125252cb855d9a3dc18",
    "immutables": {
      "_cachedChainId": [
        4292
      ],
      "_cachedDomainSeparator": [
        4334
      ],
      "_cachedThis": [
        4250
      ],
      "_hashedName": [
        4415
      ],
      "_hashedVersion": [
        4455
      ],
      "_name": [
        3850
      ],
      "_version": [
        3898
      ],
      "periodBook": [
        152,
        836
      ],
      "registry": [
        272,
        2817
      ],
      "ruleBook": [
        233,
        3614
      ]
    }
  },
  "schedule_book": {
    "length": 2568,
    "hash": "0x63368c5aa75c83abc7f816748016868f106bfa71001c72caf26d7fc8febcc1cc",
    "immutables": {
      "registry": [
        364,
        553
      ]
    }
  },
  "settlement_ledger": {
    "length": 8655,
    "hash": "0x5a09129e327385b8811b4e29b5e7773e93e6ca4cfff5a1bf332758461e3b58b5",
    "immutables": {
      "contests": [
        874,
        1871
      ],
      "meterDataLedger": [
        340,
        4768
      ],
      "periodBook": [
        412,
        4383
      ],
      "registry": [
        540,
        2193
      ],
      "ruleBook": [
        501,
        2504,
        5676
      ],
      "scheduleBook": [
        259,
        6164,
        6465,
        6904
      ]
    }
  },
  "billing_ledger": {
    "length": 6682,
    "hash": "0xe62c5feed6dd4d423f356a291db2c0cf6cca4776968695c2469f4b5be03d12a1",
    "immutables": {
      "periodBook": [
        208,
        1950
      ],
      "registry": [
        347,
        1486,
        3380
      ],
      "ruleBook": [
        289,
        2290
      ],
      "settlementLedger": [
        450,
        547,
        1118,
        3635,
        4714
      ]
    }
  },
  "contests": {
    "length": 14491,
    "hash": "0x7f2440238fe07c8d046ffd543f2d3632b2cb6ea5452bcb3c4b185329742f5829",
    "immutables": {
      "periodBook": [
        251,
        486,
        1005
      ],
      "registry": [
        329,
        1974
      ],
      "ruleBook": [
        290,
        2462
      ],
      "scheduleBook": [
        131,
        5582
      ],
      "settlementLedger": [
        368,
        1432,
        1654,
        2839,
        4467
      ]
    }
  }
};
