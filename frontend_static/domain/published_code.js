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
    "length": 21748,
    "hash": "0x26e01187ceb388622e1a6a93486b8feec9b7074435bc3933b4febab94f180979",
    "immutables": {
      "_cachedChainId": [
        14919
      ],
      "_cachedDomainSeparator": [
        14961
      ],
      "_cachedThis": [
        14877
      ],
      "_hashedName": [
        15042
      ],
      "_hashedVersion": [
        15082
      ],
      "_name": [
        13129
      ],
      "_version": [
        13172
      ],
      "periodBook": [
        1238,
        2937
      ]
    }
  },
  "rule_book": {
    "length": 16681,
    "hash": "0x85ec0529c338f41c6a815f09bf4cc5a7083ed5d3209f4c372badf6537d9988d2",
    "immutables": {
      "periodBook": [
        279,
        5907
      ],
      "registry": [
        459,
        1604
      ]
    }
  },
  "period_book": {
    "length": 10696,
    "hash": "0xda2810a9f34b0f29c2e6b45b18bb14b3163956b7467b70d3a41b20e319b1c8fe",
    "immutables": {
      "registry": [
        526,
        1337,
        5235
      ],
      "ruleBook": [
        375,
        3887
      ]
    }
  },
  "meter_data_ledger": {
    "length": 7654,
    "hash": "0x34651bdffa46237e21ef58e1e45be36c532a7cad28de2ae10da0e7457ee17ec9",
    "immutables": {
      "_cachedChainId": [
        4894
      ],
      "_cachedDomainSeparator": [
        4936
      ],
      "_cachedThis": [
        4852
      ],
      "_hashedName": [
        5017
      ],
      "_hashedVersion": [
        5057
      ],
      "_name": [
        4569
      ],
      "_version": [
        4617
      ],
      "pauseBook": [
        442,
        890
      ],
      "periodBook": [
        189,
        989
      ],
      "registry": [
        357,
        3230
      ],
      "ruleBook": [
        270,
        4020
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
    "length": 12484,
    "hash": "0x292e403adedd51b3545bff3f7835e8a4cf289301845a2d0f2b8693ab610b1cbc",
    "immutables": {
      "bonds": [
        441,
        6071
      ],
      "contests": [
        1602,
        7367
      ],
      "demands": [
        1672,
        3132,
        7666
      ],
      "inputContests": [
        750,
        7426
      ],
      "linkContests": [
        1454,
        7606
      ],
      "meterDataLedger": [
        654,
        8558
      ],
      "pauseBook": [
        1551,
        2629,
        2806,
        4304
      ],
      "periodBook": [
        852,
        8173
      ],
      "registry": [
        1047,
        4401,
        6707,
        6890,
        7071,
        7252
      ],
      "ruleBook": [
        965,
        4673,
        9433
      ],
      "scheduleBook": [
        603,
        9921,
        10209,
        10622
      ],
      "stairContests": [
        552,
        7546
      ],
      "sumContests": [
        801,
        7486
      ]
    }
  },
  "billing_ledger": {
    "length": 10284,
    "hash": "0xa595f181f57378a16df71df5a5f600c700906d439adcb35cdd2298eaf47104fb",
    "immutables": {
      "billContests": [
        910,
        1909
      ],
      "bonds": [
        282,
        4999,
        8046,
        8233
      ],
      "inputContests": [
        425,
        1972
      ],
      "pauseBook": [
        859,
        1215,
        1578,
        2577,
        5325
      ],
      "periodBook": [
        476,
        3523
      ],
      "registry": [
        609,
        3032,
        5422
      ],
      "ruleBook": [
        527,
        3872
      ],
      "settlementLedger": [
        961,
        1058,
        2189,
        2664,
        5168,
        6292,
        6987
      ]
    }
  },
  "contests": {
    "length": 14645,
    "hash": "0xe52544d48542b64b6fdc29b1e88d2088ed79ad74216ef5b6894a18d70b6bb568",
    "immutables": {
      "periodBook": [
        251,
        486,
        1005
      ],
      "registry": [
        329,
        1980
      ],
      "ruleBook": [
        290,
        2468
      ],
      "scheduleBook": [
        131,
        5594
      ],
      "settlementLedger": [
        368,
        1438,
        1660,
        2845,
        4479
      ]
    }
  },
  "bill_contests": {
    "length": 19122,
    "hash": "0xe824f7618dfd33957784f91523ee9e5aff71eff7f6447362d182c657b4d345ef",
    "immutables": {
      "billingLedger": [
        301,
        1180,
        1670,
        2095,
        2662,
        8320
      ],
      "periodBook": [
        163,
        516,
        1382,
        4198,
        5784,
        7512,
        8717,
        8924,
        9523,
        10513
      ],
      "registry": [
        340,
        9861,
        12796
      ],
      "ruleBook": [
        243,
        2343
      ],
      "settlementLedger": [
        398,
        6580
      ]
    }
  },
  "demands": {
    "length": 13016,
    "hash": "0x38ccbef0669c73758d0b162656a6e583818cfb804e80df709f42c0329a3b0dc8",
    "immutables": {
      "bonds": [
        227,
        2647,
        3665,
        6415
      ],
      "pauseBook": [
        605,
        4916
      ],
      "periodBook": [
        384,
        1376,
        4195,
        7199,
        8246
      ],
      "registry": [
        523,
        5236,
        8457,
        8651,
        8843,
        9035,
        9227
      ],
      "settlementLedger": [
        1020,
        2950,
        3501,
        3962,
        4647,
        6998
      ]
    }
  },
  "bonds": {
    "length": 4764,
    "hash": "0xbc20912a420c14cf47e84cb9a1e85413b98a1c61adaaffb3f391a5b23c87cd3d",
    "immutables": {
      "billingLedger": [
        341,
        989,
        3052,
        3260
      ],
      "demands": [
        595,
        1056,
        2234,
        2350,
        2558
      ],
      "settlementLedger": [
        646,
        926,
        2769,
        2899
      ]
    }
  },
  "pause_book": {
    "length": 4406,
    "hash": "0x7ada3e00e9efae3562ee53e287a2f2b2d6982650daf82976089dae24810db3a3",
    "immutables": {
      "registry": [
        324,
        544
      ]
    }
  }
};
