package i18n

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"safelight/internal/fault"
	"safelight/internal/money"
)

var parameter = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

// read returns the messages of one language: key to the parameters it uses.
func read(t *testing.T, l Lang) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	files, err := fs.Glob(messages, "messages/*."+string(l)+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := messages.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := yaml.Unmarshal(data, &m); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for key, v := range m {
			if _, twice := all[key]; twice {
				t.Errorf("%s: %s stands in two files", f, key)
			}
			all[key] = parameters(t, f, key, v)
		}
	}
	return all
}

func parameters(t *testing.T, file, key string, v any) []string {
	t.Helper()
	texts := []string{}
	switch v := v.(type) {
	case string:
		texts = append(texts, v)
	case map[string]any:
		for _, form := range v {
			texts = append(texts, form.(string))
		}
	default:
		t.Fatalf("%s: %s is neither a text nor a plural", file, key)
	}
	names := []string{}
	for _, s := range texts {
		if strings.TrimSpace(s) == "" {
			t.Errorf("%s: %s is empty", file, key)
		}
		for _, m := range parameter.FindAllStringSubmatch(s, -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestEveryMessageIsInEveryLanguage(t *testing.T) {
	english := read(t, English)
	for _, l := range Languages[1:] {
		other := read(t, l)
		for key, names := range english {
			got, ok := other[key]
			if !ok {
				t.Errorf("%s: %s is missing", l, key)
			} else if !reflect.DeepEqual(names, got) {
				t.Errorf("%s: %s has the parameters %v, English %v", l, key, got, names)
			}
		}
		for key := range other {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %s is in no other language", l, key)
			}
		}
	}
}

var named = regexp.MustCompile(`(?:\.[TN]\(|fault\.New\(\s*fault\.\w+,\s*)"([a-z0-9_]+\.[a-z0-9_.]+)"`)

func TestEveryKeyInTheProgramIsAMessage(t *testing.T) {
	english := read(t, English)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range named.FindAllStringSubmatch(string(src), -1) {
			if !there(english, m[1]) {
				t.Errorf("%s names %s, which is no message", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// there reports whether key is a message, or the head of some: "web.op_" is
// completed by the program.
func there(all map[string][]string, key string) bool {
	_, ok := all[key]
	for name := range all {
		ok = ok || strings.HasSuffix(key, "_") && strings.HasPrefix(name, key)
	}
	return ok
}

func TestLanguagesWriteAmountsAndDatesTheirOwnWay(t *testing.T) {
	at := time.Date(2026, 2, 20, 9, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		lang                 Lang
		amount, date, number string
	}{
		{English, "$1,234.50", "20 February 2026", "1,234,567"},
		{Spanish, "USD 1,234.50", "20 de febrero de 2026", "1,234,567"},
		{Russian, "1 234,50 $", "20 февраля 2026 г.", "1 234 567"},
	} {
		p := For(c.lang)
		space := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
		if got := space.Replace(p.Money(money.Of(123450, "USD"))); got != c.amount {
			t.Errorf("%s: amount %q, want %q", c.lang, got, c.amount)
		}
		if got := p.Date(at); got != c.date {
			t.Errorf("%s: date %q, want %q", c.lang, got, c.date)
		}
		if got := space.Replace(p.Number(1234567)); got != c.number {
			t.Errorf("%s: number %q, want %q", c.lang, got, c.number)
		}
	}
}

func TestErrorsSpeakTheReadersLanguage(t *testing.T) {
	got := For(Russian).Error(fault.New(fault.NotFound, "fault.not_found", "x"))
	if !strings.Contains(got, "ничего нет") {
		t.Errorf("got %q", got)
	}
	if got := For(Spanish).Error(os.ErrClosed); !strings.Contains(got, "de nuestro lado") {
		t.Errorf("a foreign error shows %q", got)
	}
}

func TestMatchPicksWhatTheReaderPrefersAmongTheOffered(t *testing.T) {
	for _, c := range []struct {
		header string
		want   Lang
	}{{"es-AR,es;q=0.9,en;q=0.5", Spanish}, {"ru", Russian}, {"de,fr", English}, {"", English}, {"\x00;;", English}} {
		if got := Match(c.header, Languages); got != c.want {
			t.Errorf("%q gives %s, want %s", c.header, got, c.want)
		}
	}
}
