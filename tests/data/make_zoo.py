#!/usr/bin/python3
"""Writes zoo.safetensors: logits and losses of torchvision's networks of full size.

The weights and pictures are no part of the file: both sides compute them, see hashed() here and in
tests/support/hashed_weights.hpp. <network>.<size>: logits of one picture in eval mode, 20 classes.
<network>.losses: ten steps of SGD, 8 pictures of 64x64 each, without dropout. Run in double precision. Made with PyTorch 1.13 and torchvision 0.14 (Debian 12: python3-torch, python3-torchvision):

    /usr/bin/python3 tests/data/make_zoo.py
"""
import json
import pathlib
import struct

import numpy
import torch
import torchvision

CLASSES = 20


def hashed(name, count):
    """Numbers in [-1, 1), multiples of 2^-23, from a hash of the name (FNV-1a) and of their place (splitmix64)."""
    seed = 0xCBF29CE484222325
    for letter in name.encode():
        seed = (seed ^ letter) * 0x100000001B3 % 2**64
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z ^= z >> numpy.uint64(31)
    return (z >> numpy.uint64(40)).astype(numpy.float64) / 2**23 - 1


def weights(name, shape):
    """Values that keep activations within reason, none of them what a fresh network has."""
    values = hashed(name, int(numpy.prod(shape)))
    if len(shape) > 1:
        values *= numpy.sqrt(3 / numpy.prod(shape[1:]))
    elif name.endswith("running_var"):
        values = 1 + 0.5 * values
    elif name.endswith("weight"):
        values = 0.75 + 0.25 * values
    else:
        values *= 0.2
    return torch.from_numpy(values.astype(numpy.float32).astype(numpy.float64)).reshape(shape)


def fill(net):
    for name, value in net.state_dict().items():
        if value.dim() > 0:
            value.copy_(weights(name, tuple(value.shape)))
    return net


def pictures(name, count, size):
    return torch.from_numpy(hashed(name, count * 3 * size * size)).reshape(count, 3, size, size)


def losses(net, rate):
    net.train()
    for module in net.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9, weight_decay=1e-3)
    labels = torch.arange(8) * 7 % CLASSES
    found = []
    for step in range(10):
        loss = torch.nn.functional.cross_entropy(net(pictures(f"pictures.{step % 2}", 8, 64)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


if __name__ == "__main__":
    arrays = {}
    for name in ["resnet18", "resnet34", "resnet50", "squeezenet1_1"]:
        net = fill(getattr(torchvision.models, name)(num_classes=CLASSES).double()).eval()
        with torch.no_grad():
            for size in [128, 224]:
                arrays[f"{name}.{size}"] = net(pictures("picture", 1, size)).flatten().tolist()
                print(name, size, arrays[f"{name}.{size}"][:4])
        if name != "resnet34":
            arrays[f"{name}.losses"] = losses(net, 0.02 if name == "squeezenet1_1" else 0.0002)
            print(name, arrays[f"{name}.losses"])
    header, offset = {}, 0
    for name, values in arrays.items():
        header[name] = {"dtype": "F32", "shape": [len(values)], "data_offsets": [offset, offset + 4 * len(values)]}
        offset += 4 * len(values)
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(pathlib.Path(__file__).with_name("zoo.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in arrays.values():
            file.write(numpy.array(values, "<f4").tobytes())
