package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"runtime"
	"strings"
	"testing"
	"time"

	"safelight/internal/fault"
)

// bomb is a file that must be refused, and as what.
type bomb struct {
	name string
	data []byte
	want *fault.Error
}

// scans makes a progressive JPEG of n scans that refine one bit again and again.
func scans(t testing.TB, n int) []byte {
	file := sample(t, "progressive.jpg")
	at := bytes.Index(file, []byte{0xff, 0xda})
	scan := []byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0x10, 0x80}
	return append(append(append([]byte(nil), file[:at]...), bytes.Repeat(scan, n)...), 0xff, 0xd9)
}

// sized makes a JPEG claim another size than it has.
func sized(file []byte, w, h int) []byte {
	out := bytes.Clone(file)
	at := bytes.Index(out, []byte{0xff, 0xc0})
	copy(out[at+5:], u16(h, w))
	return out
}

func nested(depth int) []byte {
	b := mkbox("free")
	for range depth {
		b = mkbox("moov", b)
	}
	return b
}

func webpFile(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(append([]byte("RIFF"), little32(len(body))...), body...)
}

func little32(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)} }

func webpChunk(kind string, body []byte) []byte {
	out := append(append([]byte(kind), little32(len(body))...), body...)
	return append(out, make([]byte, len(body)&1)...)
}

// exifLoop is an EXIF block whose second directory is its first.
func exifLoop() []byte {
	return []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x08\x00\x00\x00")
}

