# SPDX-License-Identifier: Apache-2.0
"""A VLAN interface where the kernel has none: vlan_relay.py INTERFACE VLAN NAME.

NAME is a TAP interface with INTERFACE's address and MTU. What the kernel sends there leaves
by INTERFACE with the tag, and what arrives with the tag arrives there without. Prints "ready".
"""

import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000  # of <linux/if_tun.h>
ETH_P_ALL, PACKET_AUXDATA, PACKET_OUTGOING = 3, 8, 4  # of <linux/if_packet.h>
SOL_PACKET, SO_RCVBUFFORCE = 263, 33
TAG_VALID = 0x10  # TP_STATUS_VLAN_VALID
ROOM = 65536


def open_tap(name, interface):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    with open(f"/sys/class/net/{interface}/address", encoding="ascii") as address, \
            open(f"/sys/class/net/{interface}/mtu", encoding="ascii") as mtu:
        subprocess.run(["ip", "link", "set", name, "address", address.read().strip(),
                        "mtu", mtu.read().strip(), "up"], check=True)
    return tap


def open_interface(name):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    raw.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    raw.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
    raw.bind((name, ETH_P_ALL))
    return raw


def tag_of(ancillary):
    """The VLAN that the kernel took off, which it does to every tagged frame."""
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, *_, tci, _ = struct.unpack("IIIHHHH", data)
            if status & TAG_VALID:
                return tci & 0xFFF
    return None


def main():
    interface, vlan, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    tap, raw = open_tap(name, interface), open_interface(interface)
    tag = struct.pack(">HH", 0x8100, vlan)
    print("ready", flush=True)
    while True:
        for source in select.select([tap, raw], [], [])[0]:
            if source == tap:
                frame = os.read(tap, ROOM)
                raw.send(frame[:12] + tag + frame[12:])
            else:
                frame, ancillary, _, sender = raw.recvmsg(ROOM, 64)
                if sender[2] != PACKET_OUTGOING and tag_of(ancillary) == vlan:
                    os.write(tap, frame)


main()
