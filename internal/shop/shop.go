package shop

import (
	"errors"
	"fmt"
	"maps"
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
	Unit       string              `yaml:"unit"`       // what its credits are called: one of [i18n.Units]
	Contact    Contact             `yaml:"contact"`
	Legal      Legal               `yaml:"legal"`
	Holidays   []Day               `yaml:"holidays"` // on which nobody works, besides Saturdays and Sundays
	Look       Look                `yaml:"look"`
	Front      map[i18n.Lang]Front `yaml:"front"` // what the front page says
	Hero       *Hero               `yaml:"hero"`  // its picture; none: the product's own
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

// Legal says who sells and from where. Only the operator and the country are
// needed everywhere; a law may ask for the rest.
type Legal struct {
	Operator     string `yaml:"operator"`
	Address      string `yaml:"address"`       // where letters arrive
	Country      string `yaml:"country"`       // ISO 3166-1 alpha-2
	Registration string `yaml:"registration"`  // the number and its register, as people read them
	TaxID        string `yaml:"tax_id"`        // as people read it
	LegalAddress string `yaml:"legal_address"` // where the operator is registered
}

// Seller says who sells, with its numbers and its address, a line each.
func (l Legal) Seller() []string {
	address := l.LegalAddress
	if address == "" {
		address = l.Address
	}
	return slices.DeleteFunc([]string{l.Operator, l.Registration, l.TaxID, address}, func(line string) bool { return line == "" })
}

// Facts are what the shop's texts may name, by their placeholder. What
// shop.yaml does not say is absent.
func (s *Shop) Facts() map[string]string {
	all := map[string]string{"billing_contact": s.Contact.Billing, "privacy_contact": s.Contact.Privacy, "support_contact": s.Contact.Support,
		"operator": s.Legal.Operator, "address": s.Legal.Address, "registration": s.Legal.Registration, "tax_id": s.Legal.TaxID,
		"legal_address": s.Legal.LegalAddress}
	maps.DeleteFunc(all, func(_, v string) bool { return v == "" })
	return all
}

// Front is what the front page says in one language: what the shop is for, and
// the promises that matter most, each with the clause of the refund policy
// that carries it.
type Front struct {
	Title    string    `yaml:"title"`
	Lede     string    `yaml:"lede"`
	Returned []Promise `yaml:"returned"` // what a customer gets back
	Kept     []Promise `yaml:"kept"`     // what not
}

// A Promise is one sentence and the clause behind it.
type Promise struct {
	Clause string `yaml:"clause"`
	Text   string `yaml:"text"`
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
	s := Shop{Dir: dir, Unit: "credit", Look: plain}
	if err := yaml.UnmarshalWithOptions(data, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("shop: %s: %w", file, err)
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("shop: %s: %w", file, err)
	}
	if s.Hero != nil {
		if err := s.Hero.load(&s); err != nil {
			return nil, fmt.Errorf("shop: %s: %w", file, err)
		}
	}
	if s.Look.Mark, err = readMark(filepath.Join(dir, "mark.svg")); err != nil {
		return nil, fmt.Errorf("shop: %w", err)
	}
	return &s, nil
}

// Speaks reports whether the shop offers the language.
func (s *Shop) Speaks(l i18n.Lang) bool { return slices.Contains(s.Languages, l) }

var (
	name    = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)
	country = regexp.MustCompile(`^[A-Z]{2}$`)
	clause  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*[a-z]?(-[a-z]+)?$`)
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
	wrong(!slices.Contains(i18n.Units(), s.Unit), "unit", fmt.Sprintf("one of %v", i18n.Units()))
	wrong(len(s.Currencies) == 0, "currencies", "at least one")
	for _, c := range s.Currencies {
		wrong(!c.Valid(), "currencies", fmt.Sprintf("%q is not an ISO 4217 code", c))
	}
	for field, address := range map[string]string{"billing": s.Contact.Billing, "privacy": s.Contact.Privacy, "support": s.Contact.Support} {
		_, err := mail.ParseAddress(address)
		wrong(err != nil, "contact."+field, "an e-mail address")
	}
	wrong(s.Legal.Operator == "", "legal.operator", "is missing")
	wrong(!country.MatchString(s.Legal.Country), "legal.country", "two capital letters, such as MX")
	wrong(!inOrder(s.Holidays), "holidays", "in their order, each once")
	errs = append(errs, s.Look.validate()...)
	for l, f := range s.Front {
		wrong(!s.Speaks(l), "front."+string(l), "the shop does not offer this language")
		errs = append(errs, f.validate("front."+string(l))...)
	}
	wrong(len(s.Front) > 0 && len(s.Front) < len(s.Languages), "front", "is needed in every language, or in none")
	return errors.Join(append(errs, s.Lab.validate()...)...)
}

func (f Front) validate(field string) (errs []error) {
	if f.Title == "" || f.Lede == "" {
		errs = append(errs, fmt.Errorf("%s: title and lede are needed", field))
	}
	for _, p := range slices.Concat(f.Returned, f.Kept) {
		if p.Text == "" || !clause.MatchString(p.Clause) {
			errs = append(errs, fmt.Errorf("%s: a promise is a text and a clause such as 3.1", field))
		}
	}
	return errs
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