func bombs(t testing.TB) []bomb {
	plainPNG, plainJPEG := pngOf(t, scene()), jpegOf(t, scene(), 90)
	av1, av1C := codedIn(t, "plain.avif")
	hevc, hvcC := codedIn(t, "plain.heic")
	frame := webpChunk("ANMF", make([]byte, 24))
	animated := webpChunk("VP8X", []byte{webpAnimated, 0, 0, 0, 95, 0, 0, 63, 0, 0})
	fcTL := chunk("fcTL", make([]byte, 26))
	flat := func(w, h int, colour byte, stride int) []byte {
		return pngFile(chunk("IHDR", ihdr(uint32(w), uint32(h), 8, colour)), chunk("IDAT", zeros(h*(stride+1))), chunk("IEND", nil))
	}
	list := []bomb{
		{"no bytes", nil, ErrEmpty},
		{"more bytes than allowed", append(bytes.Clone(plainJPEG), make([]byte, 50_000_000)...), ErrTooLargeBytes},
		{"PNG claiming 65535 by 65535", pngFile(chunk("IHDR", ihdr(65535, 65535, 8, 6)), chunk("IDAT", deflated(nil)), chunk("IEND", nil)), ErrTooLongSide},
		{"PNG claiming 2^31 by 2^31", pngFile(chunk("IHDR", ihdr(1<<31-1, 1<<31-1, 16, 6)), chunk("IEND", nil)), ErrTooLongSide},
		{"flat PNG of 64 megapixels in few bytes", flat(8000, 8000, 0, 8000), ErrTooManyPixels},
		{"PNG of 1 by 20001", flat(1, 20001, 0, 1), ErrTooLongSide},
		{"PNG of 20001 by 1", flat(20001, 1, 0, 20001), ErrTooLongSide},
		{"PNG text inflating to 1 GB", withChunks(plainPNG, chunk("zTXt", append([]byte("Comment\x00\x00"), zeros(1<<30)...))), ErrDamaged},
		{"PNG international text inflating to 256 MB", withChunks(plainPNG, chunk("iTXt", append([]byte("Comment\x00\x01\x00\x00\x00"), zeros(1<<28)...))), ErrDamaged},
		{"PNG profile inflating to 256 MB", withChunks(plainPNG, chunk("iCCP", append([]byte("icc\x00\x00"), zeros(1<<28)...))), ErrDamaged},
		{"PNG of 100,000 texts", withChunks(plainPNG, bytes.Repeat(chunk("tEXt", []byte("a\x00b")), 100_000)), ErrDamaged},
		{"PNG of 100,000 empty data chunks", withChunks(plainPNG, bytes.Repeat(chunk("IDAT", nil), 100_000)), ErrDamaged},
		{"PNG with two headers", withChunks(plainPNG, chunk("IHDR", ihdr(20000, 2000, 8, 6))), ErrDamaged},
		{"PNG whose data ends early", pngFile(chunk("IHDR", ihdr(7000, 7000, 8, 0)), chunk("IDAT", zeros(1<<20)), chunk("IEND", nil)), ErrDamaged},
		{"animated PNG of 10,000 frames", withChunks(plainPNG, chunk("acTL", u32(10_000, 0)), bytes.Repeat(fcTL, 10_000)), ErrAnimated},
		{"animated PNG that hides its count", withChunks(plainPNG, bytes.Repeat(fcTL, 10_000)), ErrAnimated},
		{"JPEG claiming 65500 by 65500", sized(plainJPEG, 65500, 65500), ErrTooLongSide},
		{"JPEG claiming 20000 by 20000", sized(plainJPEG, 20000, 20000), ErrTooManyPixels},
		{"JPEG claiming 7000 by 7000 with little data", sized(plainJPEG, 7000, 7000), ErrDamaged},
		{"JPEG without height", sized(plainJPEG, 96, 0), ErrDamaged},
		{"progressive JPEG of 10,000 scans", scans(t, 10_000), ErrDamaged},
		{"JPEG with several frames", withSegments(plainJPEG, segment(0xc0, []byte{8, 0x10, 0, 0x10, 0, 1, 1, 0x11, 0})), ErrDamaged},
		{"JPEG of 255 components", withSegments(plainJPEG, segment(0xc0, append([]byte{8, 0, 64, 0, 96, 255}, make([]byte, 765)...))), ErrDamaged},
		{"JPEG of 1,001 Huffman tables", withSegments(plainJPEG, bytes.Repeat(segment(0xc4, make([]byte, 17)), 1001)), ErrDamaged},
		{"JPEG of 100,000 segments", withSegments(plainJPEG, bytes.Repeat(segment(0xfe, nil), 100_000)), ErrDamaged},
		{"JPEG of 100 EXIF blocks", withSegments(plainJPEG, bytes.Repeat(segment(0xe1, exifBlock(1, nil)), 100)), ErrDamaged},
		{"JPEG whose EXIF bites its tail", withSegments(plainJPEG, segment(0xe1, exifLoop())), ErrDamaged},
		{"JPEG with 14 MB of profile", withSegments(plainJPEG, manyProfiles()...), ErrDamaged},
		{"WebP claiming 16383 by 16383", webpFile(webpChunk("VP8 ", []byte{0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f})), ErrTooManyPixels},
		{"lossless WebP claiming 16384 by 16384", webpFile(webpChunk("VP8L", []byte{0x2f, 0xff, 0xff, 0xff, 0x0f})), ErrTooManyPixels},
		{"WebP whose canvas is small and picture large", webpFile(webpChunk("VP8X", []byte{0, 0, 0, 0, 9, 0, 0, 9, 0, 0}), webpChunk("VP8L", []byte{0x2f, 0xff, 0xcf, 0xf3, 0x00})), ErrDamaged},
		{"animated WebP", sample(t, "frames.webp"), ErrAnimated},
		{"animated WebP of 100,000 frames", webpFile(animated, bytes.Repeat(frame, 100_000)), ErrAnimated},
		{"AVIF image sequence", sample(t, "frames.avif"), ErrAnimated},
		{"HEIC image sequence", append(mkbox("ftyp", []byte("hevc"), u32(0), []byte("hevcmsf1")), mkbox("moov", mkbox("trak", mkbox("mdia", mkbox("minf", mkbox("stbl", mkbox("stsz", u32(0, 0, 5000)))))))...), ErrAnimated},
		{"AVIF claiming 2^31 by 2^31", heifOf("avif", heifItemOf{kind: "av01", data: av1, props: [][]byte{av1C, ispe(1<<31-1, 1<<31-1)}}), ErrTooLongSide},
		{"AVIF claiming 8000 by 8000", heifOf("avif", heifItemOf{kind: "av01", data: av1, props: [][]byte{av1C, ispe(8000, 8000)}}), ErrTooManyPixels},
		{"AVIF whose item is small and codec large", heifOf("avif", heifItemOf{kind: "av01", data: av1, props: [][]byte{av1C, ispe(16, 16)}}), ErrDamaged},
		{"HEIC whose item is small and codec large", heifOf("heic", heifItemOf{kind: "hvc1", data: hevc, props: [][]byte{hvcC, ispe(16, 16)}}), ErrDamaged},
		{"AVIF grid of 65,536 tiles", heifOf("avif", heifItemOf{kind: "grid", data: append([]byte{0, 1, 255, 255}, u32(7000, 7000)...), props: [][]byte{ispe(7000, 7000)}}), ErrDamaged},
		{"HEIC grid that is its own tile", heifOf("heic", heifItemOf{kind: "grid", data: append([]byte{0, 1, 0, 0}, u32(96, 64)...), props: [][]byte{ispe(96, 64)}, dimg: []int{1}}), ErrDamaged},
		{"HEIC grid larger than its tiles", gridOf(t, "plain.heic", "heic", "hvc1", 2, 2, 6000, 6000), ErrDamaged},
		{"HEIC overlay", heifOf("heic", heifItemOf{kind: "iovl", data: make([]byte, 64), props: [][]byte{ispe(96, 64)}, dimg: []int{1}}), ErrUnsupported},
		{"AVIF of boxes nested a thousand deep", append(mkbox("ftyp", []byte("avif"), u32(0)), nested(1000)...), ErrDamaged},
		{"AVIF of 100,000 boxes", append(mkbox("ftyp", []byte("avif"), u32(0)), bytes.Repeat(mkbox("free"), 100_000)...), ErrDamaged},
		{"AVIF of items in millions of pieces", append(mkbox("ftyp", []byte("avif"), u32(0)), mkbox("meta", u32(0), mkbox("iloc", u32(1<<24), u16(0), u16(60_000), bytes.Repeat(u16(1, 0, 0, 65535), 60_000)))...), ErrDamaged},
		{"HEIC whose data lies outside the file", heifOf("heic", heifItemOf{kind: "hvc1", props: [][]byte{hvcC, ispe(96, 64)}}), ErrDamaged},
		{"GIF", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;" + "\xff\xd8\xff"), ErrUnsupported},
		{"SVG", []byte("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>"), ErrUnsupported},
		{"PDF with a JPEG inside", append([]byte("%PDF-1.7\n"), plainJPEG...), ErrUnsupported},
		{"TIFF", []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), ErrUnsupported},
		{"BMP", append([]byte("BM"), make([]byte, 60)...), ErrUnsupported},
		{"ICO with a PNG inside", append([]byte("\x00\x00\x01\x00\x01\x00"), plainPNG...), ErrUnsupported},
		{"HTML with a PNG inside", append([]byte("<!DOCTYPE html><script>alert(1)</script>"), plainPNG...), ErrUnsupported},
		{"ZIP with a PNG inside", append([]byte("PK\x03\x04"), plainPNG...), ErrUnsupported},
		{"MP4", mkbox("ftyp", []byte("isom"), u32(0), []byte("mp42")), ErrUnsupported},
		{"RAW of a camera", mkbox("ftyp", []byte("crx "), u32(0), []byte("crx isom")), ErrUnsupported},
		{"text", []byte("just words, nothing else"), ErrUnrecognised},
	}
	return list
}

