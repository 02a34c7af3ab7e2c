package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// A net says where one network comes from and how it is applied.
type net struct {
	name, from        string
	scale, pad, align int
}

func nets() []net {
	const upconv, cunet = "models-upconv_7_anime_style_art_rgb/", "models-cunet/"
	list := []net{
		{"fast-x2", upconv + "scale2.0x_model", 2, 7, 4},
		{"quality-x2", cunet + "scale2.0x_model", 2, 18, 4},
	}
	for n := range 4 {
		list = append(list,
			net{fmt.Sprintf("fast-x2-noise%d", n), fmt.Sprintf("%snoise%d_scale2.0x_model", upconv, n), 2, 7, 4},
			net{fmt.Sprintf("quality-x2-noise%d", n), fmt.Sprintf("%snoise%d_scale2.0x_model", cunet, n), 2, 18, 4})
	}
	for n := 1; n <= 3; n++ {
		list = append(list, net{fmt.Sprintf("quality-x1-noise%d", n), fmt.Sprintf("%snoise%d_model", cunet, n), 1, 28, 4})
	}
	return list
}

// convert makes the engine's file of a network.
func convert(n net, layers []layer) ([]byte, error) {
	g := graph{names: map[string]string{}}
	fmt.Fprintf(&g.text, "net %s\nscale %d\npad %d\nalign %d\n", n.name, n.scale, n.pad, n.align)
	for i := 0; i < len(layers); i++ {
		used, err := g.add(layers[i:])
		if err != nil {
			return nil, fmt.Errorf("weights: %s: %w", n.from, err)
		}
		i += used - 1
	}
	fmt.Fprintf(&g.text, "output %s\n", g.last)
	return g.file(), nil
}

// graph is a network being written.
type graph struct {
	text    strings.Builder
	tensors []byte
	names   map[string]string // ncnn's name of a value to ours
	last    string
}

// add writes the statement that ls begins with and returns how many layers it
// took.
func (g *graph) add(ls []layer) (int, error) {
	l := ls[0]
	switch l.kind {
	case "Input":
		g.names[l.out[0]] = "x"
		return 1, nil
	case "Convolution", "Deconvolution":
		return 1, g.convolution(l)
	case "Pooling":
		return 4, g.squeeze(ls)
	case "Crop":
		return 2, g.cropAdd(ls)
	}
	return 0, fmt.Errorf("layer %s is not known", l.kind)
}

func (g *graph) convolution(l layer) error {
	side, stride, out := l.arg(1, 0), l.arg(3, 1), l.arg(0, 0)
	in := l.kernel.n / (side * side * out)
	act, err := activation(l)
	if err != nil {
		return err
	}
	x, y := g.names[l.in[0]], g.name(l.out[0])
	switch {
	case l.kind == "Convolution" && l.arg(4, 0) == 0:
		fmt.Fprintf(&g.text, "conv %s %s %d %d %d %d %s\n", y, x, side, stride, in, out, act)
	case side == 2 && stride == 2 && l.arg(4, 0) == 0:
		fmt.Fprintf(&g.text, "up2 %s %s %d %d %s\n", y, x, in, out, act)
	case side == 4 && stride == 2 && l.arg(4, 0) == 3:
		fmt.Fprintf(&g.text, "up4 %s %s %d %d %s\n", y, x, in, out, act)
	default:
		return fmt.Errorf("%s %dx%d stride %d is not known", l.kind, side, side, stride)
	}
	g.store(l)
	return nil
}

// squeeze takes the four layers of a squeeze-and-excite block: the mean of
// every channel, two small dense layers, the scaling.
func (g *graph) squeeze(ls []layer) error {
	if len(ls) < 4 || ls[1].kind != "InnerProduct" || ls[2].kind != "InnerProduct" || ls[3].kind != "Scale" ||
		ls[1].arg(9, 0) != 1 || ls[2].arg(9, 0) != 4 || ls[3].in[0] != ls[0].in[0] {
		return fmt.Errorf("pooling outside a squeeze block")
	}
	x, y := g.names[ls[0].in[0]], g.name(ls[3].out[0])
	fmt.Fprintf(&g.text, "squeeze %s %s %d %d\n", y, x, len(ls[2].bias), len(ls[1].bias))
	g.store(ls[1])
	g.store(ls[2])
	return nil
}

func (g *graph) cropAdd(ls []layer) error {
	crop := ls[0]
	if len(ls) < 2 || ls[1].kind != "Eltwise" || ls[1].arg(0, 0) != 1 || ls[1].in[0] != crop.out[0] || crop.arg(0, 0) != crop.arg(1, 0) {
		return fmt.Errorf("crop outside an addition")
	}
	a, b, y := g.names[ls[1].in[1]], g.names[crop.in[0]], g.name(ls[1].out[0])
	fmt.Fprintf(&g.text, "add %s %s %s %d\n", y, a, b, crop.arg(0, 0))
	return nil
}

func activation(l layer) (string, error) {
	switch l.arg(9, 0) {
	case 0:
		return "1", nil
	case 1:
		return "0", nil
	case 2:
		return fmt.Sprint(float32(l.args[10])), nil
	}
	return "", fmt.Errorf("activation %d is not known", l.arg(9, 0))
}

// name gives ncnn's value the next name of ours.
func (g *graph) name(ncnn string) string {
	g.last = fmt.Sprintf("v%d", len(g.names))
	g.names[ncnn] = g.last
	return g.last
}

func (g *graph) store(l layer) {
	g.tensors = binary.LittleEndian.AppendUint32(g.tensors, uint32(l.kernel.size))
	g.tensors = append(g.tensors, l.kernel.raw...)
	g.tensors, _ = binary.Append(g.tensors, binary.LittleEndian, l.bias)
}

func (g *graph) file() []byte {
	out := []byte("SLNN")
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(g.text.Len()))
	out = append(out, g.text.String()...)
	out = append(out, g.tensors...)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}
