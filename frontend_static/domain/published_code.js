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
    "length": 6402,
    "hash": "0x861e5d69c834773b266452e0bd977104d6b9e242f2eae41231d8fd12bc7ad09b",
    "immutables": {
      "periodBook": [
        153,
        2160
      ],
      "registry": [
        253,
        1344
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
    "hash": "0x7c3979d273c0be9daecaabd7826d40c984d5e33271b2ac66e24e5c3b6b24c02d",
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
  "settlement_ledger": {
    "length": 5309,
    "hash": "0x978dc1c522973d7ff4d03181b4980753efa28e42ce62754d3b51dec059573a61",
    "immutables": {
      "contests": [
        742,
        1493
      ],
      "meterDataLedger": [
        207,
        3769
      ],
      "periodBook": [
        308,
        3460
      ],
      "registry": [
        436,
        1716
      ],
      "ruleBook": [
        397,
        2054
      ]
    }
  },
  "billing_ledger": {
    "length": 4658,
    "hash": "0x87897120e28173b17d2b642a50e392524e002097deebee17ac6d7b909a88358d",
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
    "length": 5446,
    "hash": "0x1caa627b92cfc13c381e0ca19c6ac3e09395d180c5b49e0f3c5b88fe163c9bb8",
    "immutables": {
      "periodBook": [
        94,
        516
      ],
      "registry": [
        221,
        2064
      ],
      "ruleBook": [
        161,
        2496
      ],
      "settlementLedger": [
        260,
        318,
        1213
      ]
    }
  }
};
