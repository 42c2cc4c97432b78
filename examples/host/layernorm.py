# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The Python twin of layernorm.cpp. It first tries device.load_xclbin, the call of FPGA cards that
# many tutorials show: on an NPU it fails, and what works comes after it.
#   ashlar with -- python3 layernorm.py main.xclbin main.insts.bin
import array
import math
import struct
import sys

import pyxrt

ROW = 512


def to_float(v):
    return struct.unpack("<f", struct.pack("<I", v << 16))[0]


def to_bf16(f):
    bits = struct.unpack("<I", struct.pack("<f", f))[0]
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 & 0xFFFF


def main():
    device = pyxrt.device(0)
    xclbin = pyxrt.xclbin(sys.argv[1])
    instructions = open(sys.argv[2], "rb").read()
    try:
        device.load_xclbin(xclbin)
        print("load_xclbin worked, which no NPU does")
        return 1
    except Exception as e:
        print("load_xclbin fails as on the chip:", e)

    uuid = device.register_xclbin(xclbin)
    context = pyxrt.hw_context(device, uuid)
    kernel = pyxrt.kernel(context, "MLIR_AIE")
    code = pyxrt.bo(device, len(instructions), pyxrt.bo.cacheable, kernel.group_id(1))
    x = pyxrt.bo(device, 2 * ROW, pyxrt.bo.host_only, kernel.group_id(3))
    y = pyxrt.bo(device, 2 * ROW, pyxrt.bo.host_only, kernel.group_id(4))
    to_device = pyxrt.xclBOSyncDirection.XCL_BO_SYNC_BO_TO_DEVICE
    from_device = pyxrt.xclBOSyncDirection.XCL_BO_SYNC_BO_FROM_DEVICE
    code.write(instructions, 0)
    code.sync(to_device)
    values = [to_bf16(math.cos(0.11 * i) * 3) for i in range(ROW)]
    x.write(array.array("H", values).tobytes(), 0)
    x.sync(to_device)
    run = kernel(3, code, len(instructions) // 4, x, y)
    state = run.wait(5000)
    if state != pyxrt.ert_cmd_state.ERT_CMD_STATE_COMPLETED:
        print("the command ended in state", state)
        return 1
    y.sync(from_device)
    result = [to_float(v) for v in array.array("H", bytes(y.read(2 * ROW, 0)))]
    row = [to_float(v) for v in values]
    mean = sum(row) / ROW
    scale = 1 / math.sqrt(sum((v - mean) ** 2 for v in row) / ROW + 1e-5)
    worst = max(abs((v - mean) * scale - r) for v, r in zip(row, result))
    print("largest error %.4f:" % worst, "PASS" if worst < 0.05 else "FAIL")
    return 0 if worst < 0.05 else 1


if __name__ == "__main__":
    sys.exit(main())
