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
    "length": 12234,
    "hash": "0x5c2efe8154137e55924b255c988e015de75333bb795b29433922d24b30ed90fd",
    "immutables": {
      "periodBook": [
        164,
        4145
      ],
      "registry": [
        296,
        2982
      ]
    }
  },
  "period_book": {
    "length": 8571,
    "hash": "0xab70465a0ada66dfba4c77e1fea9cffeef99e1ef4f197631746b26bf8d293b8b",
    "immutables": {
      "registry": [
        416,
        1218,
        4703
      ],
      "ruleBook": [
        278,
        3363
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
    "length": 6972,
    "hash": "0xe9c7947083c8cf0a960ca5695583392286d75efa5839b9c0a451298f2c8bfeb1",
    "immutables": {
      "contests": [
        815,
        1604
      ],
      "meterDataLedger": [
        301,
        3811
      ],
      "periodBook": [
        373,
        3502
      ],
      "registry": [
        501,
        1827
      ],
      "ruleBook": [
        462,
        2074,
        4493
      ],
      "scheduleBook": [
        233,
        4851,
        5059,
        5395
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
    "length": 10463,
    "hash": "0x0906e1b527be68ba2d6cf28b281ff4d0f2268fa845884299b1254bfa3699bba5",
    "immutables": {
      "periodBook": [
        193,
        566
      ],
      "registry": [
        271,
        2115
      ],
      "ruleBook": [
        232,
        2547
      ],
      "scheduleBook": [
        105,
        3936
      ],
      "settlementLedger": [
        310,
        368,
        1322
      ]
    }
  }
};
