package onboard

import (
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"testing"
)

func readWeights(t testing.TB, name string) []byte {
	raw, err := weights.ReadFile("weights/" + name + ".net")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestDamagedFileIsRefused(t *testing.T) {
	whole := readWeights(t, fastX2)
	if _, err := readNet(whole); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 5, 9, 40, 5000, len(whole) / 2, len(whole) - 1} {
		bad := slices.Clone(whole)
		bad[at] ^= 4
		if _, err := readNet(bad); !errors.Is(err, errDamaged) {
			t.Errorf("a bit changed at %d: got %v", at, err)
		}
	}
	for _, n := range []int{0, 3, 12, 43, 44, len(whole) - 1} {
		if _, err := readNet(whole[:n]); !errors.Is(err, errDamaged) {
			t.Errorf("cut at %d: got %v", n, err)
		}
	}
}

func TestEveryNetworkFitsItsFile(t *testing.T) {
	for _, name := range allNets() {
		f, err := readNet(readWeights(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if f.name != name {
			t.Errorf("%s.net holds %s", name, f.name)
		}
	}
}

// FuzzNetworkFile gives every input a right checksum, so that what lies behind
// it is reached.
func FuzzNetworkFile(f *testing.F) {
	graph := "net a\nscale 1\npad 1\nalign 1\nconv v1 x 3 1 3 1 0.1\noutput v1\n"
	body := append([]byte{'S', 'L', 'N', 'N', 1, 0, 0, 0, byte(len(graph)), 0, 0, 0}, graph...)
	body = append(body, 2, 0, 0, 0)
	f.Add(append(body, make([]byte, 27*2+4)...))
	f.Add([]byte("SLNN"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		file, err := readNet(append(body, sum[:]...))
		if err != nil {
			return
		}
		n, err := newNet(file, scalar)
		if err != nil {
			return
		}
		_, _ = n.plan(32, 32)
	})
}

func TestHalfPrecisionIsWidenedExactly(t *testing.T) {
	for h, want := range map[uint16]float32{
		0x0000: 0, 0x3c00: 1, 0xc000: -2, 0x3555: 0.333251953125, 0x7bff: 65504, 0x0001: 1. / (1 << 24), 0x83ff: -1023. / (1 << 24),
		0x7c00: float32(math.Inf(1)), 0x0400: 1. / (1 << 14),
	} {
		if got := half(h); got != want {
			t.Errorf("%#04x is %v, want %v", h, got, want)
		}
	}
	if got := half(0x7e00); got == got {
		t.Errorf("0x7e00 is %v, want no number", got)
	}
}
