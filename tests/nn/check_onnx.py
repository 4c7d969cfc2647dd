#!/usr/bin/env python3
"""Runs the ONNX files of a folder in ONNX Runtime and compares the logits with eucv's. Exits with 77 where there is none.

    write_onnx FOLDER && python3 tests/nn/check_onnx.py FOLDER
"""
import json
import pathlib
import struct
import sys

try:
    import numpy
    import onnxruntime
except ImportError as missing:
    print(f"skipped: {missing}; `pip install onnxruntime numpy` for this Python to have the ONNX files checked")
    sys.exit(77)


def read_arrays(path):
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    arrays = {}
    for name, entry in json.loads(content[8 : 8 + size]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = numpy.frombuffer(content[8 + size + begin : 8 + size + end], "<f4")
            arrays[name] = values.reshape(entry["shape"])
    return arrays


failed = 0
files = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
for path in files:
    try:
        import onnx

        onnx.checker.check_model(str(path), full_check=True)
        checked = "valid, "
    except ImportError:
        checked = ""
    arrays = read_arrays(path.with_suffix(".safetensors"))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    apart = 0.0
    for count in (3, 1):  # the number of pictures is free
        logits = session.run(["logits"], {"images": arrays["images"][:count]})[0]
        apart = max(apart, float(abs(logits - arrays["logits"][:count]).max()))
    print(f"{path.stem}: {checked}logits up to {abs(arrays['logits']).max():.3f}, apart by {apart:.2g}")
    failed += apart >= 1e-4
sys.exit(1 if failed or not files else 0)
