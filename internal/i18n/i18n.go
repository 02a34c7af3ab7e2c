package i18n

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"
	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"safelight/internal/fault"
	"safelight/internal/money"
)

//go:embed messages/*.yaml
var messages embed.FS

// Lang is a language code: one of [Languages].
type Lang string

// The languages.
const (
	English Lang = "en"
	Spanish Lang = "es"
	Russian Lang = "ru"
)

// Languages are all languages, the default first.
var Languages = []Lang{English, Spanish, Russian}

// Name is the language's own name.
func (l Lang) Name() string {
	return map[Lang]string{English: "English", Spanish: "Español", Russian: "Русский"}[l]
}

// Args are a message's parameters by name.
type Args map[string]any

// A Printer writes in one language. It is safe for concurrent use.
type Printer struct {
	Lang      Lang
	localizer *i18n.Localizer
	numbers   *message.Printer
	amounts   *currency.Formatter
}

var (
	bundle   = load(asWritten)
	printers = newPrinters()
)

func newPrinters() map[Lang]*Printer {
	m := map[Lang]*Printer{}
	for _, l := range Languages {
		m[l] = newPrinter(l)
	}
	return m
}

// load reads all messages, each as say says it in its language.
func load(say func(l Lang, key, text string) string) *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("yaml", func(data []byte, v any) error { return yaml.Unmarshal(data, v) })
	files, err := fs.Glob(messages, "messages/*.yaml")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		if err := add(b, f, say); err != nil {
			panic("i18n: " + f + ": " + err.Error()) // embedded: found by any test
		}
	}
	return b
}

// add reads the file messages/SLICE.LANG.yaml.
func add(b *i18n.Bundle, file string, say func(l Lang, key, text string) string) error {
	data, err := messages.ReadFile(file)
	if err != nil {
		return err
	}
	f, err := b.ParseMessageFileBytes(data, file)
	if err != nil {
		return err
	}
	for _, m := range f.Messages {
		for _, text := range []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many, &m.Other} {
			*text = say(Lang(f.Tag.String()), m.ID, *text)
		}
	}
	return b.AddMessages(f.Tag, f.Messages...)
}

func newPrinter(l Lang) *Printer {
	locale := map[Lang]string{English: "en-US", Spanish: "es-MX", Russian: "ru-RU"}[l]
	amounts := currency.NewFormatter(currency.NewLocale(locale))
	if l == Spanish { // in Mexico a bare $ is a peso
		amounts.SymbolMap = map[string]string{"USD": "USD\u00a0"}
	}
	return &Printer{Lang: l, localizer: i18n.NewLocalizer(bundle, string(l)),
		numbers: message.NewPrinter(language.MustParse(locale)), amounts: amounts}
}

// For returns the printer for a language; an unknown one gets English.
func For(l Lang) *Printer {
	if p, ok := printers[l]; ok {
		return p
	}
	return printers[English]
}

// Match picks the best of offered for an Accept-Language header; the first
// offered where none fits. Offered must not be empty.
func Match(header string, offered []Lang) Lang {
	tags := make([]language.Tag, len(offered))
	for i, l := range offered {
		tags[i] = language.MustParse(string(l))
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 {
		return offered[0]
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return offered[0]
	}
	return offered[i]
}

// Known reports whether s is one of [Languages].
func Known(s string) bool { return slices.Contains(Languages, Lang(s)) }

// T writes the message with this key. A key that does not exist is written as
// itself in brackets.
func (p *Printer) T(key string, args ...Args) string {
	return p.localize(key, nil, args)
}

// N writes a message in the plural form for n, which it can show as {{.n}}.
func (p *Printer) N(key string, n int, args ...Args) string {
	return p.localize(key, n, append(args, Args{"n": p.Number(int64(n))}))
}

func (p *Printer) localize(key string, count any, args []Args) string {
	data := map[string]any{}
	for _, a := range args {
		for k, v := range a {
			data[k] = v
		}
	}
	s, err := p.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil && s == "" {
		return "[" + key + "]"
	}
	return s
}

// Has reports whether the key is a message in this very language.
func (p *Printer) Has(key string) bool {
	_, tag, err := p.localizer.LocalizeWithTag(&i18n.LocalizeConfig{MessageID: key, PluralCount: 1})
	var missing *i18n.MessageNotFoundErr
	return !errors.As(err, &missing) && tag.String() == string(p.Lang)
}

// Error writes what a person may know of an error.
func (p *Printer) Error(err error) string {
	e := fault.Of(err)
	if !p.Has(e.Code) {
		return e.Sentence
	}
	return p.T(e.Code, Args(e.Args))
}

// Number writes an integer with the language's grouping.
func (p *Printer) Number(n int64) string {
	if n >= 0 && n < 1000 { // quickly where there is nothing to group
		return strconv.Itoa(int(n))
	}
	return p.numbers.Sprintf("%d", n)
}

// Decimal writes a number with so many decimals.
func (p *Printer) Decimal(f float64, digits int) string { return p.numbers.Sprintf("%.*f", digits, f) }

// Money writes an amount with its currency's symbol.
func (p *Printer) Money(a money.Amount) string { return p.Price(a.Decimal(), a.Currency) }

// Price writes a number of up to six decimals, such as "4.125", as money.
func (p *Printer) Price(number string, c money.Currency) string {
	amount, err := currency.NewAmount(number, string(c))
	if err != nil {
		return strings.TrimSpace(number + " " + string(c))
	}
	return p.amounts.Format(amount)
}

// Bytes writes a size of a file in the largest fitting unit.
func (p *Printer) Bytes(n int64) string {
	switch {
	case n >= 1_000_000 && n%1_000_000 == 0:
		return p.T("i18n.megabytes", Args{"n": p.Number(n / 1_000_000)})
	case n >= 1_000_000:
		return p.T("i18n.megabytes", Args{"n": p.Decimal(float64(n)/1e6, 1)})
	case n >= 1000:
		return p.T("i18n.kilobytes", Args{"n": p.Number(n / 1000)})
	}
	return p.T("i18n.bytes", Args{"n": p.Number(n)})
}

// Date writes a day in UTC: "22 November 2026".
func (p *Printer) Date(t time.Time) string {
	t = t.UTC()
	months := strings.Fields(p.T("i18n.months"))
	return p.T("i18n.date", Args{"day": t.Day(), "month": months[t.Month()-1], "year": t.Year()})
}

// DateTime writes a moment in UTC to the minute, with the zone named.
func (p *Printer) DateTime(t time.Time) string {
	return p.T("i18n.date_time", Args{"date": p.Date(t), "time": t.UTC().Format("15:04")})
}
