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
    "length": 21784,
    "hash": "0x5229443fd318bcf757f0c1ed8b4fe71c7ca2a7bd8f597fa8f68d2b4d1cf80973",
    "immutables": {
      "_cachedChainId": [ 14955 ],
      "_cachedDomainSeparator": [ 14997 ],
      "_cachedThis": [ 14913 ],
      "_hashedName": [ 15078 ],
      "_hashedVersion": [ 15118 ],
      "_name": [ 13165 ],
      "_version": [ 13208 ],
      "periodBook": [ 1238, 2979 ]
    }
  },
  "rule_book": {
    "length": 17027,
    "hash": "0xc499e04935088f24371d4c5cce6d810c6431d86671dcaadcbbb04c6e737080c8",
    "immutables": {
      "periodBook": [ 333, 6225 ],
      "registry": [ 494, 3629 ]
    }
  },
  "period_book": {
    "length": 13232,
    "hash": "0x0429e5e5888f1ffdd806f692cf7293c9f73600aaa6745110deeb6c5e9c806c9d",
    "immutables": {
      "registry": [ 697, 1986, 7162 ],
      "ruleBook": [ 564, 5839 ]
    }
  },
  "meter_data_ledger": {
    "length": 7666,
    "hash": "0x79e0a8310d4265a9b9e8a89405b0b30b855e6bb53a7455ae3f05f2d8e11b0aa5",
    "immutables": {
      "_cachedChainId": [ 4894 ],
      "_cachedDomainSeparator": [ 4936 ],
      "_cachedThis": [ 4852 ],
      "_hashedName": [ 5017 ],
      "_hashedVersion": [ 5057 ],
      "_name": [ 4569 ],
      "_version": [ 4617 ],
      "pauseBook": [ 442, 890 ],
      "periodBook": [ 189, 989 ],
      "registry": [ 357, 3230 ],
      "ruleBook": [ 270, 4020 ]
    }
  },
  "schedule_book": {
    "length": 2568,
    "hash": "0x63368c5aa75c83abc7f816748016868f106bfa71001c72caf26d7fc8febcc1cc",
    "immutables": {
      "registry": [ 364, 553 ]
    }
  },
  "settlement_ledger": {
    "length": 12577,
    "hash": "0x5824c96f8453b198e5e45d44243fd89a50b28e3c0040ec6817bd8a0fbf2f8678",
    "immutables": {
      "bonds": [ 452, 6181 ],
      "contests": [ 1712, 7477 ],
      "demands": [ 1782, 3242, 7776 ],
      "inputContests": [ 761, 7536 ],
      "linkContests": [ 1564, 7716 ],
      "meterDataLedger": [ 665, 8668 ],
      "pauseBook": [ 1661, 2739, 2916, 4414 ],
      "periodBook": [ 863, 8283 ],
      "registry": [ 1157, 4511, 6817, 7000, 7181, 7362 ],
      "ruleBook": [ 976, 4783, 9543 ],
      "scheduleBook": [ 614, 10016, 10303, 10716 ],
      "stairContests": [ 563, 7656 ],
      "sumContests": [ 812, 7596 ]
    }
  },
  "billing_ledger": {
    "length": 10338,
    "hash": "0xd6e31211f8521a2b4b0d9c348efc88ea66863df80e5d4ef4605908985dc7747b",
    "immutables": {
      "billContests": [ 920, 1920 ],
      "bonds": [ 282, 5009, 8075, 8262 ],
      "inputContests": [ 425, 1983 ],
      "pauseBook": [ 869, 1225, 1588, 2587, 5335 ],
      "periodBook": [ 476, 3533 ],
      "registry": [ 609, 3042, 5432 ],
      "ruleBook": [ 527, 3882 ],
      "settlementLedger": [ 971, 1068, 2202, 2674, 5178, 6309, 7016 ]
    }
  },
  "contests": {
    "length": 14660,
    "hash": "0x1306610533eed9342f62b71b152426a63579e7c488f78ebd65c979bbc8055a57",
    "immutables": {
      "periodBook": [ 251, 519, 1071 ],
      "registry": [ 329, 2015 ],
      "ruleBook": [ 290, 2503 ],
      "scheduleBook": [ 131, 2878 ],
      "settlementLedger": [ 368, 408, 960, 1504, 2912, 4648 ]
    }
  },
  "input_contests": {
    "length": 19315,
    "hash": "0x9fd1a94717665d04b33491743116cf3d0119725afe9c053688fde5e997b993cd",
    "immutables": {
      "billingLedger": [ 433, 1373, 1719 ],
      "meterDataLedger": [ 237, 3250, 6700, 8714, 8846 ],
      "periodBook": [ 317, 2197, 3899, 5919, 8095, 9964, 10172, 12053, 12261, 12570, 13820 ],
      "registry": [ 472, 4121, 9772, 11763, 12468, 12918 ],
      "ruleBook": [ 356, 5698 ],
      "settlementLedger": [ 568, 1841, 1984, 2164, 2795, 3604, 3866, 4546, 5468, 6760, 8906 ]
    }
  },
  "sum_contests": {
    "length": 19638,
    "hash": "0x70aed0bed2f733febae3cb1914fd1602edc56318553081d47c4b8a110072742c",
    "immutables": {
      "periodBook": [ 269, 540, 1684, 2326, 3006, 4556, 5506 ],
      "registry": [ 404, 660, 5640, 10109 ],
      "ruleBook": [ 308, 2636, 2869, 5319, 7498, 12866, 14416 ],
      "scheduleBook": [ 189, 7916 ],
      "settlementLedger": [ 443, 507, 1437, 2293, 3634, 5473, 6606, 7950 ]
    }
  },
  "stair_contests": {
    "length": 24571,
    "hash": "0x2c3f958e061f4d711e33a967daad6eb6b93b314a387eb9e5fc2d5b4126fded8b",
    "immutables": {
      "meterDataLedger": [ 226, 674, 2973 ],
      "periodBook": [ 325, 4656, 6817, 10783 ],
      "registry": [ 422, 11746 ],
      "ruleBook": [ 364, 12751, 12966, 17351 ],
      "settlementLedger": [ 518, 1429, 4369, 4935, 6403 ]
    }
  },
  "bill_contests": {
    "length": 17501,
    "hash": "0x9a45d82d33d9fbcf6794c07032f46d7e9c5504b967b84be5e49037213e6c85a5",
    "immutables": {
      "billingLedger": [ 290, 1433, 2149, 2574, 3348, 7674 ],
      "periodBook": [ 152, 491, 1636, 2711, 9792, 10389 ],
      "ruleBook": [ 232, 6312 ],
      "settlementLedger": [ 348 ]
    }
  },
  "link_contests": {
    "length": 13062,
    "hash": "0x2630e9e7a2bc3fae95360268e44a7700e6555e473279b760a818e9cd3ce3ee33",
    "immutables": {
      "periodBook": [ 141, 2656, 4712 ],
      "registry": [ 279, 1359, 3623 ],
      "ruleBook": [ 221, 2825 ],
      "settlementLedger": [ 318, 2623, 4509, 5572, 6128 ]
    }
  },
  "demands": {
    "length": 13148,
    "hash": "0xb022eb12024ca2a31d1b18487e7bd9ed44ce4679950573268bbb5a1ff45157bc",
    "immutables": {
      "bonds": [ 227, 2747, 3765, 6521 ],
      "pauseBook": [ 636, 5016 ],
      "periodBook": [ 429, 1476, 4295, 7234, 8288 ],
      "registry": [ 554, 5336, 8499, 8693, 8885, 9077, 9269 ],
      "settlementLedger": [ 1051, 3050, 3601, 4062, 4747, 7033 ]
    }
  },
  "bonds": {
    "length": 4677,
    "hash": "0xe7927ffca73134428acd4953e114f51a7b6e13d41eaa75c97a35330de3c986aa",
    "immutables": {
      "billingLedger": [ 341, 989, 2965, 3173 ],
      "demands": [ 595, 1056, 2234 ],
      "settlementLedger": [ 646, 926, 2682, 2812 ]
    }
  },
  "pause_book": {
    "length": 4406,
    "hash": "0x7ada3e00e9efae3562ee53e287a2f2b2d6982650daf82976089dae24810db3a3",
    "immutables": {
      "registry": [ 324, 544 ]
    }
  }
};
