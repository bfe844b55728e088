"""Compares the TCP numbers of a connection before and after the director, in a capture of its port.

usage: shifts.py CAPTURE FROM-ADDRESS TO-ADDRESS FROM-ADDRESS TO-ADDRESS

The first pair is a direction before it is rewritten, the second one after. The frames of both are taken
in their order. Prints how many there are, and by what the sequence and the acknowledgment numbers grow,
each different value once; a frame that has no counterpart is an error.
"""

import socket
import struct
import sys

NUMBERS, ACK = 1 << 32, 0x10


def segments(path):
    """Addresses, sequence number, acknowledgment number and flags of each frame."""
    with open(path, "rb") as file:
        file.read(24)
        while head := file.read(16):
            frame = file.read(struct.unpack("<4I", head)[2])
            if frame[12:14] != b"\x08\x00" or frame[23] != socket.IPPROTO_TCP:
                continue
            ends = (socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]))
            place = 14 + 4 * (frame[14] & 15)
            yield (ends, *struct.unpack("!IIBB", frame[place + 4 : place + 14]))


found = {tuple(sys.argv[2:4]): [], tuple(sys.argv[4:6]): []}
for ends, *numbers in segments(sys.argv[1]):
    if ends in found:
        found[ends].append(numbers)
before, after = found.values()
if len(before) != len(after):
    sys.exit("%d frames before, %d after" % (len(before), len(after)))
growth, answers = set(), set()
for (sequence, answer, _, flags), (new_sequence, new_answer, _, new_flags) in zip(before, after):
    if flags != new_flags:
        sys.exit("flags %#x became %#x" % (flags, new_flags))
    growth.add((new_sequence - sequence) % NUMBERS)
    if flags & ACK:
        answers.add((new_answer - answer) % NUMBERS)
print(len(before), "seq", *sorted(growth), "ack", *sorted(answers))
