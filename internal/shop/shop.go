package shop

import (
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"safelight/internal/i18n"
	"safelight/internal/money"
)

// A Shop is what shop.yaml says.
type Shop struct {
	Dir        string              `yaml:"-"`
	Name       string              `yaml:"name"`       // the preset's name: "opendream"
	Title      string              `yaml:"title"`      // as people read it
	Mode       Mode                `yaml:"mode"`       // sandbox until the operator goes live
	Languages  []i18n.Lang         `yaml:"languages"`  // offered, the default first
	Currencies []money.Currency    `yaml:"currencies"` // offered, the default first
	Contact    Contact             `yaml:"contact"`
	Legal      Legal               `yaml:"legal"`
	Look       Look                `yaml:"look"`
	Consent    map[i18n.Lang]Terms `yaml:"consent"`
	Lab        Lab                 `yaml:"lab"`
}

// Mode says whether money is real.
type Mode string

// The modes.
const (
	Sandbox Mode = "sandbox"
	Live    Mode = "live"
)

// Contact holds the addresses that the policies promise.
type Contact struct {
	Billing string `yaml:"billing"`
	Privacy string `yaml:"privacy"`
	Support string `yaml:"support"`
}

// Legal says who sells and from where.
type Legal struct {
	Operator string `yaml:"operator"`
	Address  string `yaml:"address"`
	Country  string `yaml:"country"` // ISO 3166-1 alpha-2
}

// Look is what distinguishes the shop within the design.
type Look struct {
	Accent string `yaml:"accent"` // "#rrggbb"
}

// Terms are what a person declares at sign-up, in one language.
type Terms struct {
	Adult       string `yaml:"adult"`
	CrossBorder string `yaml:"cross_border"`
}

// Lab bounds what is taken in and made, and how long it is kept.
type Lab struct {
	MaxBytes        int64    `yaml:"max_bytes"`
	MaxPixels       int64    `yaml:"max_pixels"`
	MaxSide         int      `yaml:"max_side"`
	MaxFrames       int      `yaml:"max_frames"`
	MaxOutputPixels int64    `yaml:"max_output_pixels"`
	MaxStoredBytes  int64    `yaml:"max_stored_bytes"` // of one account's pictures, for new uploads
	KeepOriginals   Duration `yaml:"keep_originals"`
	KeepResults     Duration `yaml:"keep_results"`
	FreeCredits     int64    `yaml:"free_credits"`      // granted once to each verified person
	FreeCreditsLast Duration `yaml:"free_credits_last"` // 0: they do not expire
}

// A Duration is written like "72h" or "7d".
type Duration time.Duration

// UnmarshalYAML reads days as well as Go's units.
func (d *Duration) UnmarshalYAML(data []byte) error {
	var text string
	if err := yaml.Unmarshal(data, &text); err != nil {
		return err
	}
	var days int
	if n, err := fmt.Sscanf(text, "%dd", &days); n == 1 && err == nil && text == fmt.Sprintf("%dd", days) {
		*d = Duration(time.Duration(days) * 24 * time.Hour)
		return nil
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is not a duration like 36h or 7d", text)
	}
	*d = Duration(v)
	return nil
}

// Load reads and checks DIR/shop.yaml.
func Load(dir string) (*Shop, error) {
	file := filepath.Join(dir, "shop.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("shop: %w", err)
	}
	s := Shop{Dir: dir}
	if err := yaml.UnmarshalWithOptions(data, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("shop: %s: %w", file, err)
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("shop: %s: %w", file, err)
	}
	return &s, nil
}

// Speaks reports whether the shop offers the language.
func (s *Shop) Speaks(l i18n.Lang) bool { return slices.Contains(s.Languages, l) }

var (
	accent = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	name   = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)
)

// Validate names every field that is wrong.
func (s *Shop) Validate() error {
	var errs []error
	wrong := func(bad bool, field, why string) {
		if bad {
			errs = append(errs, fmt.Errorf("%s: %s", field, why))
		}
	}
	wrong(!name.MatchString(s.Name), "name", "lower-case letters, digits and dashes")
	wrong(s.Title == "", "title", "is missing")
	wrong(s.Mode != Sandbox && s.Mode != Live, "mode", "sandbox or live")
	wrong(len(s.Languages) == 0, "languages", "at least one")
	for _, l := range s.Languages {
		wrong(!slices.Contains(i18n.Languages, l), "languages", fmt.Sprintf("%q is not one of %v", l, i18n.Languages))
		wrong(s.Consent[l].Adult == "" || s.Consent[l].CrossBorder == "", "consent."+string(l), "adult and cross_border are needed in every language")
	}
	wrong(len(s.Currencies) == 0, "currencies", "at least one")
	for _, c := range s.Currencies {
		wrong(!c.Valid(), "currencies", fmt.Sprintf("%q is not an ISO 4217 code", c))
	}
	for field, address := range map[string]string{"billing": s.Contact.Billing, "privacy": s.Contact.Privacy, "support": s.Contact.Support} {
		_, err := mail.ParseAddress(address)
		wrong(err != nil, "contact."+field, "an e-mail address")
	}
	wrong(s.Legal.Operator == "" || len(s.Legal.Country) != 2, "legal", "operator and a two-letter country")
	wrong(!accent.MatchString(s.Look.Accent), "look.accent", "a colour like #d8442f")
	return errors.Join(append(errs, s.Lab.validate()...)...)
}

func (l Lab) validate() (errs []error) {
	for field, v := range map[string]int64{"max_bytes": l.MaxBytes, "max_pixels": l.MaxPixels, "max_side": int64(l.MaxSide),
		"max_frames": int64(l.MaxFrames), "max_output_pixels": l.MaxOutputPixels, "max_stored_bytes": l.MaxStoredBytes, "keep_originals": int64(l.KeepOriginals), "keep_results": int64(l.KeepResults)} {
		if v <= 0 {
			errs = append(errs, fmt.Errorf("lab.%s: more than zero", field))
		}
	}
	if l.FreeCredits < 0 || l.FreeCreditsLast < 0 {
		errs = append(errs, errors.New("lab.free_credits: zero or more"))
	}
	return errs
}
