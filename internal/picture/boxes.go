package picture

// Limits of an ISO base media file's structure.
const (
	maxBoxes = 20_000
	maxDepth = 12
	maxItems = 4096
)

// box is one box of an ISO base media file.
type box struct {
	kind string
	body []byte
}

// containers are the boxes whose body is boxes again; the value is how many
// bytes precede them.
var containers = map[string]int{
	"moov": 0, "trak": 0, "mdia": 0, "minf": 0, "stbl": 0, "edts": 0, "dinf": 0, "udta": 0, "moof": 0, "traf": 0, "mvex": 0,
	"meta": 4, "iprp": 0, "ipco": 0, "grpl": 0, "strk": 0, "strd": 0,
}

// eachBox calls f for the boxes in data, in order.
func eachBox(data []byte, f func(box) error) error {
	for len(data) > 0 {
		b, after, err := nextBox(data)
		if err != nil {
			return err
		}
		if err := f(b); err != nil {
			return err
		}
		data = after
	}
	return nil
}

func nextBox(data []byte) (b box, after []byte, err error) {
	if len(data) < 8 {
		return box{}, nil, damaged("box cut off")
	}
	size, head := uint64(be32(data)), uint64(8)
	switch {
	case size == 0:
		size = uint64(len(data))
	case size == 1 && len(data) >= 16:
		size, head = be64(data[8:]), 16
	}
	if size < head || size > uint64(len(data)) {
		return box{}, nil, damaged("box of a wrong length")
	}
	return box{string(data[4:8]), data[head:size]}, data[size:], nil
}

// checkBoxes refuses files that nest boxes too deeply or have too many, which a
// decoder that recurses would pay for.
func checkBoxes(data []byte) error {
	count := 0
	var walk func(data []byte, depth int) error
	walk = func(data []byte, depth int) error {
		if depth > maxDepth {
			return damaged("boxes nested too deeply")
		}
		return eachBox(data, func(b box) error {
			if count++; count > maxBoxes {
				return damaged("too many boxes")
			}
			skip, ok := containers[b.kind]
			if !ok {
				return nil
			}
			if len(b.body) < skip {
				return damaged("box cut off")
			}
			return walk(b.body[skip:], depth+1)
		})
	}
	return walk(data, 1)
}

// fields reads big-endian numbers and notices the end; once it has, all reads
// give 0 and short is true.
type fields struct {
	data  []byte
	short bool
}

func (f *fields) take(n int) []byte {
	if n < 0 || n > len(f.data) {
		f.short, f.data = true, nil
		return make([]byte, max(min(n, 8), 0))
	}
	b := f.data[:n]
	f.data = f.data[n:]
	return b
}

func (f *fields) u8() int  { return int(f.take(1)[0]) }
func (f *fields) u16() int { return int(be16(f.take(2))) }
func (f *fields) u32() int { return int(be32(f.take(4))) }

// sized reads a number of 0, 2, 4 or 8 bytes. A number past 2^62 gives that.
func (f *fields) sized(n int) int {
	switch n {
	case 2:
		return f.u16()
	case 4:
		return f.u32()
	case 8:
		return int(min(be64(f.take(8)), 1<<62))
	}
	return 0
}

// full reads the version and the flags that full boxes begin with.
func (f *fields) full() (version, flags int) {
	n := f.u32()
	return n >> 24, n & 0xffffff
}

// bits reads single bits, most significant first; past the end it gives zeros
// and short is true.
type bits struct {
	data  []byte
	at    int
	short bool
}

func (b *bits) read(n int) int {
	v := 0
	for range n {
		v <<= 1
		if b.at>>3 >= len(b.data) {
			b.short = true
			continue
		}
		v |= int(b.data[b.at>>3]>>(7-b.at&7)) & 1
		b.at++
	}
	return v
}

// golomb reads an unsigned Exp-Golomb number.
func (b *bits) golomb() int {
	zeros := 0
	for b.read(1) == 0 {
		if zeros++; zeros > 31 || b.short {
			b.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + b.read(zeros)
}
