#!/usr/bin/env python3
"""Writes multi_label.safetensors: losses for several labels an item, with gradients, as PyTorch and torchvision have them.

<i>.*: logits, targets (0, 1, or 2 for unknown), weights, [positive focus, negative focus, margin, unknown weight],
[loss], gradient. The asymmetric loss is in neither library; it is written as in the paper, and PyTorch derives it.
"""
import json
import pathlib
import struct

import torch
import torch.nn.functional as F
from torchvision.ops import sigmoid_focal_loss

torch.manual_seed(4)
torch.set_default_dtype(torch.float64)
tensors = {}


def asymmetric(x, t, positive, negative, margin):
    p = torch.sigmoid(x)
    q = (p - margin).clamp(min=0)
    return torch.where(t == 1, -(1 - p)**positive * torch.log(p), -q**negative * torch.log(1 - q))


cases = [(1, 1, "bce", False, 0.0), (6, 5, "bce", False, 0.0), (6, 5, "bce", True, 0.0), (7, 4, "focal", False, 0.0),
         (7, 4, "asymmetric", False, 0.0), (6, 5, "bce", True, 0.25), (6, 5, "asymmetric", False, 0.5)]
for i, (items, classes, kind, weighted, unknown) in enumerate(cases):
    logits = (3 * torch.randn(items, classes)).float().double().requires_grad_()
    targets = torch.randint(3 if unknown else 2, (items, classes))
    weights = (torch.rand(classes) + 0.5 if weighted else torch.ones(classes)).float().double()
    t = (targets == 1).double()
    focus = {"bce": [0.0, 0.0, 0.0], "focal": [2.0, 2.0, 0.0], "asymmetric": [1.0, 4.0, 0.0625]}[kind]
    if kind == "bce":
        losses = F.binary_cross_entropy_with_logits(logits, t, pos_weight=weights, reduction="none")
    elif kind == "focal":
        losses = sigmoid_focal_loss(logits, t, alpha=-1, gamma=2, reduction="none")
    else:
        losses = asymmetric(logits, t, *focus)
    counts = torch.where(targets == 2, torch.tensor(unknown), torch.tensor(1.0))
    loss = (losses * counts).sum() / counts.sum()
    loss.backward()
    for name, values in {"logits": logits.detach(), "targets": targets, "weights": weights,
                         "options": torch.tensor(focus + [unknown]), "loss": loss.detach().reshape(1),
                         "gradient": logits.grad}.items():
        tensors[f"{i}.{name}"] = values

header, data = {}, b""
for name, tensor in tensors.items():
    raw = tensor.contiguous().numpy().astype("<f4").tobytes()
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header, separators=(",", ":")).encode()
pathlib.Path(__file__).with_name("multi_label.safetensors").write_bytes(
    struct.pack("<Q", len(text)) + text + data)
