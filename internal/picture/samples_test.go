package picture

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// scene is 96 by 64 pixels with a flat patch in each corner, so that what is turned
// or tinted shows: red, green, blue and white, from the top left.
func scene() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 96, 64))
	for y := range 64 {
		for x := range 96 {
			c := color.NRGBA{uint8(40 + x*2), uint8(60 + y*2), uint8(128 + x - y), 255}
			switch {
			case x < 24 && y < 16:
				c = red
			case x >= 72 && y < 16:
				c = green
			case x < 24 && y >= 48:
				c = blue
			case x >= 72 && y >= 48:
				c = white
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

var (
	red   = color.NRGBA{200, 60, 40, 255}
	green = color.NRGBA{40, 180, 60, 255}
	blue  = color.NRGBA{50, 60, 190, 255}
	white = color.NRGBA{235, 235, 235, 255}
)

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decoded(t testing.TB, data []byte) *Picture {
	t.Helper()
	p, err := Decode(context.Background(), data, DefaultLimits(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// near fails unless the pixel at x, y is within tolerance of want.
func near(t testing.TB, m image.Image, x, y int, want color.NRGBA, tolerance int) {
	t.Helper()
	got := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
	for i, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B), int(got.A) - int(want.A)} {
		if d > tolerance || -d > tolerance {
			t.Errorf("pixel %d,%d is %v, want %v (channel %d)", x, y, got, want, i)
			return
		}
	}
}

// chunk makes one PNG chunk.
func chunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// header makes the body of an IHDR chunk.
func ihdr(w, h uint32, bits, colour byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, w)
	out = binary.BigEndian.AppendUint32(out, h)
	return append(out, bits, colour, 0, 0, 0)
}

func pngFile(chunks ...[]byte) []byte {
	out := []byte(pngSignature)
	for _, c := range chunks {
		out = append(out, c...)
	}
	return out
}

// withChunks puts chunks behind the header of a PNG.
func withChunks(file []byte, chunks ...[]byte) []byte {
	const head = 8 + 25
	out := append([]byte(nil), file[:head]...)
	for _, c := range chunks {
		out = append(out, c...)
	}
	return append(out, file[head:]...)
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// zeros is a stream that inflates to n zero bytes, n being whole megabytes rounded
// up. Its megabytes are one piece, repeated; its sum is that of one alone.
func zeros(n int) []byte {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	block := make([]byte, 1<<20)
	z.Write(block)
	z.Flush()
	first := b.Len()
	z.Write(block)
	z.Flush()
	again := b.Bytes()[first:]
	out := bytes.Clone(b.Bytes()[:first])
	for have := len(block); have < n; have += len(block) {
		out = append(out, again...)
	}
	return append(out, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0)
}

// segment makes one JPEG segment.
func segment(marker byte, body []byte) []byte {
	n := len(body) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, body...)
}

// withSegments puts segments behind the start of a JPEG.
func withSegments(file []byte, segments ...[]byte) []byte {
	out := append([]byte(nil), file[:2]...)
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, file[2:]...)
}

func iccSegment(profile []byte) []byte {
	return segment(0xe2, append([]byte(iccMark+"\x01\x01"), profile...))
}

// mkbox makes one ISO base media box.
func mkbox(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))
	return append(append(out, kind...), body...)
}

