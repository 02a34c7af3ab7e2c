package onboard

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A statement is one line of a network's graph with its numbers. The format is
// described where the files are made (tools/weights).
type statement struct {
	op      string
	y, x, z string // result and operands
	args    []int
	slope   float32
	kernels [2][]float32 // squeeze has two
	biases  [2][]float32
}

// A netFile is a network as its file says it.
type netFile struct {
	name              string
	scale, pad, align int
	output            string
	statements        []statement
}

var errDamaged = errors.New("onboard: a network's file is damaged")

// maxSide and maxChannels bound what a file may ask for.
const (
	maxChannels = 4096
	maxSide     = 16
)

// readNet reads a network's file. A file that was changed in any bit is refused.
func readNet(raw []byte) (netFile, error) {
	const head, sum = 12, sha256.Size
	if len(raw) < head+sum || string(raw[:4]) != "SLNN" || binary.LittleEndian.Uint32(raw[4:]) != 1 {
		return netFile{}, errDamaged
	}
	body, want := raw[:len(raw)-sum], raw[len(raw)-sum:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], want) {
		return netFile{}, errDamaged
	}
	n := int64(binary.LittleEndian.Uint32(raw[8:]))
	if n > int64(len(body)-head) {
		return netFile{}, errDamaged
	}
	f, err := readGraph(string(body[head : head+n]))
	if err != nil {
		return netFile{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	rest := body[head+n:]
	for i := range f.statements {
		if rest, err = f.statements[i].readNumbers(rest); err != nil {
			return netFile{}, fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	if len(rest) != 0 {
		return netFile{}, errDamaged
	}
	return f, nil
}

func readGraph(text string) (netFile, error) {
	var f netFile
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) < 2 {
			return f, fmt.Errorf("short line %q", line)
		}
		var err error
		switch w[0] {
		case "net":
			f.name = w[1]
		case "output":
			f.output = w[1]
		case "scale":
			f.scale, err = strconv.Atoi(w[1])
		case "pad":
			f.pad, err = strconv.Atoi(w[1])
		case "align":
			f.align, err = strconv.Atoi(w[1])
		default:
			var s statement
			s, err = readStatement(w)
			f.statements = append(f.statements, s)
		}
		if err != nil {
			return f, fmt.Errorf("line %q: %w", line, err)
		}
	}
	if f.scale < 1 || f.scale > 2 || f.pad < 0 || f.align < 1 || f.output == "" {
		return f, errors.New("incomplete header")
	}
	return f, nil
}

func readStatement(w []string) (statement, error) {
	s := statement{op: w[0], slope: 1}
	operands := map[string]int{"conv": 8, "up2": 6, "up4": 6, "squeeze": 5, "add": 5}[s.op]
	if operands == 0 || len(w) != operands {
		return s, errors.New("unknown statement")
	}
	s.y, s.x = w[1], w[2]
	rest := w[3:]
	if s.op == "add" {
		s.z, rest = rest[0], rest[1:]
	}
	if operands == 8 || operands == 6 {
		v, err := strconv.ParseFloat(rest[len(rest)-1], 32)
		if err != nil || v < 0 || v > 1 {
			return s, errors.New("bad activation")
		}
		s.slope, rest = float32(v), rest[:len(rest)-1]
	}
	for _, a := range rest {
		n, err := strconv.Atoi(a)
		if err != nil || n < 0 || n > maxChannels {
			return s, errors.New("bad number")
		}
		s.args = append(s.args, n)
	}
	if s.op == "conv" && (s.args[0] < 1 || s.args[0] > maxSide || s.args[1] < 1 || s.args[1] > maxSide) {
		return s, errors.New("bad kernel")
	}
	return s, nil
}

// readNumbers takes the statement's numbers from the head of raw and returns
// what is left.
func (s *statement) readNumbers(raw []byte) ([]byte, error) {
	var sizes [][2]int // numbers in the kernel, in the bias
	switch s.op {
	case "conv":
		sizes = [][2]int{{s.args[0] * s.args[0] * s.args[2] * s.args[3], s.args[3]}}
	case "up2":
		sizes = [][2]int{{4 * s.args[0] * s.args[1], s.args[1]}}
	case "up4":
		sizes = [][2]int{{16 * s.args[0] * s.args[1], s.args[1]}}
	case "squeeze":
		sizes = [][2]int{{s.args[0] * s.args[1], s.args[1]}, {s.args[0] * s.args[1], s.args[0]}}
	}
	for i, n := range sizes {
		if len(raw) < 4 {
			return nil, errors.New("numbers missing")
		}
		size := int(binary.LittleEndian.Uint32(raw))
		raw = raw[4:]
		if size != 2 && size != 4 || len(raw) < n[0]*size+n[1]*4 {
			return nil, errors.New("numbers missing")
		}
		s.kernels[i], s.biases[i] = numbers(raw[:n[0]*size], size), numbers(raw[n[0]*size:][:n[1]*4], 4)
		raw = raw[n[0]*size+n[1]*4:]
	}
	return raw, nil
}

// numbers reads float16 or float32.
func numbers(raw []byte, size int) []float32 {
	out := make([]float32, len(raw)/size)
	for i := range out {
		if size == 2 {
			out[i] = half(binary.LittleEndian.Uint16(raw[2*i:]))
		} else {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
	return out
}

// half widens a float16. It is exact.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exp {
	case 0: // subnormal: frac * 2^-24
		f := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}
