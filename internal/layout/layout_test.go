package layout

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The floor imports only the floor, and everybody may import it.
var floor = []string{"clock", "fault", "id", "money", "i18n", "db", "blob", "queue", "obs", "serve", "picture"}

// The map: what a package may import besides the floor and account.
var house = map[string][]string{
	"clock": nil, "fault": nil, "id": nil, "money": nil, "i18n": nil, "db": nil, "blob": nil, "queue": nil,
	"obs": nil, "serve": nil, "picture": nil,

	"shop":    nil,
	"account": {"mail"},
	"catalog": {"shop"},
	"fact":    nil,
	"policy":  {"fact", "shop"},
	"explain": {"fact", "policy"},
	"diff":    {"explain", "policy"},
	"ledger":  nil,
	"payment": nil,
	"engine":  nil,
	"mail":    nil,
	"edition": {"mail", "policy", "shop"},

	"order":  {"catalog", "edition", "fact", "ledger", "mail", "payment", "policy", "shop"},
	"refund": {"edition", "fact", "policy"},
	"lab":    {"catalog", "engine", "ledger", "mail", "policy", "shop"},

	"web": {"shop", "catalog", "fact", "policy", "explain", "diff", "edition", "refund", "ledger", "payment", "engine", "mail", "order", "lab"},
	"api": {"shop", "catalog", "fact", "policy", "explain", "edition", "refund", "ledger", "payment", "engine", "mail", "order", "lab"},

	"layout": nil,
}

// These do not import account.
var withoutAccount = append([]string{"mail", "shop", "account"}, floor...)

// A subfolder is an implementation of its parent's interface or that
// interface's conformance suite, and imports what its parent may.
var implementations = map[string][]string{
	"db": {"sqlite", "postgres", "dbtest"}, "blob": {"disk", "s3", "blobtest"}, "payment": {"stripe", "sandbox", "paymenttest"},
	"engine": {"onboard", "enginetest"}, "mail": {"smtp", "mailtest"}, "queue": {"queuetest"},
}

type listed struct {
	ImportPath   string
	Dir          string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Imports,TestImports,XTestImports", "safelight/...")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(out); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, "safelight/internal/") {
			all = append(all, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// split gives the slice and, for an implementation, its subfolder.
func split(path string) (slice, sub string) {
	slice, sub, _ = strings.Cut(strings.TrimPrefix(path, "safelight/internal/"), "/")
	return slice, sub
}

func TestEveryPackageIsOnTheMap(t *testing.T) {
	for _, p := range packages(t) {
		slice, sub := split(p.ImportPath)
		if _, ok := house[slice]; !ok {
			t.Errorf("%s is not on the map", p.ImportPath)
		}
		if sub != "" && !slices.Contains(implementations[slice], sub) {
			t.Errorf("%s is neither an implementation nor a conformance suite on the map", p.ImportPath)
		}
	}
}

func TestNobodyImportsMoreThanTheMapAllows(t *testing.T) {
	for _, p := range packages(t) {
		from, sub := split(p.ImportPath)
		for _, i := range p.Imports {
			if !strings.HasPrefix(i, "safelight/") {
				continue
			}
			to, impl := split(i)
			if from == to && (sub != "" || !strings.HasPrefix(i, p.ImportPath+"/")) {
				continue // an implementation imports its parent
			}
			if !allowed(from, to) {
				t.Errorf("%s imports %s, which the map does not allow", p.ImportPath, i)
			}
			if impl != "" && !strings.HasSuffix(sub, "test") {
				t.Errorf("%s imports the implementation %s; only cmd/safelight may", p.ImportPath, i)
			}
		}
	}
}

func allowed(from, to string) bool {
	switch {
	case slices.Contains(floor, to):
		return true
	case to == "account":
		return !slices.Contains(withoutAccount, from)
	}
	return slices.Contains(house[from], to)
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		text, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil {
			t.Errorf("%s has no doc.go", p.ImportPath)
			continue
		}
		want := "// Package " + filepath.Base(p.Dir) + " "
		if !strings.HasPrefix(string(text), want) {
			t.Errorf("%s/doc.go does not begin with %q", p.ImportPath, want)
		}
	}
}

// A doc that names a test which does not exist promises what nobody checks.
func TestEveryInvariantNamesATestThatExists(t *testing.T) {
	for _, p := range packages(t) {
		doc, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil {
			continue // told above
		}
		for _, name := range testNames(string(doc)) {
			if !defined(t, p.Dir, name) {
				t.Errorf("%s/doc.go names %s, which is no test of it", p.ImportPath, name)
			}
		}
	}
}

func testNames(doc string) (all []string) {
	for _, word := range strings.FieldsFunc(doc, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		if (strings.HasPrefix(word, "Test") || strings.HasPrefix(word, "Fuzz")) && len(word) > 6 {
			all = append(all, word)
		}
	}
	return all
}

func defined(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	suites, _ := filepath.Glob(filepath.Join(dir, "*", "*.go")) // a port's invariants are tested in its suite and implementations
	parents, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "*_test.go"))
	var siblings []string // of a suite: the implementations that call it
	if filepath.Base(filepath.Dir(dir)) != "internal" {
		siblings, _ = filepath.Glob(filepath.Join(filepath.Dir(dir), "*", "*_test.go"))
	}
	for _, f := range slices.Concat(files, suites, parents, siblings) {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(src), "func "+name+"(") {
			return true
		}
	}
	return false
}
