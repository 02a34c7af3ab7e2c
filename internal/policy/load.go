package policy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cel.dev/cel-go/common/types/ref"
	"github.com/goccy/go-yaml"

	"safelight/internal/fact"
	"safelight/internal/i18n"
	"safelight/internal/shop"
)

// A Fault is what is wrong with a policy, and where.
type Fault struct {
	File string
	Line int
	Text string
}

func (f *Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// front is the head of a file; a translation has the first four.
type front struct {
	Title      string            `yaml:"title"`
	Version    string            `yaml:"version"`
	Labels     map[string]string `yaml:"labels"`
	Law        string            `yaml:"law"`
	Effective  time.Time         `yaml:"effective"`
	Updated    time.Time         `yaml:"updated"`
	Prevailing i18n.Lang         `yaml:"prevailing"`
	Acceptance string            `yaml:"acceptance"`
	Later      string            `yaml:"later_version"`
	Promises   []string          `yaml:"promises"`
	Precedence []string          `yaml:"precedence"`
	Settings   yaml.MapSlice     `yaml:"settings"`
}

// LoadShop reads a shop's folder and its policies.
func LoadShop(dir string) (Set, error) {
	s, err := shop.Load(dir)
	if err != nil {
		return nil, err
	}
	return Load(s)
}

// Load reads and checks DIR/policy/{refund,privacy,terms}.md and their
// translations NAME.LANG.md.
func Load(s *shop.Shop) (Set, error) { return LoadFS(s, os.DirFS(filepath.Join(s.Dir, "policy"))) }

// LoadFS is Load from the files of an edition. The error joins all faults; each
// is a [*Fault].
func LoadFS(s *shop.Shop, files fs.FS) (Set, error) {
	set, faults, failing := loadFS(s, files)
	if err := errors.Join(append(faults, failing...)...); err != nil {
		return nil, err
	}
	return set, nil
}

// loadFS tells apart what is wrong with the texts from examples that fail: then
// the rules can still be tried.
func loadFS(s *shop.Shop, files fs.FS) (set Set, faults, failing []error) {
	set = Set{}
	for _, name := range Names {
		l := newLoader(s, name, filepath.Join(s.Dir, "policy"), func(file string) ([]byte, error) { return fs.ReadFile(files, file) })
		l.all()
		set[name] = l.doc
		faults, failing = append(faults, l.faults...), append(failing, l.failing...)
	}
	return set, faults, failing
}

// LoadDraft reads one document of a shop from a file of any name, without
// translations. Examples that fail, and rules that cannot be proven, are told
// apart: a draft may be tried all the same.
func LoadDraft(s *shop.Shop, name, path string) (d *Document, doubts, err error) {
	l := newLoader(s, name, "", func(file string) ([]byte, error) {
		if file == name+".md" {
			return os.ReadFile(path)
		}
		return nil, fs.ErrNotExist
	})
	l.path, l.doc.path = path, path
	l.all()
	if err := errors.Join(l.faults...); err != nil {
		return nil, nil, err
	}
	if name == Refund {
		l.failing = append(l.failing, l.doc.prove()...)
	}
	return l.doc, errors.Join(l.failing...), nil
}

// loader reads one document.
type loader struct {
	shop   *shop.Shop
	folder string // of the files, as messages name it
	path   string // the one file, as messages name it; or empty
	read   func(file string) ([]byte, error)
	doc    *Document
	used   map[string]bool // settings that something uses
	faults []error

	failing []error // examples
}

func newLoader(s *shop.Shop, name, folder string, read func(string) ([]byte, error)) *loader {
	return &loader{shop: s, folder: folder, read: read, used: map[string]bool{}, doc: &Document{Name: name, shop: s, Files: map[string][]byte{},
		Texts: map[i18n.Lang]*Text{}, byGround: map[fact.Ground][]*Rule{}, values: map[string]ref.Val{}, lines: map[string]int{}}}
}

func (l *loader) fault(file string, line int, format string, args ...any) {
	path := cmp.Or(l.path, filepath.Join(l.folder, file))
	l.faults = append(l.faults, &Fault{File: path, Line: max(line, 1), Text: fmt.Sprintf(format, args...)})
}

func (l *loader) all() {
	main := l.doc.Name + ".md"
	source, head, ok := l.open(main)
	if !ok || !l.head(main, head, source) {
		return
	}
	text := l.text(main, source, head, l.doc.Prevailing)
	l.doc.Texts[l.doc.Prevailing] = text
	sum := sha256.New()
	sum.Write(l.doc.Files[main])
	for _, lang := range i18n.Languages {
		file := l.doc.Name + "." + string(lang) + ".md"
		if _, err := l.read(file); err != nil || lang == l.doc.Prevailing {
			continue
		}
		translation, head, ok := l.open(file)
		if !ok {
			continue
		}
		t := l.text(file, translation, head, lang)
		l.same(file, head.Version, text, t)
		l.doc.Texts[lang] = t
		fmt.Fprintf(sum, "\n%s\n", lang)
		sum.Write(l.doc.Files[file])
	}
	l.doc.Hash = hex.EncodeToString(sum.Sum(nil))
	if l.rules(main, source) {
		l.whole(main, source)
	}
	if len(l.faults) == 0 {
		l.examples(main)
	}
}

// open splits a file into its head and its blocks.
func (l *loader) open(file string) (*source, front, bool) {
	raw, err := l.read(file)
	if err != nil {
		l.fault(file, 1, "cannot be read: %v", err)
		return nil, front{}, false
	}
	l.doc.Files[file] = raw
	parts := bytes.SplitN(raw, []byte("---\n"), 3)
	if len(parts) != 3 || len(parts[0]) != 0 {
		l.fault(file, 1, "the head between two lines of --- is missing")
		return nil, front{}, false
	}
	var head front
	if err := yaml.UnmarshalWithOptions(parts[1], &head, yaml.Strict()); err != nil {
		l.fault(file, 1+yamlLine(err), "%s", yamlText(err))
		return nil, front{}, false
	}
	return split(string(parts[2]), 2+bytes.Count(parts[1], []byte("\n"))+1, string(parts[1])), head, true
}

// head takes over what the prevailing file's head says.
func (l *loader) head(file string, h front, s *source) bool {
	d, before := l.doc, len(l.faults)
	d.Version, d.Effective, d.Updated, d.Prevailing = h.Version, h.Effective, h.Updated, h.Prevailing
	d.Promises, d.Precedence = h.Promises, h.Precedence
	if _, err := time.Parse(time.DateOnly, h.Version); err != nil {
		l.fault(file, s.headLine("version"), `version: a date in quotes, like "2026-02-20", is needed`)
	}
	if h.Effective.IsZero() {
		l.fault(file, s.headLine("effective"), "effective: a date, like 2026-02-20, is needed")
	}
	if d.Updated.IsZero() {
		d.Updated, _ = time.Parse(time.DateOnly, h.Version)
	}
	if !slices.Contains(i18n.Languages, h.Prevailing) {
		l.fault(file, s.headLine("prevailing"), "prevailing: %q is not one of %v", h.Prevailing, i18n.Languages)
	}
	if !slices.Contains([]string{"", "use", "explicit"}, h.Acceptance) {
		l.fault(file, s.headLine("acceptance"), "acceptance: %q is neither use nor explicit", h.Acceptance)
	}
	if !slices.Contains([]string{"", "purchase", "better"}, h.Later) {
		l.fault(file, s.headLine("later_version"), "later_version: %q is neither purchase nor better", h.Later)
	}
	d.AcceptedByUse, d.BetterLater = h.Acceptance == "use", h.Later == "better"
	for _, item := range h.Settings {
		one, err := parseSetting(fmt.Sprint(item.Key), item.Value)
		if err != nil {
			l.fault(file, s.headLine(fmt.Sprint(item.Key)), "setting %v: %v", item.Key, err)
		}
		if err == nil && slices.Contains(promisedTimes, one.Name) && one.Span == nil {
			l.fault(file, s.headLine(one.Name), "setting %s: a length of time, like \"5 business days\"", one.Name)
		}
		d.Settings = append(d.Settings, one)
	}
	for i := range d.Settings {
		d.values["settings."+d.Settings[i].Name] = d.Settings[i].Value()
	}
	return len(l.faults) == before
}
