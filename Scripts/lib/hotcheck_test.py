#!/usr/bin/env python3
"""Whether hotcheck.py finds what it is for, in disassembly as objdump writes it."""
import unittest

from hotcheck import check

DISASSEMBLY = """
0000000000001000 <clean>:
    1000:\tmov    (%rdi),%rax
    1003:\tcall   2000 <inner>
    1008:\tjne    1000 <clean>
    100a:\tcall   3000 <read@plt>
    100f:\tjmp    *%rcx
    1011:\tret

0000000000002000 <inner>:
    2000:\tret

0000000000003000 <read@plt>:
    3000:\tjmp    *0x2fe2(%rip)        # 6000 <read@GLIBC_2.2.5>

0000000000003010 <swift_retain@plt>:
    3010:\tjmp    *0x2fe2(%rip)        # 6008 <swift_retain>

0000000000004000 <retains>:
    4000:\tcall   3010 <swift_retain@plt>
    4005:\tret

0000000000004010 <retainsInside>:
    4010:\tcall   4000 <retains>
    4015:\tret

0000000000004020 <retainsAtTheEnd>:
    4020:\tjmp    3010 <swift_retain@plt>

0000000000004030 <callsThroughPointer>:
    4030:\tcall   *0x18(%rax)
    4033:\tret

0000000000004040 <jumpsThroughPointer>:
    4040:\tjmp    *0x18(%rax)

0000000000004050 <jumpsInto>:
    4050:\tja     4002 <retains+0x2>
    4056:\tret
"""


class HotcheckTest(unittest.TestCase):
    def is_fine(self, rules: str) -> bool:
        return all(line.startswith("ok") for line in check(DISASSEMBLY, rules))

    def test_clean_functions_pass(self) -> None:
        self.assertTrue(self.is_fine("hot clean ^clean$\nhot inner ^inner$"))

    def test_wrong_functions_fail(self) -> None:
        for name in ("retains", "retainsInside", "retainsAtTheEnd", "callsThroughPointer",
                     "jumpsThroughPointer", "jumpsInto"):
            with self.subTest(name):
                self.assertFalse(self.is_fine(f"hot {name} ^{name}$"))

    def test_cold_functions_are_not_followed(self) -> None:
        self.assertTrue(self.is_fine("hot one ^retainsInside$\ncold ^retains$"))

    def test_missing_and_ambiguous_symbols_fail(self) -> None:
        self.assertFalse(self.is_fine("hot gone ^gone$"))
        self.assertFalse(self.is_fine("hot many retains"))
        self.assertFalse(self.is_fine("# nothing"))


if __name__ == "__main__":
    unittest.main()
