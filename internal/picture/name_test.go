package picture

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestRenameGivesSafeNames(t *testing.T) {
	for _, c := range []struct{ name, suffix, want string }{
		{"holiday.jpg", "-2x", "holiday-2x.png"},
		{"../../etc/passwd", "-2x", "passwd-2x.png"},
		{`C:\Users\ana\фото на память.JPEG`, "-2x", "фото на память-2x.png"},
		{"夏の写真.heic", "", "夏の写真.png"},
		{"archive.tar.gz", "-2x", "archive.tar-2x.png"},
		{".htaccess", "", "htaccess.png"},
		{"", "-2x", "picture-2x.png"},
		{"...", "", "picture.png"},
		{"CON.jpg", "", "picture.png"},
		{"a\x00b\r\nc\u202egpj.exe", "", "abcgpj.png"},
		{`say "hi" <now>?.png`, "", "say -hi- -now--.png"},
	} {
		if got := Rename(c.name, c.suffix, PNG); got != c.want {
			t.Errorf("%q became %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRenameIsAlwaysSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := Rename(rapid.String().Draw(t, "name"), rapid.String().Draw(t, "suffix"), rapid.SampledFrom(Formats).Draw(t, "format"))
		switch {
		case len(got) > maxNameBytes || !utf8.ValidString(got):
			t.Fatalf("%q has %d bytes", got, len(got))
		case strings.ContainsAny(got, `/\:*?"<>|`) || strings.HasPrefix(got, ".") || strings.TrimSpace(got) != got:
			t.Fatalf("%q is not safe", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("%q has %U", got, r)
			}
		}
	})
}

func TestLongNamesAreCutBetweenLetters(t *testing.T) {
	got := Rename(strings.Repeat("ё", 200)+".jpg", "-4x", JPEG)
	if len(got) > maxNameBytes || !utf8.ValidString(got) || !strings.HasSuffix(got, "ё-4x.jpg") {
		t.Errorf("cut to %q", got)
	}
}

func TestFormatsAreKnownByTheirEndings(t *testing.T) {
	for name, want := range map[string]Format{"a.JPG": JPEG, "b.jpeg": JPEG, "c.heif": HEIC, "d.webp": WebP, "e.avif": AVIF, "f.png": PNG} {
		if f, ok := FormatOf(name); !ok || f != want {
			t.Errorf("%s is %q", name, f)
		}
	}
	if _, ok := FormatOf("a.gif"); ok {
		t.Error("GIF is taken for a format")
	}
}
