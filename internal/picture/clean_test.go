package picture

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const secret = "GPS-SECRET-19.4326N"

// laden puts metadata with the secret in it into a file.
func laden(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	exif := append(turned(1), []byte(secret)...)
	switch f, _ := Sniff(data); f {
	case JPEG:
		out := appendSegment([]byte{0xff, 0xd8}, 0xe1, append([]byte("Exif\x00\x00"), exif...))
		out = appendSegment(out, 0xed, []byte("Photoshop 3.0\x00"+secret))
		out = appendSegment(out, 0xe2, []byte("MPF\x00"+secret))
		out = appendSegment(out, 0xfe, []byte(secret))
		return append(append(out, data[2:]...), secret...)
	case PNG:
		out := bytes.Clone(data[:33])
		out = appendChunk(out, "tEXt", []byte("Author\x00"+secret))
		out = appendChunk(out, "eXIf", exif)
		return append(append(out, data[33:]...), secret...)
	case WebP:
		out := appendRIFF(appendRIFF(bytes.Clone(data), "EXIF", exif), "XMP ", []byte(secret))
		copy(out[4:], little(uint32(len(out)-8)))
		return append(out, secret...)
	default:
		return append(append(bytes.Clone(data), mkbox("uuid", []byte(secret))...), mkbox("mpvd", []byte(secret))...)
	}
}

func TestCleaningLeavesThePixelsAndNothingElse(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]byte{"scene.png": pngOf(t, scene()), "scene.jpg": jpegOf(t, scene(), 80)}
	for _, file := range files {
		if cases[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range cases {
		if _, err := Probe(data, DefaultLimits()); err != nil {
			continue // refused anyway
		}
		t.Run(name, func(t *testing.T) { checkCleaned(t, laden(t, name, data)) })
	}
}

func checkCleaned(t *testing.T, data []byte) {
	t.Helper()
	before, err := Decode(t.Context(), data, DefaultLimits(), nil)
	if err != nil {
		t.Fatalf("the laden file: %v", err)
	}
	clean, err := Clean(data, before.Info)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(clean, []byte(secret)) || bytes.Contains(clean, []byte("Photoshop")) {
		t.Error("the secret is still there")
	}
	after, err := Decode(t.Context(), clean, DefaultLimits(), nil)
	if err != nil {
		t.Fatalf("the clean file: %v", err)
	}
	if before.Info.Orientation != after.Info.Orientation || before.Info.JPEGQuality != after.Info.JPEGQuality || !samePixels(before.Image, after.Image) {
		t.Error("the picture is another one")
	}
	again, err := Clean(clean, after.Info)
	if err != nil || !bytes.Equal(again, clean) {
		t.Errorf("cleaning twice gives another file (%v)", err)
	}
}

func samePixels(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

// Items that are not shown are blanked where they lie.
func TestAnEXIFItemOfAHEICIsBlanked(t *testing.T) {
	for _, name := range []string{"tagged.heic", "tagged.avif"} {
		data := sample(t, name)
		p, err := Decode(t.Context(), data, DefaultLimits(), nil)
		if err != nil {
			t.Fatal(err)
		}
		clean, err := Clean(data, p.Info)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"II*\x00", "MM\x00*", "<x:xmpmeta", "GPS"} {
			if strings.Contains(string(clean), word) {
				t.Errorf("%s still holds %q", name, word)
			}
		}
	}
}

func FuzzClean(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		l := Limits{Bytes: 1 << 20, Pixels: 1 << 18, Side: 4096, Frames: 1, OutputPixels: 1 << 20}
		info, err := Probe(data, l)
		if err != nil {
			return
		}
		clean, err := Clean(data, info)
		if err != nil {
			return
		}
		if len(clean) > len(data)+100 {
			t.Fatalf("%d bytes became %d", len(data), len(clean))
		}
	})
}
