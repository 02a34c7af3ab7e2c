package shop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEveryAccentIsReadableInBothThemes(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, accent string) {
		for _, dark := range []bool{false, true} {
			p := Look{Accent: accent}.Palette(dark)
			for _, c := range []struct {
				what string
				a, b Tone
				want float64
			}{
				{"ink on the ground", p.Ink, p.Ground, 7}, {"ink on a sheet", p.Ink, p.Raised, 7},
				{"soft text on the ground", p.Soft, p.Ground, 4.5}, {"soft text on a sheet", p.Soft, p.Raised, 4.5},
				{"a field's edge", p.Edge, p.Ground, 3}, {"a field's edge inside", p.Edge, p.Raised, 3},
				{"accent text on the ground", p.Text, p.Ground, 4.5}, {"accent text on a sheet", p.Text, p.Raised, 4.5},
				{"a mark on the ground", p.Mark, p.Ground, 3}, {"a mark on a sheet", p.Mark, p.Raised, 3},
				{"a button's words", p.OnFill, p.Fill, 4.5}, {"a button's words under the pointer", p.OnFill, p.Hover, 4.5},
				{"a button on the ground", p.Fill, p.Ground, 3},
			} {
				if got := Contrast(c.a, c.b); got < c.want {
					t.Errorf("accent %s, dark %v: %s, %s on %s, is %.2f to 1, not %.1f", accent, dark, c.what, c.a, c.b, got, c.want)
				}
			}
		}
	}
	for _, a := range []string{"#000000", "#ffffff", "#808080", "#ffff00", "#0000ff", "#00ff00", "#ff0000", "#d8442f"} {
		check(t, a)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(t, "accent"))) })
}

func TestAReadableAccentIsLeftAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := parseTone(fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(t, "accent")))
		p := Look{Accent: own.String()}.Palette(true)
		if stands(own, markRatio, []Tone{p.Ground, p.Raised}) && distance(own, p.Mark) > 3 {
			t.Fatalf("%s became %s", own, p.Mark)
		}
	})
}

func distance(a, b Tone) int {
	far := func(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }
	return max(far(a.R, b.R), far(a.G, b.G), far(a.B, b.B))
}

func TestContrastIsWhatTheNormSays(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#0000ff", "#ffffff", 8.59}, {"#123456", "#123456", 1}} {
		if got := Contrast(parseTone(c.a), parseTone(c.b)); got < c.want-0.01 || got > c.want+0.01 {
			t.Errorf("%s on %s is %.2f, not %.2f", c.a, c.b, got, c.want)
		}
	}
}

func TestAMarkIsShapesAlone(t *testing.T) {
	const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">`
	for _, c := range []struct{ name, text, want string }{
		{"shapes", open + `<g transform="rotate(45 16 16)"><circle cx="16" cy="16" r="7"/></g></svg>`, ""},
		{"another field", `<svg viewBox="0 0 24 24"><circle r="7"/></svg>`, "viewBox"},
		{"a script", open + `<script>alert(1)</script></svg>`, "<script>"},
		{"an act", open + `<circle r="7" onload="alert(1)"/></svg>`, "onload"},
		{"a link to elsewhere", open + `<use href="https://example.com/x.svg"/></svg>`, "<use>"},
		{"a paint from elsewhere", open + `<circle r="7" fill="url(https://example.com/x)"/></svg>`, "fill"},
		{"a style", open + `<circle r="7" style="fill:red"/></svg>`, "style"},
		{"text", open + `Safelight</svg>`, "text"},
		{"an entity", `<!DOCTYPE svg [<!ENTITY a "b">]>` + open + `</svg>`, "shapes alone"},
		{"half a drawing", open + `<circle r="7">`, "EOF"},
		{"too much", open + strings.Repeat(`<circle r="7"/>`, 400) + `</svg>`, "larger"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "mark.svg")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			inside, err := readMark(file)
			if c.want == "" && (err != nil || !strings.HasPrefix(inside, "<g ") || strings.Contains(inside, "svg")) {
				t.Errorf("got %q, %v", inside, err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "mark.svg")) {
				t.Errorf("got %v, want one that names mark.svg and %q", err, c.want)
			}
		})
	}
	if inside, err := readMark(filepath.Join(t.TempDir(), "mark.svg")); inside != "" || err != nil {
		t.Errorf("without a file: %q, %v", inside, err)
	}
}
