"""The same work as bench/*.cpp in PyTorch, tuned: what eucv is measured against.

usage: pytorch.py WORK THREADS RUNS [compiled]        prints one JSON object {"work", "ms": [...]}

Tuned means channels-last tensors and, set by bench/compare.py before Python starts, a malloc that keeps its memory
(without it every step pays page faults and takes 2.2 times as long) and bound threads. `compiled` traces a network for
prediction and lets PyTorch fold its normalisation. Where libblas.so.3 is not OpenBLAS but the reference, a prediction
for one picture takes 209 ms in place of 14: there PyTorch does not use oneDNN.
"""
import json
import sys
import time

import torch
from torch import nn


class BasicBlock(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or channels_in != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(out)) + shortcut)


def resnet18(classes):
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    channels_in = 64
    for stage, channels in enumerate((64, 128, 256, 512)):
        for block in range(2):
            layers.append(BasicBlock(channels_in, channels, 2 if stage > 0 and block == 0 else 1))
            channels_in = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


def small(classes):
    layers, channels_in = [], 3
    for channels in (32, 64, 128, 256):
        layers += [nn.Conv2d(channels_in, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels),
                   nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        channels_in = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, classes))


def milliseconds(step, runs):
    for _ in range(3):  # what is compiled is still being optimised in the second
        step()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def network_step(work):
    name, size, batch, mode, *rest = work.split("-")
    size, batch = int(size), int(batch[1:])
    net = {"resnet18": resnet18, "small": small}[name](20).to(memory_format=torch.channels_last)
    x = torch.randn(batch, 3, size, size).contiguous(memory_format=torch.channels_last)
    if mode == "infer":
        net.eval()
        if "compiled" in sys.argv[4:]:
            with torch.inference_mode():
                net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))

        def step():
            with torch.inference_mode():
                net(x)
        return step

    labels = torch.randint(0, 20, (batch,))
    loss_of = nn.CrossEntropyLoss()
    optimizer = (torch.optim.Adam(net.parameters(), 1e-4) if rest == ["adam"]
                 else torch.optim.SGD(net.parameters(), 0.01, momentum=0.9))

    def step():
        optimizer.zero_grad()
        loss_of(net(x), labels).backward()
        optimizer.step()
    return step


def convolution_step(work):
    _, channels, direction = work.split("-", 2)
    channels = int(channels[1:])
    size = 2048 // channels  # 32 at C=64, 16 at 128, 8 at 256, 4 at 512, as in ResNet-18 at 128 pixels
    x = torch.randn(32, channels, size, size).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(channels, channels, 3, 3).contiguous(memory_format=torch.channels_last)
    if direction == "forward":
        def step():
            with torch.inference_mode():
                nn.functional.conv2d(x, weight, padding=1)
        return step
    mask = [direction == "input-gradient", direction == "weight-gradient", False]
    gradient = torch.randn_like(x)
    return lambda: torch.ops.aten.convolution_backward(
        gradient, x, weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)


def main():
    work, threads, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    step = convolution_step(work) if work.startswith("conv3x3-") else network_step(work)
    print(json.dumps({"work": work, "ms": milliseconds(step, runs)}))


if __name__ == "__main__":
    main()
