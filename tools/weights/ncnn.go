package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// halfTag marks a tensor stored in half precision; a zero tag one in single.
const halfTag = 0x01306B47

// A layer is one line of a .param file with its numbers from the .bin file.
type layer struct {
	kind    string
	in, out []string
	args    map[int]float64 // plain parameters; arrays keep their first element
	kernel  tensor
	bias    []float32
}

// A tensor is n numbers of size bytes each, 2 (float16) or 4 (float32).
type tensor struct {
	n, size int
	raw     []byte
}

func (l layer) arg(key, otherwise int) int {
	if v, ok := l.args[key]; ok {
		return int(v)
	}
	return otherwise
}

// readNCNN reads PREFIX.param and PREFIX.bin. Split layers are left out, their
// outputs renamed to their input.
func readNCNN(prefix string) ([]layer, error) {
	text, err := os.ReadFile(prefix + ".param")
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	bin, err := os.ReadFile(prefix + ".bin")
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	b := &numbers{raw: bin}
	alias := map[string]string{}
	var layers []layer
	for _, line := range strings.Split(string(text), "\n")[2:] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		l, err := parseLayer(line)
		if err != nil {
			return nil, fmt.Errorf("weights: %s.param: %w", prefix, err)
		}
		for i, name := range l.in {
			if was, ok := alias[name]; ok {
				l.in[i] = was
			}
		}
		if l.kind == "Split" {
			for _, o := range l.out {
				alias[o] = l.in[0]
			}
			continue
		}
		l.readNumbers(b)
		layers = append(layers, l)
	}
	if b.err != nil || len(b.raw) != 0 {
		return nil, fmt.Errorf("weights: %s.bin does not fit its .param: %d bytes left, %w", prefix, len(b.raw), b.err)
	}
	return layers, nil
}

func parseLayer(line string) (layer, error) {
	f := strings.Fields(line)
	if len(f) < 4 {
		return layer{}, fmt.Errorf("short line %q", line)
	}
	nin, err1 := strconv.Atoi(f[2])
	nout, err2 := strconv.Atoi(f[3])
	if err1 != nil || err2 != nil || len(f) < 4+nin+nout {
		return layer{}, fmt.Errorf("bad counts in %q", line)
	}
	l := layer{kind: f[0], in: f[4 : 4+nin], out: f[4+nin : 4+nin+nout], args: map[int]float64{}}
	for _, kv := range f[4+nin+nout:] {
		key, value, _ := strings.Cut(kv, "=")
		k, err := strconv.Atoi(key)
		if err != nil {
			return layer{}, fmt.Errorf("bad parameter %q", kv)
		}
		if k <= -23300 { // an array: its length, then its elements
			_, value, _ = strings.Cut(value, ",")
			k = -k - 23300
		}
		if l.args[k], err = strconv.ParseFloat(value, 64); err != nil {
			return layer{}, fmt.Errorf("bad parameter %q", kv)
		}
	}
	return l, nil
}

func (l *layer) readNumbers(b *numbers) {
	switch l.kind {
	case "Convolution", "Deconvolution":
		l.kernel, l.bias = b.tensor(l.arg(6, 0)), b.singles(l.arg(0, 0))
	case "InnerProduct":
		l.kernel, l.bias = b.tensor(l.arg(2, 0)), b.singles(l.arg(0, 0))
	}
}

// numbers is what is left of a .bin file; the first error stays.
type numbers struct {
	raw []byte
	err error
}

func (b *numbers) take(n int) []byte {
	if b.err == nil && len(b.raw) < n {
		b.err = errors.New("unexpected end")
	}
	if b.err != nil {
		return make([]byte, n)
	}
	out := b.raw[:n]
	b.raw = b.raw[n:]
	return out
}

// tensor reads n numbers after their tag; half precision is padded to four bytes.
func (b *numbers) tensor(n int) tensor {
	switch tag := binary.LittleEndian.Uint32(b.take(4)); {
	case tag == halfTag:
		return tensor{n, 2, b.take((2*n + 3) / 4 * 4)[:2*n]}
	case tag != 0 && b.err == nil:
		b.err = fmt.Errorf("tensor tag %#x is not known", tag)
	}
	return tensor{n, 4, b.take(4 * n)}
}

func (b *numbers) singles(n int) []float32 {
	raw := b.take(4 * n)
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out
}
