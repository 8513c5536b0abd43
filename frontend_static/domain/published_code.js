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
    "length": 17319,
    "hash": "0x85d08f829b099df101617557ac4654c624e4960fd149f9200e50dd5a21b76db3",
    "immutables": {
      "periodBook": [ 322, 6291 ],
      "registry": [ 502, 1844 ]
    }
  },
  "period_book": {
    "length": 12741,
    "hash": "0x13b6d8d932ab267c38abc09278be227ff4f9d18d074b63619d0704ec2687a53b",
    "immutables": {
      "registry": [ 626, 1807, 6651 ],
      "ruleBook": [ 493, 5328 ]
    }
  },
  "meter_data_ledger": {
    "length": 7654,
    "hash": "0x34651bdffa46237e21ef58e1e45be36c532a7cad28de2ae10da0e7457ee17ec9",
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
    "length": 12467,
    "hash": "0x5f347bb803635db6a8fe0ee43855a0d7fed420e31ae2c1116fb5f1736aa1b8d0",
    "immutables": {
      "bonds": [ 441, 6071 ],
      "contests": [ 1602, 7367 ],
      "demands": [ 1672, 3132, 7666 ],
      "inputContests": [ 750, 7426 ],
      "linkContests": [ 1454, 7606 ],
      "meterDataLedger": [ 654, 8558 ],
      "pauseBook": [ 1551, 2629, 2806, 4304 ],
      "periodBook": [ 852, 8173 ],
      "registry": [ 1047, 4401, 6707, 6890, 7071, 7252 ],
      "ruleBook": [ 965, 4673, 9433 ],
      "scheduleBook": [ 603, 9906, 10193, 10606 ],
      "stairContests": [ 552, 7546 ],
      "sumContests": [ 801, 7486 ]
    }
  },
  "billing_ledger": {
    "length": 10288,
    "hash": "0x438982010ff6cc9a196bb1e3af270b52292e6c91b0d2e8c40e5d3e480f09b25e",
    "immutables": {
      "billContests": [ 910, 1910 ],
      "bonds": [ 282, 5003, 8050, 8237 ],
      "inputContests": [ 425, 1973 ],
      "pauseBook": [ 859, 1215, 1578, 2581, 5329 ],
      "periodBook": [ 476, 3527 ],
      "registry": [ 609, 3036, 5426 ],
      "ruleBook": [ 527, 3876 ],
      "settlementLedger": [ 961, 1058, 2192, 2668, 5172, 6296, 6991 ]
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
    "length": 18559,
    "hash": "0xf4327195c02bfd42f99fc2ca39a21974bb33f4592fdc27922746ce6b07779fa9",
    "immutables": {
      "billingLedger": [ 353, 1095, 1441 ],
      "meterDataLedger": [ 215, 2997, 6203, 8223, 8355 ],
      "periodBook": [ 295, 1919, 3661, 5422, 7604, 9473, 9681, 11562, 11770, 12079, 13347 ],
      "registry": [ 392, 3883, 9281, 11272, 11977, 12427 ],
      "settlementLedger": [ 488, 1563, 1706, 1886, 2517, 3351, 3628, 4308, 5230, 6263, 8415 ]
    }
  },
  "sum_contests": {
    "length": 19624,
    "hash": "0x5ec38d1c0358f62a326093719a15872be2b14ab7158306c063d555c5d71182f5",
    "immutables": {
      "periodBook": [ 269, 540, 1684, 2326, 3006, 4556, 5499 ],
      "registry": [ 404, 660, 5633, 10095 ],
      "ruleBook": [ 308, 2636, 2869, 5312, 7491, 12852, 14402 ],
      "scheduleBook": [ 189, 7909 ],
      "settlementLedger": [ 443, 507, 1437, 2293, 3634, 5466, 6599, 7943 ]
    }
  },
  "stair_contests": {
    "length": 24307,
    "hash": "0xb2e7dfd5de6d0809e54a1734526cb5e17017d04acef6236ecde846c21bac1453",
    "immutables": {
      "meterDataLedger": [ 226, 674, 2973 ],
      "periodBook": [ 325, 4656, 6817 ],
      "registry": [ 422, 11475, 14723 ],
      "ruleBook": [ 364, 12473, 12688 ],
      "settlementLedger": [ 518, 1429, 4369, 4935, 6403 ]
    }
  },
  "bill_contests": {
    "length": 19062,
    "hash": "0x1c2bdbc6d87496ca590d6ba30ec5b71f851389ee809e85e58bdad2ec6457c14f",
    "immutables": {
      "billingLedger": [ 301, 1180, 1670, 2095, 2662, 8306 ],
      "periodBook": [ 163, 516, 1382, 4198, 5770, 7498, 8626, 8833, 9432, 10422 ],
      "registry": [ 340, 9770, 12705 ],
      "ruleBook": [ 243, 2343 ],
      "settlementLedger": [ 398, 6566 ]
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
    "length": 13141,
    "hash": "0x6e16fab7a645512887e707a7ed1e25d23639cd4ddae685118b0f2aafdfe669f0",
    "immutables": {
      "bonds": [ 227, 2747, 3765, 6521 ],
      "pauseBook": [ 636, 5016 ],
      "periodBook": [ 429, 1476, 4295, 7234, 8281 ],
      "registry": [ 554, 5336, 8492, 8686, 8878, 9070, 9262 ],
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
