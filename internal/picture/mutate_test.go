package picture

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"safelight/internal/fault"
)

// TestMutatedFilesNeverHurt damages samples at random, most of all in their heads,
// and wants a picture or a refusal, never a panic or a hang. SAFELIGHT_MUTATIONS
// says for how long; a second is enough to notice a new hole.
func TestMutatedFilesNeverHurt(t *testing.T) {
	during := time.Second
	if v, err := time.ParseDuration(os.Getenv("SAFELIGHT_MUTATIONS")); err == nil {
		during = v
	}
	Warm()
	var files [][]byte
	names, _ := filepath.Glob("testdata/*.*")
	for _, name := range names {
		files = append(files, sample(t, filepath.Base(name)))
	}
	files = append(files, pngOf(t, scene()), jpegOf(t, scene(), 90), gridOf(t, "plain.heic", "heic", "hvc1", 2, 2, 192, 128))
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	budget := NewBudget(1 << 28)
	kinds := map[string]int{}
	for end := time.Now().Add(during); time.Now().Before(end); {
		data := mutated(random, files)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		start := time.Now()
		p, err := Decode(ctx, data, small, budget)
		cancel()
		if took := time.Since(start); took > 5*time.Second || errors.Is(err, context.DeadlineExceeded) {
			keep(t, data, "took %v, seed %d", took, seed)
		}
		if err != nil {
			if fault.Of(err).Kind == fault.Internal {
				keep(t, data, "refused without a reason: %v", err)
			}
			kinds[fault.Of(err).Code]++
			continue
		}
		kinds["decoded"]++
		p.Release()
	}
	t.Log(kinds)
}

func keep(t *testing.T, data []byte, format string, args ...any) {
	t.Helper()
	f, err := os.CreateTemp("", "picture-*.bin")
	if err == nil {
		f.Write(data)
		f.Close()
		t.Log("kept as", f.Name())
	}
	t.Errorf(format, args...)
}

// mutated is one of the files with some bytes changed, a piece cut, doubled or taken
// from another.
func mutated(r *rand.Rand, files [][]byte) []byte {
	data := append([]byte(nil), files[r.IntN(len(files))]...)
	for range 1 + r.IntN(6) {
		at := r.IntN(len(data))
		if r.IntN(2) == 0 {
			at = r.IntN(min(len(data), 400))
		}
		switch n := min(1+r.IntN(32), len(data)-at); r.IntN(6) {
		case 0, 1:
			data[at] ^= 1 << r.IntN(8)
		case 2:
			data[at] = []byte{0, 1, 127, 128, 254, 255}[r.IntN(6)]
		case 3:
			data = append(data[:at], data[at+n:]...)
		case 4:
			data = append(data[:at+n], append([]byte(nil), data[at:]...)...)
		default:
			other := files[r.IntN(len(files))]
			copy(data[at:], other[r.IntN(len(other)):])
		}
		if len(data) < 16 {
			return append(data, make([]byte, 16)...)
		}
	}
	return data
}