func u16(v ...int) (out []byte) {
	for _, n := range v {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	return out
}

func u32(v ...int) (out []byte) {
	for _, n := range v {
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	return out
}

const (
	owner  = "Ana Propietaria 7341"
	serial = "SN-9988776655"
)

// exifBlock makes a little-endian EXIF block with an orientation, an owner, a
// serial number, GPS coordinates and a thumbnail.
func exifBlock(orientation int, thumbnail []byte) []byte {
	type entry struct {
		tag, kind uint16
		count     uint32
		value     []byte
	}
	var out []byte
	put := func(entries []entry, next uint32) {
		start := len(out)
		overflow := start + 2 + 12*len(entries) + 4
		var tail []byte
		out = binary.LittleEndian.AppendUint16(out, uint16(len(entries)))
		for _, e := range entries {
			out = binary.LittleEndian.AppendUint16(out, e.tag)
			out = binary.LittleEndian.AppendUint16(out, e.kind)
			out = binary.LittleEndian.AppendUint32(out, e.count)
			if len(e.value) <= 4 {
				out = append(out, append(e.value, 0, 0, 0, 0)[:4]...)
				continue
			}
			out = binary.LittleEndian.AppendUint32(out, uint32(overflow+len(tail)))
			tail = append(tail, e.value...)
		}
		out = binary.LittleEndian.AppendUint32(out, next)
		out = append(out, tail...)
	}
	le := func(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
	text := func(tag uint16, s string) entry { return entry{tag, 2, uint32(len(s) + 1), append([]byte(s), 0)} }
	degrees := append(append(append(append(append(le(40), le(1)...), le(26)...), le(1)...), le(4600)...), le(100)...)

	out = append([]byte("II*\x00"), le(8)...)
	const first, exif, gps, second = 8, 200, 300, 500
	put([]entry{
		{0x0112, 3, 1, []byte{byte(orientation), 0}},
		text(0x8298, "(c) "+owner),
		{0x8769, 4, 1, le(exif)},
		{0x8825, 4, 1, le(gps)},
	}, second)
	pad := func(to int) { out = append(out, make([]byte, to-len(out))...) }
	pad(exif)
	put([]entry{text(0xa430, owner), text(0xa431, serial)}, 0)
	pad(gps)
	put([]entry{text(1, "N"), {2, 5, 3, degrees}, text(3, "W"), {4, 5, 3, degrees}}, 0)
	pad(second)
	put([]entry{{0x0201, 4, 1, le(second + 30)}, {0x0202, 4, 1, le(uint32(len(thumbnail)))}}, 0)
	pad(second + 30)
	out = append(out, thumbnail...)
	return append([]byte("Exif\x00\x00"), out...)
}

// profileOf makes an ICC profile of tags.
func profileOf(colours, pcs, class string, tags map[string][]byte) []byte {
	names := []string{}
	for _, n := range []string{"desc", "wtpt", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC", "kTRC", "A2B0"} {
		if tags[n] != nil {
			names = append(names, n)
		}
	}
	head := make([]byte, 128)
	copy(head[8:], "\x04\x00\x00\x00"+class+colours+pcs)
	copy(head[36:], "acsp")
	copy(head[68:], u32(0xf6d6, 0x10000, 0xd32d))
	table, data := u32(len(names)), []byte{}
	for _, n := range names {
		body := append(tags[n], make([]byte, (4-len(tags[n])%4)%4)...)
		table = append(append(table, n...), u32(132+12*len(names)+len(data), len(body))...)
		data = append(data, body...)
	}
	whole := append(append(head, table...), data...)
	binary.BigEndian.PutUint32(whole, uint32(len(whole)))
	return whole
}

func xyz(x, y, z float64) []byte {
	fixed := func(v float64) int { return int(int32(v * 65536)) }
	return append([]byte("XYZ \x00\x00\x00\x00"), u32(fixed(x), fixed(y), fixed(z))...)
}

func gammaCurve(g float64) []byte {
	return append([]byte("para\x00\x00\x00\x00\x00\x00\x00\x00"), u32(int(g*65536))...)
}

func srgbCurve() []byte {
	f := func(v float64) int { return int(v * 65536) }
	return append([]byte("para\x00\x00\x00\x00\x00\x03\x00\x00"), u32(f(2.4), f(1/1.055), f(0.055/1.055), f(1/12.92), f(0.04045))...)
}

// displayP3 and adobeRGB are as their makers define them, adapted to D50.
func displayP3() []byte {
	return profileOf("RGB ", "XYZ ", "mntr", map[string][]byte{
		"rXYZ": xyz(0.51512, 0.24120, -0.00105), "gXYZ": xyz(0.29198, 0.69225, 0.04189), "bXYZ": xyz(0.15710, 0.06657, 0.78407),
		"rTRC": srgbCurve(), "gTRC": srgbCurve(), "bTRC": srgbCurve(), "wtpt": xyz(0.9642, 1, 0.8249),
	})
}

func adobeRGB() []byte {
	return profileOf("RGB ", "XYZ ", "mntr", map[string][]byte{
		"rXYZ": xyz(0.60974, 0.31111, 0.01947), "gXYZ": xyz(0.20528, 0.62567, 0.06087), "bXYZ": xyz(0.14919, 0.06322, 0.74457),
		"rTRC": gammaCurve(2.19921875), "gTRC": gammaCurve(2.19921875), "bTRC": gammaCurve(2.19921875), "wtpt": xyz(0.9642, 1, 0.8249),
	})
}

func greyGamma(g float64) []byte {
	return profileOf("GRAY", "XYZ ", "mntr", map[string][]byte{"kTRC": gammaCurve(g), "wtpt": xyz(0.9642, 1, 0.8249)})
}

// plainCMYK has a lattice of two points an ink: the lightness is what the inks
// leave, without colour.
func plainCMYK() []byte {
	lut := append([]byte("mft1\x00\x00\x00\x00\x04\x03\x02\x00"), u32(65536, 0, 0, 0, 65536, 0, 0, 0, 65536)...)
	identity := make([]byte, 256)
	for i := range identity {
		identity[i] = byte(i)
	}
	for range 4 {
		lut = append(lut, identity...)
	}
	for node := range 16 {
		paper := 255.0
		for ink := range 4 {
			if node>>(3-ink)&1 != 0 {
				paper *= []float64{0.6, 0.6, 0.6, 0.1}[ink]
			}
		}
		lut = append(lut, byte(paper), 128, 128)
	}
	for range 3 {
		lut = append(lut, identity...)
	}
	return profileOf("CMYK", "Lab ", "prtr", map[string][]byte{"A2B0": lut, "wtpt": xyz(0.9642, 1, 0.8249)})
}