func manyProfiles() (out [][]byte) {
	for n := range 220 {
		out = append(out, segment(0xe2, append([]byte(iccMark+string([]byte{byte(n + 1), 220})), make([]byte, 65_000)...)))
	}
	return out
}

// TestEveryBombIsRefusedInFlatMemory gives Decode each file: whatever a file
// claims, refusing it takes less than a second and little memory.
func TestEveryBombIsRefusedInFlatMemory(t *testing.T) {
	for _, b := range bombs(t) {
		t.Run(b.name, func(t *testing.T) {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := Decode(context.Background(), b.data, DefaultLimits(), NewBudget(1<<31))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, b.want) {
				t.Fatalf("refused as %v, want %v", err, b.want.Code)
			}
			if took > time.Second {
				t.Errorf("took %v", took)
			}
			most := uint64(24 << 20)
			if strings.Contains(b.name, "little data") || strings.Contains(b.name, "ends early") {
				most = 128 << 20 // its claim is allowed, so that the decoder makes room for it
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > most {
				t.Errorf("allocated %d MB", used>>20)
			}
			t.Logf("%v, %d kB", took.Round(time.Microsecond), (after.TotalAlloc-before.TotalAlloc)>>10)
		})
	}
}

func TestATruncatedFileIsDamaged(t *testing.T) {
	files := map[string][]byte{"jpeg": jpegOf(t, scene(), 90), "png": pngOf(t, scene())}
	for _, name := range []string{
		"progressive.jpg", "lossy.webp", "lossless.webp", "alpha.webp", "plain.avif", "grid.avif", "deep.avif", "plain.heic", "grey.heic",
	} {
		files[name] = sample(t, name)
	}
	for name, data := range files {
		for _, part := range []float64{0.2, 0.5, 0.8, 0.95} {
			cut := data[:int(float64(len(data))*part)]
			if _, err := Decode(context.Background(), cut, DefaultLimits(), nil); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s cut at %v: %v", name, part, err)
			}
		}
		if _, err := Decode(context.Background(), data[:len(data)-1], DefaultLimits(), nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s without its last byte: %v", name, err)
		}
	}
}

func TestARefusalCarriesItsFigures(t *testing.T) {
	_, err := Probe(pngFile(chunk("IHDR", ihdr(8000, 8000, 8, 2)), chunk("IEND", nil)), DefaultLimits())
	if f := fault.Of(err); f.Args["limit"] != "50" || f.Args["actual"] != "64" {
		t.Errorf("limit and figure are %v", f.Args)
	}
	_, err = Probe([]byte("GIF89a"), DefaultLimits())
	if f := fault.Of(err); f.Args["looks"] != "GIF" {
		t.Errorf("a GIF is called %v", f.Args)
	}
}

func TestContentDecidesNotTheName(t *testing.T) {
	if f, ok := Sniff(pngOf(t, scene())); !ok || f != PNG {
		t.Errorf("a PNG is %q", f)
	}
	p := decoded(t, pngOf(t, scene())) // whatever "photo.jpg" its sender calls it
	if p.Info.Format != PNG || p.Image.Bounds() != image.Rect(0, 0, 96, 64) {
		t.Errorf("decoded as %+v", p.Info)
	}
}
