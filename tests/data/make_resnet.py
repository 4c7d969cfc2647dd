#!/usr/bin/python3
"""Writes resnet18.safetensors, resnet50.safetensors and resnet9.safetensors: what residual networks compute in PyTorch.

Narrow copies, of torchvision's networks but for ResNet-9, with random weights, run in double precision and stored as float32: input, labels, logits in both modes,
the gradient of the loss with regard to the logits, and all weights before and after one step of SGD. Made with PyTorch
1.13.1 and torchvision 0.14.1 (Debian 12: python3-torch, python3-torchvision):

    /usr/bin/python3 tests/data/make_resnet.py
"""
import json
import pathlib
import struct

import torch
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet


def narrow(block, depths, width, classes):
    """torchvision's network with `width` channels instead of 64 in its first stage."""
    net = ResNet(block, depths, num_classes=classes)
    net.inplanes = width
    net.conv1 = torch.nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
    net.bn1 = torch.nn.BatchNorm2d(width)
    for number, depth in enumerate(depths):
        stage = net._make_layer(block, width << number, depth, stride=1 if number == 0 else 2)
        setattr(net, f"layer{number + 1}", stage)
    net.fc = torch.nn.Linear((width << 3) * block.expansion, classes)
    # Small factors at the end of each block of three: with larger ones the gradients of so narrow a network explode,
    # and PyTorch's own float32 is 3e-4 from its double.
    for name, value in net.state_dict().items():
        if value.dim() == 4:
            torch.nn.init.kaiming_normal_(value, mode="fan_out", nonlinearity="relu")
        elif name.endswith("running_mean"):
            value.normal_(0, 0.2)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith(".bn3.weight"):
            value.uniform_(0.1, 0.3)
        elif value.dim() == 1 and name.endswith("weight"):
            value.uniform_(0.5, 1.5)  # of a normalisation: ones would hide an exchange of roles
        elif value.dim() == 1:
            value.normal_(0, 0.2)
    return net


class Convolution(torch.nn.Module):
    """A 3x3 convolution, the 2x2 maximum if wanted, batch normalisation, ReLU."""

    def __init__(self, inner, out, halved=False):
        super().__init__()
        self.conv = torch.nn.Conv2d(inner, out, 3, padding=1, bias=False)
        self.bn = torch.nn.BatchNorm2d(out)
        self.halved = halved

    def forward(self, x):
        x = self.conv(x)
        return torch.relu(self.bn(torch.nn.functional.max_pool2d(x, 2) if self.halved else x))


class WithBlock(Convolution):
    """A halving convolution, then two more with a shortcut."""

    def __init__(self, inner, out):
        super().__init__(inner, out, halved=True)
        self.block = torch.nn.Sequential(Convolution(out, out), Convolution(out, out))

    def forward(self, x):
        x = super().forward(x)
        return x + self.block(x)


class ResNet9(torch.nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.stem = Convolution(3, width)
        self.layer1 = WithBlock(width, 2 * width)
        self.layer2 = Convolution(2 * width, 4 * width, halved=True)
        self.layer3 = WithBlock(4 * width, 8 * width)
        self.head = torch.nn.Linear(8 * width, classes)

    def forward(self, x):
        return self.head(self.layer3(self.layer2(self.layer1(self.stem(x)))).amax((2, 3)))


def write(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().to(torch.float32).contiguous().numpy().tobytes())
    print(path.name, path.stat().st_size)


def state(net, prefix):
    return {prefix + name: value.clone() for name, value in net.state_dict().items() if value.dim() > 0}


def run(name, net, shape, classes):
    net.double()
    for value in list(net.parameters()) + list(net.buffers()):
        if value.is_floating_point():
            value.data = value.data.float().double()  # what the file can hold
    tensors = state(net, "before.")
    images = torch.randn(shape).float().double()
    labels = torch.randint(classes, (shape[0],))
    net.eval()
    tensors["eval_logits"] = net(images)
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9, weight_decay=1e-3)
    logits = net(images)
    logits.retain_grad()
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    optimizer.step()
    tensors |= {"input": images, "labels": labels, "logits": logits, "logits_gradient": logits.grad,
                "loss": loss.reshape(1)}
    tensors |= state(net, "after.")
    write(pathlib.Path(__file__).parent / f"{name}.safetensors", tensors)


if __name__ == "__main__":
    torch.manual_seed(1)
    run("resnet18", narrow(BasicBlock, [2, 2, 2, 2], 6, 5), (4, 3, 45, 37), 5)
    run("resnet50", narrow(Bottleneck, [3, 4, 6, 3], 4, 7), (3, 3, 40, 48), 7)
    run("resnet9", ResNet9(3, 6), (4, 3, 22, 33), 6)
