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
    "length": 9362,
    "hash": "0x6749f954f8bb748e6083fd0fa5a23219f5db0be1d0697d68c014e0d0d36c8815",
    "immutables": {
      "_cachedChainId": [
        7125
      ],
      "_cachedDomainSeparator": [
        7167
      ],
      "_cachedThis": [
        7083
      ],
      "_hashedName": [
        7248
      ],
      "_hashedVersion": [
        7288
      ],
      "_name": [
        6623
      ],
      "_version": [
        6671
      ],
      "periodBook": [
        504,
        1223
      ]
    }
  },
  "rule_book": {
    "length": 12537,
    "hash": "0x044baffd198cf208906803e983a627b0cc75a1361ab9d50f3d5d6d52ce4db5f4",
    "immutables": {
      "periodBook": [
        164,
        4433
      ],
      "registry": [
        296,
        2900
      ]
    }
  },
  "period_book": {
    "length": 8488,
    "hash": "0x69dd25099fd978fb0c11424f84ad9ac63cd64cfa29dc44cd87805f46f3f1bec2",
    "immutables": {
      "registry": [
        487,
        1316,
        4611
      ],
      "ruleBook": [
        349,
        3271
      ]
    }
  },
  "meter_data_ledger": {
    "length": 5874,
    "hash": "0x1671d1bc01d7542956815893ee53de3759204dffd3086eed2b57bf2c982cecf1",
    "immutables": {
      "_cachedChainId": [
        3535
      ],
      "_cachedDomainSeparator": [
        3577
      ],
      "_cachedThis": [
        3493
      ],
      "_hashedName": [
        3658
      ],
      "_hashedVersion": [
        3698
      ],
      "_name": [
        3158
      ],
      "_version": [
        3206
      ],
      "periodBook": [
        152,
        726
      ],
      "registry": [
        259,
        2283
      ],
      "ruleBook": [
        220,
        2937
      ]
    }
  },
  "schedule_book": {
    "length": 2181,
    "hash": "0xa95942a65a6495e81bc945c7b9c5af2f3eab1d9db88439ae168997ffcf57e7ff",
    "immutables": {
      "registry": [
        359,
        510
      ]
    }
  },
  "settlement_ledger": {
    "length": 7025,
    "hash": "0x0094b37c6ef639f53d0b0ffed42f9455ff8decb44169328fe8f06ba0eb7ecd1f",
    "immutables": {
      "contests": [
        847,
        1633
      ],
      "meterDataLedger": [
        327,
        3864
      ],
      "periodBook": [
        399,
        3555
      ],
      "registry": [
        527,
        1856
      ],
      "ruleBook": [
        488,
        2103,
        4546
      ],
      "scheduleBook": [
        259,
        4904,
        5112,
        5448
      ]
    }
  },
  "billing_ledger": {
    "length": 4670,
    "hash": "0x998f6f83286e96b38a344b6435a5e53852cd383a697f6f41d42c0e47755ffb17",
    "immutables": {
      "periodBook": [
        171,
        1468
      ],
      "registry": [
        278,
        1135
      ],
      "ruleBook": [
        239,
        1745
      ],
      "settlementLedger": [
        349,
        421,
        855,
        2933
      ]
    }
  },
  "contests": {
    "length": 10498,
    "hash": "0xaffce864e76e504086392b5ebdc284338cf3f10700ec571c80bc20542008335b",
    "immutables": {
      "periodBook": [
        193,
        590
      ],
      "registry": [
        271,
        2307
      ],
      "ruleBook": [
        232,
        2708
      ],
      "scheduleBook": [
        105,
        4096
      ],
      "settlementLedger": [
        310,
        368,
        1286,
        2998
      ]
    }
  }
};
