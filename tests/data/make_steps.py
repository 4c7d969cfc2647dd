#!/usr/bin/env python3
"""Writes steps.safetensors: losses with their gradients, and steps of optimizers, as PyTorch computes them.

loss.<i>.*: logits, labels, weights, [smoothing], [loss], gradient.
optimizer.<rule>.*: value.0, then gradient.<k> and value.<k+1> for each step k; the rates of the steps stand in "rates".
"""
import json
import pathlib
import struct

import torch

torch.manual_seed(3)
tensors = {}


def keep(name, values):
    tensors[name] = values.to(torch.float32)


for i, (items, classes, weighted, smoothing) in enumerate(
        [(1, 2, False, 0.0), (5, 4, False, 0.0), (5, 4, True, 0.0), (7, 3, False, 0.1), (6, 5, True, 0.25)]):
    logits = (3 * torch.randn(items, classes)).requires_grad_()
    labels = torch.randint(classes, (items,))
    weights = torch.rand(classes) + 0.5 if weighted else torch.ones(classes)
    loss = torch.nn.CrossEntropyLoss(weight=weights if weighted else None, label_smoothing=smoothing)(logits, labels)
    loss.backward()
    for what, values in {"logits": logits.detach(), "labels": labels, "weights": weights,
                         "smoothing": torch.tensor([smoothing]), "loss": loss.detach().reshape(1),
                         "gradient": logits.grad}.items():
        keep(f"loss.{i}.{what}", values)

rates = [0.05, 0.05, 0.02, 0.02, 0.01, 0.1]
keep("rates", torch.tensor(rates))
rules = {
    "sgd": lambda p: torch.optim.SGD(p, lr=1, momentum=0),
    "momentum": lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=1, weight_decay=0.01),
    "adam_w": lambda p: torch.optim.AdamW(p, lr=1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    "nesterov": lambda p: torch.optim.SGD(p, lr=1, momentum=0.8, weight_decay=0.01, nesterov=True),
}
for name, rule in rules.items():
    value = torch.randn(5, 7).requires_grad_()
    optimizer = rule([value])
    keep(f"optimizer.{name}.value.0", value.detach().clone())
    for step, rate in enumerate(rates):
        optimizer.param_groups[0]["lr"] = rate
        value.grad = torch.randn(5, 7)
        keep(f"optimizer.{name}.gradient.{step}", value.grad.clone())
        optimizer.step()
        keep(f"optimizer.{name}.value.{step + 1}", value.detach().clone())

header, data = {}, b""
for name, tensor in tensors.items():
    raw = tensor.contiguous().numpy().astype("<f4").tobytes()
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header, separators=(",", ":")).encode()
pathlib.Path(__file__).with_name("steps.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
